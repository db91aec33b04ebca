//! A job from its key in the ledger to its outcome there.

use bytes::Bytes;
use jiff::Timestamp;
use ledger::{Document, Job, JobKey, Outcome, Plan, Status, Work, key};
use platform::Created;
use xxhash_rust::xxh3::xxh3_64;

use crate::pipeline::{OBJECT_UNREADABLE, Pipeline, Run};
use crate::{Context, SendError};

/// How a job stands after it was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobEnd {
    /// Every row of the chunk has a fate.
    Done,
    /// The extract is not what was planned, or cannot be read; the outcome says so.
    Failed,
    /// The job had an outcome already; nothing was sent.
    AlreadyDone,
}

/// Carries out the job whose object is at `job_key` and writes its outcome, unless it has one.
///
/// The rejected rows are written before the outcome, so that an outcome never counts rows that are nowhere. Both are
/// written once: of two senders that carry out the same job, the first to finish settles it, and both have sent the same ids.
///
/// # Errors
/// When trying again may help, or an operator must act; the job has no outcome then and can be run again.
pub async fn run_job(context: &Context, job_key: &str) -> Result<JobEnd, SendError> {
    let JobKey { sync, run, job: id } = key::parse_job(job_key)?;
    let outcome_key = key::outcome(&sync, &run, id);
    if context.ledger.head(&outcome_key).await?.is_some() {
        return Ok(JobEnd::AlreadyDone);
    }
    let job = load(context, job_key).await?;
    if let Some(reason) = &job.unreadable {
        let nothing = Work::nothing(&job, Timestamp::now());
        let outcome = Outcome::failed(&job, OBJECT_UNREADABLE, reason, nothing)?;
        return conclude(context, &outcome_key, &outcome).await;
    }
    let client = context.client(&job.destination).await?;
    let Run {
        mut work,
        rejected,
        cut_short,
    } = Pipeline::new(context, &job, client)?.run().await?;
    if let Some(rejected) = rejected {
        work.rejected = Some(keep(context, &job, rejected).await?);
    }
    let outcome = match &cut_short {
        None => Outcome::done(&job, work)?,
        Some(why) => Outcome::failed(&job, why.code, why.message.clone(), work)?,
    };
    conclude(context, &outcome_key, &outcome).await
}

/// Writes the outcome, unless there is one.
async fn conclude(context: &Context, key: &str, outcome: &Outcome) -> Result<JobEnd, SendError> {
    context.ledger.create(key, Bytes::from(outcome.to_json()?)).await?;
    Ok(match outcome.status {
        Status::Done => JobEnd::Done,
        Status::Failed { .. } => JobEnd::Failed,
    })
}

/// Writes the rejected rows and returns their key. What another try of the job left under the usual key stays as it is, since
/// that try may be just about to write its outcome; this one's outcome then names a key of its own.
async fn keep(context: &Context, job: &Job, rejected: Bytes) -> Result<String, SendError> {
    let key = key::rejected(&job.sync, &job.run, job.id);
    if context.ledger.create(&key, rejected.clone()).await? == Created::New
        || context.ledger.get(&key).await?.as_ref() == Some(&rejected)
    {
        return Ok(key);
    }
    let own = key::rejected_again(&job.sync, &job.run, job.id, xxh3_64(&rejected));
    context.ledger.create(&own, rejected).await?;
    Ok(own)
}

/// Returns the job under its key; of a run whose caller fans out there are no job objects, but its plan has them all.
async fn load(context: &Context, job_key: &str) -> Result<Job, SendError> {
    if let Some(json) = context.ledger.get(job_key).await? {
        return Ok(Job::read(job_key, &json)?);
    }
    let JobKey { sync, run, job: id } = key::parse_job(job_key)?;
    let plan_key = key::plan(&sync, &run);
    let plan = context.ledger.get(&plan_key).await?;
    let plan = plan.map(|json| Plan::read(&plan_key, &json)).transpose()?;
    plan.and_then(|plan| plan.job(id)).ok_or_else(|| SendError::JobMissing {
        key: job_key.to_owned(),
    })
}
