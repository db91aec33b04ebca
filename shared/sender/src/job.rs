//! A job from its key in the ledger to its outcome there.

use bytes::Bytes;
use jiff::Timestamp;
use ledger::{Document, Job, JobKey, Outcome, Plan, Status, Work, key};
use platform::Created;
use xxhash_rust::xxh3::xxh3_64;

use crate::measure::measure;
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
    /// The job had an outcome already; nothing was sent.
    AlreadyDone,
    /// Time was up; so far every row has a fate. The rest is another part of the job.
    Continued {
        /// The key of that part.
        next: String,
    },
}

/// Carries out the job whose object is at `job_key`, or a later part of it, and writes its outcome, unless it has one.
///
/// The rejected rows are written before the outcome, so that an outcome never counts rows that are nowhere, and the outcome
/// before the job that goes on from it. All are written once: of two senders that carry out the same job, the first to finish
/// settles it, and both have sent the same ids. A job that stopped early and is run again sends nothing, but sees to it that the
/// next part is there.
///
/// # Errors
/// When trying again may help, or an operator must act; the job has no outcome then and can be run again.
pub async fn run_job(context: &Context, job_key: &str, terms: &Terms) -> Result<JobEnd, SendError> {
    let key = key::parse_job(job_key)?;
    let outcome_key = key::outcome(&key.sync, &key.run, key.job_part());
    if let Some(json) = context.ledger.get(&outcome_key).await? {
        return match Outcome::read(&outcome_key, &json)? {
            outcome if outcome.status.is_last() => Ok(JobEnd::AlreadyDone),
            outcome => go_on(context, &load(context, job_key, &key).await?, &outcome, terms.goes_on).await,
        };
    }
    let job = load(context, job_key, &key).await?;
    let mappings: Vec<&str> = job.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
    tracing::Span::current().record("mappings", mappings.join(", "));
    let outcome = match &job.unreadable {
        Some(reason) => {
            let nothing = Work::nothing(&job, Timestamp::now());
            Outcome::failed(&job, OBJECT_UNREADABLE, reason, nothing)?
        }
        // Boxed: a pipeline's future is large, and nested by value it is more than the compiler takes.
        None => Box::pin(carry_out(context, &job, terms.deadline.clone())).await?,
    };
    conclude(context, &job, outcome, terms.goes_on).await
}

/// Sends the job's rows, writes the rejected ones, and returns the outcome.
async fn carry_out(context: &Context, job: &Job, deadline: Option<Deadline>) -> Result<Outcome, SendError> {
    let client = context.client(&job.destination).await?;
    let only = Only::of_job(&*context.ledger, job).await?;
    let Run {
        mut work,
        rejected,
        end,
    } = Pipeline::new(context, job, client, only, deadline)?.run().await?;
    if let Some(rejected) = rejected {
        work.rejected = Some(keep(context, job, rejected).await?);
    }
    Ok(match end {
        End::Done => Outcome::done(job, work)?,
        End::Failed(why) => Outcome::failed(job, why.code, why.message, work)?,
        End::Continued(rest) => Outcome::continued(job, rest, work)?,
    })
}

/// Writes the outcome, unless another sender was first: then the job has ended as that one says.
async fn conclude(context: &Context, job: &Job, outcome: Outcome, goes_on: GoesOn) -> Result<JobEnd, SendError> {
    let key = key::outcome(&job.sync, &job.run, job.job_part());
    let created = context.ledger.create(&key, Bytes::from(outcome.to_json()?)).await?;
    let first = match created {
        Created::New => {
            measure(context, &outcome);
            None
        }
        Created::Exists => context.ledger.get(&key).await?,
    };
    let outcome = first.map_or(Ok(outcome), |json| Outcome::read(&key, &json))?;
    match outcome.status {
        Status::Done => Ok(JobEnd::Done),
        Status::Failed { .. } => Ok(JobEnd::Failed),
        Status::Continued { .. } => go_on(context, job, &outcome, goes_on).await,
    }
}

/// Sees to it that what `outcome` leaves of the job is carried out.
async fn go_on(context: &Context, job: &Job, outcome: &Outcome, goes_on: GoesOn) -> Result<JobEnd, SendError> {
    let next = key::job(&job.sync, &job.run, outcome.job_part().next());
    if goes_on == GoesOn::Queue
        && let Some(part) = outcome.next_part(job)
    {
        context.ledger.create(&next, Bytes::from(part.to_json()?)).await?;
    }
    Ok(JobEnd::Continued { next })
}

/// Writes the rejected rows and returns their key. What another try of the job left under the usual key stays as it is, since
/// that try may be just about to write its outcome; this one's outcome then names a key of its own.
async fn keep(context: &Context, job: &Job, rejected: Bytes) -> Result<String, SendError> {
    let key = key::rejected(&job.sync, &job.run, job.job_part());
    if context.ledger.create(&key, rejected.clone()).await? == Created::New
        || context.ledger.get(&key).await?.as_ref() == Some(&rejected)
    {
        return Ok(key);
    }
    let own = key::rejected_again(&job.sync, &job.run, job.job_part(), xxh3_64(&rejected));
    context.ledger.create(&own, rejected).await?;
    Ok(own)
}

/// Returns the job under its key. Of a run whose caller fans out there are no job objects, but its plan has all jobs, and the
/// outcome of each part says what the next one is.
async fn load(context: &Context, job_key: &str, key: &JobKey) -> Result<Job, SendError> {
    if let Some(json) = context.ledger.get(job_key).await? {
        return Ok(Job::read(job_key, &json)?);
    }
    let missing = || SendError::JobMissing {
        key: job_key.to_owned(),
    };
    let plan_key = key::plan(&key.sync, &key.run);
    let plan = context.ledger.get(&plan_key).await?.ok_or_else(missing)?;
    let job = Plan::read(&plan_key, &plan)?.job(key.job).ok_or_else(missing)?;
    let Some(previous) = key.job_part().previous() else {
        return Ok(job);
    };
    let outcome_key = key::outcome(&key.sync, &key.run, previous);
    let outcome = context.ledger.get(&outcome_key).await?.ok_or_else(missing)?;
    Outcome::read(&outcome_key, &outcome)?
        .next_part(&job)
        .ok_or_else(missing)
}
