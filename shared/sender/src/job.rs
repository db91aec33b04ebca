//! A job from its key in the ledger to its outcome there.

use std::time::Duration;

use bytes::Bytes;
use ledger::{Document, Job, Outcome, Status, Work, key};

use crate::chain::{Settled, Stand, settle, stand};
use crate::only::Only;
use crate::pipeline::{End, OBJECT_UNREADABLE, Pipeline, Run};
use crate::{Context, Deadline, SendError};

/// Under which terms a job is carried out.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// When it has to stop; `None`: when it is done.
    pub deadline: Option<Deadline>,
    /// Who goes on with what it leaves.
    pub goes_on: GoesOn,
}

impl Terms {
    /// Whether there is about half as much time as there was at first, or more.
    pub(crate) fn is_fresh(&self) -> bool {
        self.deadline.as_ref().is_none_or(Deadline::is_fresh)
    }

    /// Whether it is too late to begin a job.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.as_ref().is_some_and(Deadline::is_over)
    }
}

/// Who goes on where a job stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GoesOn {
    /// The caller, who is told the key of the next part.
    #[default]
    Caller,
    /// The queue: the next part is a job object, of which S3 tells it.
    Queue,
}

/// How a job stands after it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Every row of the chunk has a fate.
    Done,
    /// The extract is not what was planned, or cannot be read; the outcome says so.
    Failed,
    /// The job had ended already; nothing was sent.
    AlreadyDone,
    /// Time was up, or the rest is another message's already. What was settled so far is in the ledger; the rest is another part of the job.
    Continued {
        /// The key of that part.
        next: String,
    },
    /// Calls could not be delivered. A part is to be begun later.
    Waiting {
        /// The key of that part. Where it is the queue that goes on, its message is the one that came.
        next: String,
        /// How long it is to wait yet.
        after: Duration,
    },
}

/// Carries out the job whose object is at `job_key`, or a later part of it, from the first row on that no outcome covers, and writes its
/// outcomes.
///
/// The rejected rows are written before the outcome, so that an outcome never counts rows that are nowhere, and the outcome
/// before the job that goes on from it. All are written once: of two senders that carry out the same job, the first to settle a
/// part decides where it ends, and both have sent the same ids. A job that ended, or whose rest has a job object, sends nothing.
///
/// # Errors
/// When trying again may help, or an operator must act. What checkpoints say of the job stands; of the rest nothing is settled, and it
/// can be run again.
pub async fn run_job(context: &Context, job_key: &str, terms: &Terms) -> Result<JobEnd, SendError> {
    let key = key::parse_job(job_key)?;
    loop {
        let part = match stand(context, job_key, &key).await? {
            Stand::Ended => return Ok(JobEnd::AlreadyDone),
            Stand::HandedOn(next) => return Ok(JobEnd::Continued { next }),
            Stand::Open(part) => *part,
        };
        if part.job_part() != key.job_part() && terms.is_over() {
            return hand_on(context, &part, terms).await;
        }
        if let Some(after) = wait(&part, terms).await {
            // The message of another part: what it is received for while this one waits would be counted as tries of it.
            if terms.goes_on == GoesOn::Queue && part.job_part() != key.job_part() {
                return hand_on(context, &part, terms).await;
            }
            let next = key::job(&part.sync, &part.run, part.job_part());
            return Ok(JobEnd::Waiting { next, after });
        }
        // Boxed: a pipeline's future is large, and nested by value it is more than the compiler takes.
        if let Some(end) = Box::pin(carry_out(context, part, terms)).await? {
            return Ok(end);
        }
    }
}

/// Carries out a part, and those that follow it, as far as there is time. `None`: another sender settled one of them at another row.
async fn carry_out(context: &Context, job: Job, terms: &Terms) -> Result<Option<JobEnd>, SendError> {
    let mappings: Vec<&str> = job.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
    tracing::Span::current().record("mappings", mappings.join(", "));
    let (part, settled) = match &job.unreadable {
        Some(reason) => {
            let nothing = (Work::nothing(&job, platform::clock::now()), None);
            let ended = |work| Outcome::failed(&job, OBJECT_UNREADABLE, reason, work);
            let settled = settle(context, &job, nothing, ended).await?;
            (job, settled)
        }
        None => match send(context, job, terms.deadline.clone()).await? {
            Run::Overtaken => return Ok(None),
            Run::Begun(part) => return hand_on(context, &part, terms).await.map(Some),
            Run::Part { part, work, end } => {
                let ended = |work| match end {
                    End::Done => Outcome::done(&part, work),
                    End::Failed(why) => Outcome::failed(&part, why.code, why.message, work),
                    End::Undelivered(rest, wait) => Outcome::undelivered(&part, rest, wait, work),
                    End::Continued(rest) => Outcome::continued(&part, rest, work),
                };
                let settled = settle(context, &part, *work, ended).await?;
                (*part, settled)
            }
        },
    };
    let (Settled::Here(outcome) | Settled::Elsewhere(outcome)) = &settled;
    match (&outcome.status, outcome.next_part(&part)) {
        (Status::Failed { .. }, _) => Ok(Some(JobEnd::Failed)),
        (_, Some(next)) if matches!(settled, Settled::Here(_)) => hand_on(context, &next, terms).await.map(Some),
        (Status::Continued { .. }, _) => Ok(None),
        (Status::Done, _) => Ok(Some(JobEnd::Done)),
    }
}

/// Sends the job's rows.
async fn send(context: &Context, job: Job, deadline: Option<Deadline>) -> Result<Run, SendError> {
    let client = context.client(&job.destination).await?;
    let only = Only::of_job(&*context.ledger, &job).await?;
    Pipeline::new(context, job, client, only, deadline)?.run().await
}

/// Waits until a part may be begun, if that is soon. Returns how long it has to wait otherwise; a caller can do so for nothing.
async fn wait(part: &Job, terms: &Terms) -> Option<Duration> {
    let deadline = terms.deadline.as_ref()?;
    let left = time_left(part, deadline)?;
    if terms.goes_on == GoesOn::Caller || !deadline.has_time_to_wait(left) {
        return Some(left);
    }
    tokio::time::sleep(left).await;
    None
}

/// Returns how long it is until a part may be begun; `None`: it may be now.
fn time_left(part: &Job, deadline: &Deadline) -> Option<Duration> {
    let now = deadline.wall();
    let left = part.undelivered?.not_before.duration_since(now);
    Duration::try_from(left).ok().filter(|left| !left.is_zero())
}

/// Sees to it that a part is carried out by another invocation.
async fn hand_on(context: &Context, part: &Job, terms: &Terms) -> Result<JobEnd, SendError> {
    let next = key::job(&part.sync, &part.run, part.job_part());
    if terms.goes_on == GoesOn::Queue {
        context.ledger.create(&next, Bytes::from(part.to_json()?)).await?;
    } else if let Some(after) = terms.deadline.as_ref().and_then(|deadline| time_left(part, deadline)) {
        return Ok(JobEnd::Waiting { next, after });
    }
    Ok(JobEnd::Continued { next })
}
