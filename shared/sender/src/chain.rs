//! The parts of a job, one after the other: which one is to be carried out, and how each ends in the ledger.

use bytes::Bytes;
use ledger::{Document, Job, JobKey, LedgerError, Outcome, Plan, Work, key};
use platform::Created;
use xxhash_rust::xxh3::xxh3_64;

use crate::measure::measure;
use crate::{Context, SendError};

/// Where a job stands, from one of its parts on.
pub(crate) enum Stand {
    /// It has ended.
    Ended,
    /// Its first part without an outcome has a job object under this key: whoever is told of that carries it out.
    HandedOn(String),
    /// This is its first part without an outcome, and nobody else is told of it.
    Open(Box<Job>),
}

/// Finds the first part without an outcome, from the one under `job_key` on.
///
/// A sender that died has left outcomes up to its last checkpoint, and no job object behind them: whoever has its message goes on
/// there. Two who have the same message may do so at once: both send the same ids, and the first to settle a part goes on from it.
///
/// # Errors
/// When the ledger cannot be read, or has no such job.
pub(crate) async fn stand(context: &Context, job_key: &str, key: &JobKey) -> Result<Stand, SendError> {
    let (mut part, mut last) = (key.job_part(), None);
    loop {
        let outcome_key = key::outcome(&key.sync, &key.run, part);
        let Some(json) = context.ledger.get(&outcome_key).await? else {
            let named = load(context, job_key, key).await?;
            let open = last.and_then(|outcome: Outcome| outcome.next_part(&named));
            return Ok(Stand::Open(Box::new(open.unwrap_or(named))));
        };
        let outcome = Outcome::read(&outcome_key, &json)?;
        if outcome.status.is_last() {
            return Ok(Stand::Ended);
        }
        part = part.next();
        let next = key::job(&key.sync, &key.run, part);
        if context.ledger.head(&next).await?.is_some() {
            return Ok(Stand::HandedOn(next));
        }
        last = Some(outcome);
    }
}

/// How a part was settled.
pub(crate) enum Settled {
    /// With the outcome that was offered.
    Here(Outcome),
    /// Another sender was first: with this one.
    Elsewhere(Outcome),
}

/// Settles a part: writes its rejected rows, then its outcome, which `ended` makes of the work. Both are written once.
///
/// # Errors
/// When the ledger cannot be written, or the outcome does not add up. The outcome may be there all the same.
pub(crate) async fn settle(
    context: &Context,
    part: &Job,
    (mut work, rejected): (Work, Option<Bytes>),
    ended: impl FnOnce(Work) -> Result<Outcome, LedgerError>,
) -> Result<Settled, SendError> {
    if let Some(rejected) = rejected {
        work.rejected = Some(keep(context, part, rejected).await?);
    }
    let outcome = ended(work)?;
    let key = key::outcome(&part.sync, &part.run, part.job_part());
    let json = Bytes::from(outcome.to_json()?);
    let first = match context.ledger.create(&key, json.clone()).await? {
        Created::New => None,
        Created::Exists => context.ledger.get(&key).await?,
    };
    // A write whose answer was lost and that was tried again finds itself.
    if let Some(first) = first.filter(|first| *first != json) {
        return Ok(Settled::Elsewhere(Outcome::read(&key, &first)?));
    }
    measure(context, &outcome);
    Ok(Settled::Here(outcome))
}

/// Writes the rejected rows and returns their key. What another try of the job left under the usual key stays as it is, since
/// that try may be just about to write its outcome; this one's outcome then names a key of its own.
async fn keep(context: &Context, part: &Job, rejected: Bytes) -> Result<String, SendError> {
    let key = key::rejected(&part.sync, &part.run, part.job_part());
    if context.ledger.create(&key, rejected.clone()).await? == Created::New
        || context.ledger.get(&key).await?.as_ref() == Some(&rejected)
    {
        return Ok(key);
    }
    let own = key::rejected_again(&part.sync, &part.run, part.job_part(), xxh3_64(&rejected));
    context.ledger.create(&own, rejected).await?;
    Ok(own)
}

/// Returns the job under its key. Parts that a checkpoint began and runs whose caller fans out have no job objects, but the plan has
/// all jobs, and the outcome of each part says what the next one is.
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
