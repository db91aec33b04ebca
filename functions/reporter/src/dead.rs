//! Jobs that died: messages that a sender's queue gave up on.

use bytes::Bytes;
use ledger::{Document, Job, JobKey, JobPart, LedgerError, Outcome, Work, key};
use platform::{Objects, clock};

use crate::ReportError;
use crate::close::plan;

/// What jobs fail with that were tried as often as their queue allows.
const JOB_DIED: &str = "job_died";

const MESSAGE: &str = "it was tried as often as its queue allows, and its rows were not sent; what was in the way is in the sender's log: mend \
                       it, then send them with `backhaul retry`";

/// Writes the outcome of a job, or of a part of it, that nobody will carry out any more, unless it has one.
///
/// One that was stopped has an outcome, and the rest is another part. If there is no job of that, its sender died before it wrote
/// it, or its caller gave up: then that part is the one that nobody carries out.
///
/// # Errors
/// When the ledger cannot be read or written, or has no such job.
pub(crate) async fn bury(ledger: &dyn Objects, dead: &JobKey) -> Result<(), ReportError> {
    let JobKey { sync, run, .. } = dead;
    let mut part = dead.job_part();
    loop {
        let outcome_key = key::outcome(sync, run, part);
        let Some(json) = ledger.get(&outcome_key).await? else {
            return fail(ledger, &job(ledger, dead, part).await?).await;
        };
        if Outcome::read(&outcome_key, &json)?.status.is_last() {
            return Ok(());
        }
        part = part.next();
        if ledger.head(&key::job(sync, run, part)).await?.is_some() {
            return Ok(());
        }
    }
}

/// Returns a part of the dead job, as far as an outcome of it needs it: from its object or, where a caller hands jobs out or the object
/// itself is what nobody could read, from the plan.
async fn job(ledger: &dyn Objects, dead: &JobKey, part: JobPart) -> Result<Job, ReportError> {
    let key = key::job(&dead.sync, &dead.run, dead.job_part());
    let json = ledger.get(&key).await?;
    let job = match json.and_then(|json| Job::read(&key, &json).ok()) {
        Some(job) => Some(job),
        None => plan(ledger, &dead.sync, &dead.run).await?.job(dead.job),
    };
    let (run, id) = (dead.run, dead.job);
    let job = job.ok_or(LedgerError::UnknownJob { run, job: id })?;
    Ok(Job { part: part.part, ..job })
}

async fn fail(ledger: &dyn Objects, job: &Job) -> Result<(), ReportError> {
    let outcome = Outcome::failed(job, JOB_DIED, MESSAGE, Work::nothing(job, clock::now()))?;
    let key = key::outcome(&job.sync, &job.run, job.job_part());
    ledger.create(&key, Bytes::from(outcome.to_json()?)).await?;
    tracing::error!(sync = %job.sync, run = %job.run, job = %job.job_part(), "job died");
    Ok(())
}
