//! One pass of a sync: from its extracts to planned runs with their jobs in the ledger.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ledger::{Document, Plan, RunId, Sync, key};
use platform::Location;

use crate::claim::{Claims, known_plan};
use crate::extract::{self as extracts, Extract, Found, Planned};
use crate::planning::{self, new_plan};
use crate::{Context, ScheduleError, unread};

/// How many objects of the ledger are written at once.
const WRITES_AT_ONCE: usize = 32;

/// How many runs are looked at at once.
const RUNS_AT_ONCE: usize = 16;

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
/// and the next pass takes up where this one stopped. What is wrong with a manifest is an error once nothing else is left to do.
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
    let Found { extracts, faults } = extracts::find(&context.stores, locations, sync.source.complete).await?;
    let runs = plan(context, sync, unread::leave_out(extracts, sync)?).await?;
    // Said last, so that it keeps nothing else waiting, and in every pass until it is mended.
    if let (Some(fault), true) = (faults.into_iter().next(), runs.iter().all(|run| run.finished)) {
        return Err(fault);
    }
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
        let mut plans = claims.into_plans();
        let is_proven = plans.values().any(|(plan, _)| proves(plan, sync));
        let known = taken.into_iter().map(|(id, held)| (id, plans.remove(&id), held));
        let mut started = stream::iter(known)
            .map(|(id, known, held)| start(context, sync, id, known, held, is_proven))
            .buffered(RUNS_AT_ONCE);
        while let Some((run, left_out)) = started.try_next().await? {
            extracts.extend(left_out);
            runs.insert(run.plan.run, run);
        }
        drop(started);
        if extracts.is_empty() {
            return Ok(runs.into_values().collect());
        }
    }
    Err(ScheduleError::Contended {
        sync: sync.name.to_string(),
    })
}

/// Whether a run shows that the sync document fits the extracts that it is about.
fn proves(plan: &Plan, sync: &Sync) -> bool {
    plan.sync.source == sync.source && plan.objects.iter().any(planning::is_proof)
}

/// Makes sure that the run has a plan. Returns it with the extracts that it was planned without.
async fn start(
    context: &Context,
    sync: &Sync,
    run: RunId,
    known: Option<(Plan, Planned)>,
    held: Vec<Extract>,
    is_proven: bool,
) -> Result<(Run, Vec<Extract>), ScheduleError> {
    let ledger = &*context.ledger;
    let (plan, planned) = if let Some(known) = known {
        known
    } else {
        let plan = match known_plan(ledger, &sync.name, run).await? {
            Some(plan) => plan,
            None => new_plan(context, sync, run, &held, is_proven).await?,
        };
        let planned = Planned::of(&plan);
        (plan, planned)
    };
    let left_out = held.into_iter().filter(|extract| !planned.has(extract)).collect();
    let finished = ledger.head(&key::report_json(&sync.name, &run)).await?.is_some();
    Ok((Run { plan, finished }, left_out))
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
