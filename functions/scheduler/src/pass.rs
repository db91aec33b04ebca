//! One pass of a sync: from its extracts to planned runs with their jobs in the ledger.

use std::collections::BTreeMap;

use bytes::Bytes;
use extract::Format;
use futures::{TryStreamExt, stream};
use jiff::Timestamp;
use ledger::{Document, FormatVersion, Plan, RunId, Sync, key};
use platform::{Created, Location};

use crate::claim::{Claims, known_plan};
use crate::extract::{self as extracts, Extract, Planned};
use crate::{Context, ScheduleError, object, unread};

/// How many objects of the ledger are written at once.
const WRITES_AT_ONCE: usize = 16;

/// Who hands a run's jobs to the senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FanOut {
    /// The job objects: the store tells the senders' queues of each one that is written.
    #[default]
    Queue,
    /// Whoever asked for the pass, from the plan. No job object is written.
    Caller,
}

/// How often extracts that another scheduler's plan left out are shared out again.
const MAX_ROUNDS: usize = 8;

/// A run that a pass found or began. Its plan is in the ledger, and, unless the caller fans out, its jobs.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it is to do.
    pub plan: Plan,
    /// Whether its report is there: nothing is left to do.
    pub finished: bool,
}

/// Plans what there is to do for `sync` at `locations` and puts the jobs into the ledger.
///
/// Returns the runs that hold the extracts, oldest first: a new one for what nobody had taken, and the ones that had
/// taken the rest, finished or not. A pass over the same extracts returns the same runs and writes nothing new.
///
/// # Errors
/// When an extract is missing or cannot be planned, or the ledger cannot be read or written. Nothing has been sent then,
/// and the next pass takes up where this one stopped.
pub async fn pass(
    context: &Context,
    sync: &Sync,
    locations: &[Location],
    fan_out: FanOut,
) -> Result<Vec<Run>, ScheduleError> {
    if sync.actions().is_empty() {
        return Err(ScheduleError::NothingEnabled {
            sync: sync.name.to_string(),
        });
    }
    let extracts = extracts::find(&context.stores, locations, sync.source.complete).await?;
    let runs = plan(context, sync, unread::leave_out(extracts, sync)?).await?;
    if fan_out == FanOut::Queue {
        for run in runs.iter().filter(|run| !run.finished) {
            write_jobs(context, &run.plan).await?;
        }
    }
    Ok(runs)
}

/// Returns the planned runs that hold the extracts, oldest first.
///
/// Extracts that were claimed for a run which another scheduler planned without them are shared out once more.
async fn plan(context: &Context, sync: &Sync, mut extracts: Vec<Extract>) -> Result<Vec<Run>, ScheduleError> {
    let mut runs: BTreeMap<RunId, Run> = BTreeMap::new();
    for _ in 0..MAX_ROUNDS {
        let mut claims = Claims::new(&*context.ledger, sync, context.destination.as_deref());
        // A run that was planned in an earlier round takes no more.
        let fresh = RunId::new(Timestamp::now(), std::array::from_fn(|_| fastrand::u8(..)));
        let taken = claims.take(std::mem::take(&mut extracts), fresh).await?;
        for (id, held) in taken {
            let run = start(context, sync, id, held.clone()).await?;
            let planned = Planned::of(&run.plan);
            extracts.extend(held.into_iter().filter(|extract| !planned.has(extract)));
            runs.insert(id, run);
        }
        if extracts.is_empty() {
            return Ok(runs.into_values().collect());
        }
    }
    Err(ScheduleError::Contended {
        sync: sync.name.to_string(),
    })
}

/// Makes sure that the run has a plan.
async fn start(context: &Context, sync: &Sync, run: RunId, extracts: Vec<Extract>) -> Result<Run, ScheduleError> {
    let plan = match known_plan(&*context.ledger, &sync.name, run).await? {
        Some(plan) => plan,
        None => new_plan(context, sync, run, extracts).await?,
    };
    let finished = context
        .ledger
        .head(&key::report_json(&sync.name, &run))
        .await?
        .is_some();
    Ok(Run { plan, finished })
}

async fn new_plan(context: &Context, sync: &Sync, run: RunId, extracts: Vec<Extract>) -> Result<Plan, ScheduleError> {
    let mut objects = Vec::new();
    for pin in extracts.into_iter().flat_map(|extract| extract.objects) {
        if !unread::is_read(&pin, sync) {
            let layout = sync.source.layout(sync.source.chosen_format().unwrap_or(Format::Csv));
            objects.push(object::planned(pin, layout, Vec::new(), None));
            continue;
        }
        let store = context.stores.open(&pin.store)?;
        objects.push(object::plan(&*store, pin, sync, context.splitting).await?);
    }
    let plan = Plan {
        version: FormatVersion,
        run,
        created_at: Timestamp::now(),
        sync: sync.clone(),
        objects,
    };
    unread::warn_of_types(&plan);
    let key = key::plan(&sync.name, &run);
    match context.ledger.create(&key, Bytes::from(plan.to_json()?)).await? {
        Created::New => Ok(plan),
        // Another scheduler planned this run meanwhile; its plan is the one that counts.
        Created::Exists => Ok(known_plan(&*context.ledger, &sync.name, run).await?.unwrap_or(plan)),
    }
}

async fn write_jobs(context: &Context, plan: &Plan) -> Result<(), ScheduleError> {
    stream::iter(plan.jobs().map(Ok::<_, ScheduleError>))
        .try_for_each_concurrent(WRITES_AT_ONCE, |job| async move {
            let key = key::job(&job.sync, &job.run, job.id);
            context.ledger.create(&key, Bytes::from(job.to_json()?)).await?;
            Ok(())
        })
        .await
}
