//! Runs that hold extracts, each given its plan.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use ledger::{Plan, RunId, Sync, key};
use platform::clock;

use crate::claim::{Claims, known_plan};
use crate::extract::{Extract, Planned};
use crate::planning::{self, new_plan};
use crate::{Context, Run, ScheduleError};

/// How many runs are looked at at once.
const RUNS_AT_ONCE: usize = 16;

/// How often extracts that another scheduler's plan left out are shared out again.
const MAX_ROUNDS: usize = 8;

/// Returns the planned runs that hold the extracts, oldest first; and why another has no plan, if none of its objects can be read.
///
/// Extracts that were claimed for a run which another scheduler planned without them are shared out once more.
pub(crate) async fn start_all(
    context: &Context,
    sync: &Sync,
    mut extracts: Vec<Extract>,
) -> Result<(Vec<Run>, Option<ScheduleError>), ScheduleError> {
    let mut runs: BTreeMap<RunId, Run> = BTreeMap::new();
    let mut unplanned = None;
    for _ in 0..MAX_ROUNDS {
        let mut claims = Claims::new(&*context.ledger, sync, context.destination.as_deref());
        // A run that was planned in an earlier round takes no more.
        let fresh = RunId::new(clock::now(), std::array::from_fn(|_| fastrand::u8(..)));
        let taken = claims.take(std::mem::take(&mut extracts), fresh).await?;
        let mut plans = claims.into_plans();
        let is_proven = plans.values().any(|(plan, _)| proves(plan, sync));
        let held = taken
            .into_iter()
            .map(|(id, held)| (id, plans.remove(&id), held))
            .collect();
        let (mut started, unread) = start_held(context, sync, held, is_proven).await?;
        if let Some((error, held)) = unread {
            // Another run may have shown meanwhile that the mistake is not the document's.
            if started.iter().any(|(run, _)| proves(&run.plan, sync)) {
                started.extend(start_held(context, sync, held, true).await?.0);
            } else {
                unplanned.get_or_insert(error);
            }
        }
        for (run, left_out) in started {
            extracts.extend(left_out);
            runs.insert(run.plan.run, run);
        }
        if extracts.is_empty() {
            return Ok((runs.into_values().collect(), unplanned));
        }
    }
    Err(ScheduleError::Contended {
        sync: sync.name.to_string(),
    })
}

/// A run and what it holds, with its plan, if that was read already.
type Held = (RunId, Option<(Plan, Planned)>, Vec<Extract>);

/// The runs that have a plan now, each with the extracts that it was planned without; and those without one because none of their objects can
/// be read, with the first one's reason.
type Started = (Vec<(Run, Vec<Extract>)>, Option<(ScheduleError, Vec<Held>)>);

/// Starts several runs. One whose objects cannot be read keeps no other waiting.
async fn start_held(
    context: &Context,
    sync: &Sync,
    held: Vec<Held>,
    is_proven: bool,
) -> Result<Started, ScheduleError> {
    let mut starts = stream::iter(held)
        .map(|(id, known, held)| async move {
            let started = start(context, sync, id, known, &held, is_proven).await;
            started.map_err(|error| (error, (id, None, held)))
        })
        .buffered(RUNS_AT_ONCE);
    let (mut started, mut unread) = (Vec::new(), None::<(ScheduleError, Vec<Held>)>);
    while let Some(run) = starts.next().await {
        match run {
            Ok(run) => started.push(run),
            Err((error, held)) if error.fault().is_some() => {
                unread.get_or_insert_with(|| (error, Vec::new())).1.push(held);
            }
            Err((error, _)) => return Err(error),
        }
    }
    Ok((started, unread))
}

/// Whether a run shows that the sync document fits the extracts that it is about.
fn proves(plan: &Plan, sync: &Sync) -> bool {
    plan.sync.source == sync.source && plan.objects.iter().any(planning::is_proof)
}

/// Makes sure that the run has a plan. Returns it with the extracts that it was planned without.
pub(crate) async fn start(
    context: &Context,
    sync: &Sync,
    run: RunId,
    known: Option<(Plan, Planned)>,
    held: &[Extract],
    is_proven: bool,
) -> Result<(Run, Vec<Extract>), ScheduleError> {
    let ledger = &*context.ledger;
    let (plan, planned) = if let Some(known) = known {
        known
    } else {
        let plan = match known_plan(ledger, &sync.name, run).await? {
            Some(plan) => plan,
            None => new_plan(context, sync, run, held, is_proven).await?,
        };
        let planned = Planned::of(&plan);
        (plan, planned)
    };
    let left_out = held.iter().filter_map(|extract| planned.rest_of(extract)).collect();
    let finished = ledger.head(&key::report_json(&sync.name, &run)).await?.is_some();
    let run = Run {
        plan,
        finished,
        batches: None,
    };
    Ok((run, left_out))
}
