//! What is done with one open run.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use ledger::{Document, Job, JobId, Outcome, Plan, SyncName, Work, key};
use platform::{ObjectError, Objects};

use super::standing::Standing;
use super::{OpenRun, since};
use crate::{Context, ScheduleError};

/// How many objects of the ledger are read or written at once.
const AT_ONCE: usize = 32;

/// Longer than all tries of a job take: at most five receives (`maxReceiveCount`) of five times fifteen minutes and more each (`VisibilityTimeout`
/// of the longest `SenderTimeout`, `infra/template.yaml`), and the dead-letter queue's. Its message is no more then, unless it was never received: a
/// job that still waits behind others' is handed out twice, which sends nothing that is not dropped again by its ids.
const TRIES: SignedDuration = SignedDuration::from_hours(9);

/// Longer than a caller's run takes that hands jobs out itself: a state machine has two days (`infra/sync.asl.json`).
const CALLER: SignedDuration = SignedDuration::from_hours(49);

/// How long nothing may have come of a run's jobs, however often they were put there again: a queue may be full of others' for days, and a
/// weekly pass gives each one more chance.
const LOST: SignedDuration = SignedDuration::from_hours(8 * 24);

/// How old a run may be whose jobs are handed out: below the shortest time that outcomes are kept (`OutcomeDays`). Of an older one a job without
/// an outcome may have had one.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What lost jobs fail with.
const JOB_LOST: &str = "job_lost";

const MESSAGE: &str = "for days nothing came of it, and its rows may not have been sent; what was in the way may be in the sender's log: mend \
                       it, then send them with `backhaul retry`";

/// What becomes of the jobs that have no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// They are put there again.
    HandOut,
    /// They fail.
    Lose,
    /// Nothing: their sync is off.
    Leave,
}

/// Sees to it that an open run goes on, or closes.
///
/// # Errors
/// When the ledger cannot be read or written.
pub(super) async fn look_at(
    context: &Context,
    sync: &SyncName,
    open: &OpenRun,
    now: Timestamp,
    hands_out: bool,
) -> Result<(), ScheduleError> {
    let ledger = &*context.ledger;
    let key = key::plan(sync, &open.run);
    let Some(json) = ledger.get(&key).await? else {
        return Ok(());
    };
    let plan = Plan::read(&key, &json)?;
    if plan.sent_to != context.destination {
        // A trial on one machine: its jobs are not for these senders.
        return Ok(());
    }
    let standing = Standing::read(ledger, &plan).await?;
    let written = [open.planned, standing.handed_out, standing.heard];
    let quiet = written.into_iter().flatten().max().map(|last| since(last, now));
    let patience = if open.is_callers { CALLER } else { TRIES };
    let age = now.duration_since(plan.created_at);
    if quiet.unwrap_or(age) < patience {
        if hands_out && !open.is_callers && age < KEPT {
            write_missing(ledger, &plan, &standing).await?;
        }
        return Ok(());
    }
    let silent = standing.heard.map_or(age, |heard| since(heard, now).min(age));
    let fate = if silent >= LOST || age >= KEPT {
        Fate::Lose
    } else if hands_out {
        Fate::HandOut
    } else {
        Fate::Leave
    };
    let left = settle(ledger, &plan, &standing, fate, now).await?;
    if left == 0 {
        // The plan as it is: who is told of it looks at the run.
        ledger.put(&key, json).await?;
    }
    tracing::warn!(run = %plan.run, jobs = left, ?fate, "nothing was heard of the run for long");
    Ok(())
}

/// Writes the jobs that were not handed out yet.
async fn write_missing(ledger: &dyn Objects, plan: &Plan, standing: &Standing) -> Result<(), ScheduleError> {
    let missing = plan.job_ids().filter(|id| !standing.is_known(*id));
    stream::iter(missing.filter_map(|id| plan.job(id)).map(Ok))
        .try_for_each_concurrent(AT_ONCE, |job| async move {
            let key = key::job(&job.sync, &job.run, job.job_part());
            ledger.create(&key, Bytes::from(job.to_json()?)).await?;
            Ok(())
        })
        .await
}

/// Does what `fate` says with the jobs that have not ended, and returns how many these are.
async fn settle(
    ledger: &dyn Objects,
    plan: &Plan,
    standing: &Standing,
    fate: Fate,
    now: Timestamp,
) -> Result<usize, ScheduleError> {
    let left = stream::iter(plan.job_ids()).map(|id| async move {
        let Some(job) = left_of(ledger, plan, standing, id).await? else {
            return Ok(0);
        };
        match fate {
            Fate::HandOut => {
                let key = key::job(&job.sync, &job.run, job.job_part());
                ledger.put(&key, Bytes::from(job.to_json()?)).await?;
            }
            Fate::Lose => {
                let outcome = Outcome::failed(&job, JOB_LOST, MESSAGE, Work::nothing(&job, now))?;
                let key = key::outcome(&job.sync, &job.run, job.job_part());
                ledger.create(&key, Bytes::from(outcome.to_json()?)).await?;
                tracing::error!(run = %job.run, job = %job.job_part(), "job is lost");
            }
            Fate::Leave => {}
        }
        Ok::<_, ScheduleError>(1)
    });
    left.buffer_unordered(AT_ONCE)
        .try_fold(0, |all, one| async move { Ok(all + one) })
        .await
}

/// Returns the first part of a job without an outcome; `None` if it has ended. Only the outcome of the part before says where it begins, or that there
/// is none.
async fn left_of(
    ledger: &dyn Objects,
    plan: &Plan,
    standing: &Standing,
    id: JobId,
) -> Result<Option<Job>, ScheduleError> {
    let Some(job) = plan.job(id) else { return Ok(None) };
    let Some(last) = standing.first_without_outcome(id).previous() else {
        return Ok(Some(job));
    };
    let key = key::outcome(&job.sync, &job.run, last);
    let json = ledger
        .get(&key)
        .await?
        .ok_or_else(|| ObjectError::NotFound { object: key.clone() })?;
    Ok(Outcome::read(&key, &json)?.next_part(&job))
}
