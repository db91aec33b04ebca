//! Batches of a run's jobs, for callers that hand jobs out themselves: an object that a Distributed Map of Step Functions reads, one
//! item a batch.

use bytes::Bytes;
use ledger::{LedgerError, Plan, PlannedObject, key};
use platform::Objects;
use serde::Serialize;

use crate::ScheduleError;

/// Most jobs in one batch: of small objects each takes about a second of reading and writing, whatever it holds.
const MAX_JOBS: usize = 20;

/// A batch of small jobs has as many bytes at least, however small the run's chunks are: some thousand rows.
const MIN_BATCH_BYTES: u64 = 256 << 10;

/// Jobs that one sender carries out in one invocation, about one chunk's worth: what a sender has time for.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Batch {
    action: &'static str,
    jobs: Vec<String>,
}

/// Writes the batches of a run, once, and returns their key.
///
/// # Errors
/// When the ledger cannot be written.
pub(crate) async fn write(ledger: &dyn Objects, plan: &Plan) -> Result<String, ScheduleError> {
    let key = key::batches(&plan.sync.name, &plan.run);
    let json = serde_json::to_vec(&batches(plan)).map_err(|source| LedgerError::Unwritable {
        kind: "list of batches",
        source,
    })?;
    ledger.create(&key, Bytes::from(json)).await?;
    Ok(key)
}

/// Returns the jobs of a plan in batches of one action each, every job in one of them.
fn batches(plan: &Plan) -> Vec<Batch> {
    let largest = plan.objects.iter().map(bytes_of_a_chunk).max();
    let most = largest.unwrap_or_default().max(MIN_BATCH_BYTES);
    let mut full = Vec::new();
    let mut open: Vec<(Batch, u64)> = Vec::new();
    for job in plan.job_ids() {
        let Some(object) = plan.objects.get(job.object() as usize) else {
            continue;
        };
        let bytes = bytes_of_a_chunk(object);
        let (key, action) = (key::job(&plan.sync.name, &plan.run, job), job.action().as_str());
        let place = open.iter().position(|(batch, _)| batch.action == action);
        let place = place.unwrap_or_else(|| {
            open.push((Batch::new(action), 0));
            open.len() - 1
        });
        let (batch, filled) = &mut open[place];
        if !batch.jobs.is_empty() && (*filled + bytes > most || batch.jobs.len() == MAX_JOBS) {
            full.push(std::mem::replace(batch, Batch::new(action)));
            *filled = 0;
        }
        batch.jobs.push(key);
        *filled += bytes;
    }
    full.extend(open.into_iter().map(|(batch, _)| batch));
    full
}

/// Returns about how many bytes each chunk of an object has. A Parquet chunk is a range of rows, so that its own are not known.
fn bytes_of_a_chunk(object: &PlannedObject) -> u64 {
    object.size / object.chunks.len().max(1) as u64
}

impl Batch {
    fn new(action: &'static str) -> Self {
        let jobs = Vec::new();
        Self { action, jobs }
    }
}
