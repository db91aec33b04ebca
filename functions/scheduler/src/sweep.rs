//! Runs that are open, whether or not their extracts are still there: a whole pass sees to it that every one of them closes.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use ledger::{RunId, Sync, SyncName, key};
use platform::{Objects, pages_after};

use crate::{Context, ScheduleError};

mod run;
mod standing;

/// How many runs are looked at at once.
const RUNS_AT_ONCE: usize = 8;

/// How many open runs one sweep looks at, the oldest first.
const MAX_RUNS: usize = 1_000;

/// How far back runs are looked for. The runs of years are not listed by each pass.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(92 * 24);

/// How long whoever planned a run may be writing its jobs: a scheduler's longest time (`infra/template.yaml`).
const PLANNING: SignedDuration = SignedDuration::from_mins(15);

/// An open run, as a listing shows it.
#[derive(Debug, Clone, Copy)]
struct OpenRun {
    run: RunId,
    /// When its plan, or its batches, were written, in seconds since 1970, where the store tells.
    planned: Option<i64>,
    /// Whether it has batches: a caller hands them out.
    is_callers: bool,
}

/// Sees to it that the open runs of a sync go on, or close, as of `now`; those of `handed_out` are just being handed out by the caller.
///
/// Jobs that were not handed out are: their objects are written. Of a run that nothing was heard of for longer than all tries of a job take, the
/// jobs that have no outcome are put there again, each from its first part without one, so that the store tells the senders' queues once
/// more; if all have one, the plan is, and the reporter is told of the run. Where nothing came of that for days, jobs are lost: they get the outcome
/// that they failed, and the run closes with them. Of runs that go on nothing is read but the plan.
///
/// A run that cannot be looked at is logged, and keeps no other waiting.
///
/// # Errors
/// When the sync's runs cannot be listed.
#[tracing::instrument(skip_all, fields(sync = %sync.name))]
pub async fn sweep(
    context: &Context,
    sync: &Sync,
    now: Timestamp,
    handed_out: &BTreeSet<RunId>,
) -> Result<(), ScheduleError> {
    let open = open_runs(&*context.ledger, &sync.name, now).await?;
    let left = open.values().filter(|open| !handed_out.contains(&open.run));
    // Who switches a sync off wants no more of it sent.
    let hands_out = !sync.actions().is_empty();
    stream::iter(left.take(MAX_RUNS))
        .for_each_concurrent(RUNS_AT_ONCE, |open| async move {
            if let Err(error) = run::look_at(context, &sync.name, open, now, hands_out).await {
                tracing::error!(run = %open.run, %error, name = %error.name(), "open run could not be looked at");
            }
        })
        .await;
    Ok(())
}

/// Returns the runs that have a plan and no report, but for those that are just being planned.
async fn open_runs(
    ledger: &dyn Objects,
    sync: &SyncName,
    now: Timestamp,
) -> Result<BTreeMap<RunId, OpenRun>, ScheduleError> {
    let oldest = RunId::new(now.saturating_sub(LOOK_BACK).unwrap_or_default(), [0; 10]);
    let (prefix, after) = (key::run_prefix(sync), key::plan(sync, &oldest));
    let mut pages = pin!(pages_after(ledger, &prefix, Some(after)));
    let (mut open, mut batches) = (BTreeMap::new(), BTreeMap::new());
    while let Some(page) = pages.try_next().await? {
        // By their keys batches come first, then the plan, then the report.
        for object in page {
            match key::parse_of_run(&object.key) {
                Some((_, run, key::BATCHES)) => {
                    batches.insert(run, object.modified);
                }
                Some((_, run, key::PLAN)) => {
                    let batches = batches.remove(&run);
                    let open_run = OpenRun {
                        run,
                        planned: object.modified.max(batches.flatten()),
                        is_callers: batches.is_some(),
                    };
                    open.insert(run, open_run);
                }
                Some((_, run, key::REPORT_JSON)) => {
                    open.remove(&run);
                }
                _ => {}
            }
        }
    }
    open.retain(|_, open| open.planned.is_none_or(|planned| since(planned, now) >= PLANNING));
    Ok(open)
}

/// Returns how long ago something was written, by its seconds since 1970.
fn since(written: i64, now: Timestamp) -> SignedDuration {
    let written = Timestamp::from_second(written).unwrap_or(Timestamp::MIN);
    now.duration_since(written)
}
