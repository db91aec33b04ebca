//! The jobs of a run, carried out by the senders' code, several at once.

use std::collections::HashSet;
use std::sync::Arc;

use ledger::{JobId, Plan, key};
use platform::list_all;
use sender::{JobEnd, SendError};
use tokio::task::JoinSet;

use crate::error::CliError;
use crate::progress::Watch;
use crate::runtime;
use crate::session::Session;

/// Carries out the jobs of `plan` that have no outcome yet.
///
/// # Errors
/// [`CliError::Unfinished`] at the first job that cannot be concluded, [`CliError::Interrupted`] when the user stops. The
/// jobs under way are dropped: carried out again they send the same ids.
pub(crate) async fn carry_out(session: &Session, plan: &Plan) -> Result<(), CliError> {
    let done = concluded(session, plan).await?;
    let left: Vec<JobId> = plan.job_ids().filter(|job| !done.contains(job)).collect();
    let bytes = left.iter().map(|job| chunk_bytes(plan, *job)).sum();
    let _watch = Watch::start(&session.sender.progress, bytes, plan.actions().len());
    tokio::select! {
        ended = all(session, plan, &left) => ended,
        () = runtime::stopped() => Err(CliError::Interrupted { run: plan.run }),
    }
}

async fn all(session: &Session, plan: &Plan, left: &[JobId]) -> Result<(), CliError> {
    let mut waiting = left.iter();
    let mut under_way: JoinSet<Result<JobEnd, SendError>> = JoinSet::new();
    let mut concluded = 0;
    loop {
        while under_way.len() < session.threads {
            let Some(job) = waiting.next() else { break };
            let job = key::job(&plan.sync.name, &plan.run, *job);
            let context = Arc::clone(&session.sender);
            under_way.spawn(async move { sender::run_job(&context, &job).await });
        }
        let Some(ended) = under_way.join_next().await else {
            return Ok(());
        };
        if let Err(source) = ended.unwrap_or(Err(SendError::Panicked)) {
            let (run, left, planned) = (plan.run, left.len() - concluded, plan.job_count());
            return Err(CliError::Unfinished {
                run,
                left,
                planned,
                source: Box::new(source),
            });
        }
        concluded += 1;
    }
}

/// Returns the jobs that have an outcome.
async fn concluded(session: &Session, plan: &Plan) -> Result<HashSet<JobId>, CliError> {
    let prefix = key::outcome_prefix(&plan.sync.name, &plan.run);
    let outcomes = list_all(&*session.sender.ledger, &prefix).await?;
    let jobs = outcomes.iter().map(|object| Ok(key::parse_outcome(&object.key)?.job));
    jobs.collect()
}

fn chunk_bytes(plan: &Plan, job: JobId) -> u64 {
    let object = plan.objects.get(job.object() as usize);
    let object = object.filter(|object| object.unreadable.is_none());
    let chunk = object.and_then(|object| object.chunks.get(job.chunk() as usize));
    let bytes = chunk.map_or(0, |chunk| chunk.end - chunk.start);
    // A chunk of compressed text goes on to wherever that ends.
    bytes.min(object.map_or(0, |object| object.size))
}
