//! The jobs of a run, carried out by the senders' code, several at once.

use std::sync::Arc;

use ledger::{JobId, JobPart, Plan, key};
use sender::{Context, JobEnd, SendError, Terms};
use tokio::task::JoinSet;

use crate::error::CliError;
use crate::progress::Watch;
use crate::runtime;
use crate::session::Session;

/// Carries out the jobs `left` of `plan` to their end: what a function of a deployed stack began, from where that stopped.
///
/// # Errors
/// [`CliError::Unfinished`] at the first job that cannot be concluded, [`CliError::Interrupted`] when the user stops. The
/// jobs under way are dropped: carried out again they send the same ids.
pub(crate) async fn carry_out(session: &Session, plan: &Plan, left: &[JobPart]) -> Result<(), CliError> {
    let bytes = left.iter().map(|job| chunk_bytes(plan, job.job)).sum();
    let _watch = Watch::start(&session.sender.progress, bytes, plan.actions().len());
    tokio::select! {
        ended = all(session, plan, left) => ended,
        () = runtime::stopped() => Err(CliError::Interrupted { run: plan.run }),
    }
}

async fn all(session: &Session, plan: &Plan, left: &[JobPart]) -> Result<(), CliError> {
    let mut waiting = left.iter();
    let mut under_way: JoinSet<Result<(), SendError>> = JoinSet::new();
    let mut concluded = 0;
    loop {
        while under_way.len() < session.threads {
            let Some(job) = waiting.next() else { break };
            let job = key::job(&plan.sync.name, &plan.run, *job);
            let context = Arc::clone(&session.sender);
            under_way.spawn(async move { to_its_end(&context, job).await });
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

/// Carries out a job and, if it has several parts, all of them.
async fn to_its_end(context: &Context, mut job: String) -> Result<(), SendError> {
    while let JobEnd::Continued { next } = sender::run_job(context, &job, &Terms::default()).await? {
        job = next;
    }
    Ok(())
}

fn chunk_bytes(plan: &Plan, job: JobId) -> u64 {
    let object = plan.objects.get(job.object() as usize);
    let object = object.filter(|object| object.unreadable.is_none());
    let chunk = object.and_then(|object| object.chunks.get(job.chunk() as usize));
    let bytes = chunk.map_or(0, |chunk| chunk.end - chunk.start);
    // A chunk of compressed text goes on to wherever that ends.
    bytes.min(object.map_or(0, |object| object.size))
}
