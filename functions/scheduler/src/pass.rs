//! One pass of a sync: from its extracts to planned runs with their jobs in the ledger.

use std::collections::HashSet;
use std::pin::pin;

use bytes::Bytes;
use futures::{TryStreamExt, stream};
use ledger::{Document, JobId, Plan, Sync, key};
use platform::{Location, pages};

use crate::claim::Claims;
use crate::extract::{self as extracts, Found};
use crate::start::{start, start_all};
use crate::{Context, ScheduleError, batches, unread};

/// How many objects of the ledger are written at once.
const WRITES_AT_ONCE: usize = 32;

/// Who hands a run's jobs to the senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FanOut {
    /// The job objects: the store tells the senders' queues of each one that is written.
    #[default]
    Queue,
    /// Whoever asked for the pass, from the plan's batches. No job object is written.
    Caller,
}

/// A run that a pass found or began. Its plan is in the ledger, and, unless the caller fans out, its jobs.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it is to do.
    pub plan: Plan,
    /// Whether its report is there: nothing is left to do.
    pub finished: bool,
    /// The key of its jobs in batches, if the caller fans out and there is something left to do.
    pub batches: Option<String>,
}

/// Plans what there is to do for `sync` at `locations` and puts the jobs into the ledger.
///
/// Returns the runs that hold the extracts, oldest first: a new one for what nobody had taken, and the ones that had
/// taken the rest, finished or not. A pass over the same extracts returns the same runs and writes nothing new. Of many objects that each had a
/// run alone, finished runs are left out.
///
/// # Errors
/// When an extract is missing or cannot be planned, or the ledger cannot be read or written. Nothing has been sent then,
/// and the next pass takes up where this one stopped. What is wrong with a manifest, or with all objects of a run, is an error once nothing
/// else is left to do.
#[tracing::instrument(skip_all, fields(sync = %sync.name))]
pub async fn pass(
    context: &Context,
    sync: &Sync,
    locations: &[Location],
    fan_out: FanOut,
) -> Result<Vec<Run>, ScheduleError> {
    check_enabled(sync)?;
    let Found { extracts, faults } = extracts::find(&context.stores, locations, sync.source.complete).await?;
    let (mut runs, unplanned) = start_all(context, sync, unread::leave_out(extracts, sync)?).await?;
    // Said last, so that it keeps nothing else waiting, and in every pass until it is mended.
    let fault = unplanned.or_else(|| faults.into_iter().next());
    if let (Some(fault), true) = (fault, runs.iter().all(|run| run.finished)) {
        return Err(fault);
    }
    for run in runs.iter_mut().filter(|run| !run.finished) {
        match fan_out {
            FanOut::Queue => write_jobs(context, &run.plan).await?,
            FanOut::Caller => run.batches = Some(batches::write(&*context.ledger, &run.plan).await?),
        }
    }
    Ok(runs)
}

/// Plans the extract that is complete now that an object was written, and puts its jobs into the ledger. Nothing else is looked at: what is
/// told of twice, or too early, or not at all, is left to the next whole pass.
///
/// Returns the run that has the extract, which is the same one when the store tells of the object again; `None` if none is complete by it, or
/// others have it.
///
/// # Errors
/// As [`pass`].
#[tracing::instrument(name = "pass", skip_all, fields(sync = %sync.name))]
pub(crate) async fn pass_of(
    context: &Context,
    sync: &Sync,
    store: &str,
    object: &str,
) -> Result<Option<Run>, ScheduleError> {
    check_enabled(sync)?;
    let (_, named) = Location::parse(&sync.source.extract)?.split();
    let found = extracts::completed_by(&context.stores, store, object, &named, sync.source.complete).await?;
    let Some(extract) = unread::leave_out(found.into_iter().collect(), sync)?.pop() else {
        return Ok(None);
    };
    let mut claims = Claims::new(&*context.ledger, sync, context.destination.as_deref());
    let Some((id, held)) = claims.take_alone(extract).await? else {
        return Ok(None);
    };
    let known = claims.into_plans().remove(&id);
    let (run, _) = start(context, sync, id, known, &[held], false).await?;
    if !run.finished {
        write_jobs(context, &run.plan).await?;
    }
    Ok(Some(run))
}

fn check_enabled(sync: &Sync) -> Result<(), ScheduleError> {
    if sync.actions().is_empty() {
        return Err(ScheduleError::NothingEnabled {
            sync: sync.name.to_string(),
        });
    }
    Ok(())
}

/// Writes the jobs that are not there yet. A look at those that are there takes a thousandth of the requests.
pub(crate) async fn write_jobs(context: &Context, plan: &Plan) -> Result<(), ScheduleError> {
    let written = written_jobs(context, plan).await?;
    let missing = plan.job_ids().filter(|id| !written.contains(id));
    stream::iter(missing.filter_map(|id| plan.job(id)).map(Ok::<_, ScheduleError>))
        .try_for_each_concurrent(WRITES_AT_ONCE, |job| async move {
            let key = key::job(&job.sync, &job.run, job.id);
            context.ledger.create(&key, Bytes::from(job.to_json()?)).await?;
            Ok(())
        })
        .await
}

async fn written_jobs(context: &Context, plan: &Plan) -> Result<HashSet<JobId>, ScheduleError> {
    let mut written = HashSet::new();
    for action in plan.actions() {
        let prefix = key::run_job_prefix(action, &plan.sync.name, &plan.run);
        let mut pages = pin!(pages(&*context.ledger, &prefix));
        while let Some(page) = pages.try_next().await? {
            // What else lies there is nobody's job.
            written.extend(
                page.iter()
                    .filter_map(|object| key::parse_job(&object.key).ok())
                    .map(|key| key.job),
            );
        }
    }
    Ok(written)
}
