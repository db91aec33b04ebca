//! Backhaul's own path: a plan, then each of its jobs as a sender function carries it out.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use delivery::{Endpoint, Pace, WriteKey};
use ledger::{Plan, Sync, key};
use platform::{FolderObjects, Location, Objects, Stores};
use scheduler::{FanOut, Splitting};
use sender::{Options, Terms, WriteKeys};
use serde_json::{Value, json};

use crate::stage::{self, Stage};
use crate::usage::Usage;

/// Sends an extract to the sink at a port, or only takes its rows in up to a stage. Returns the rows and what the jobs took; the plan is
/// not part of it.
pub(crate) async fn send(document: &Path, extract: &str, port: u16, gzip: bool, stage: Option<Stage>) -> Result<Value> {
    let text = std::fs::read_to_string(document)?.replace("EXTRACT", extract);
    let sync = Sync::parse(&text).map_err(|problems| anyhow!("{problems:?}"))?;
    let folder = tempfile::tempdir()?;
    let stores = Arc::new(Stores::default());
    let ledger: Arc<dyn Objects> = Arc::new(FolderObjects::new(folder.path().to_owned()));
    let scheduler = scheduler::Context::new(Arc::clone(&stores), Arc::clone(&ledger), Splitting::default());
    let before = Usage::now()?;
    let runs = Box::pin(scheduler::pass(
        &scheduler,
        &sync,
        &[Location::parse(extract)?],
        FanOut::Queue,
    ))
    .await?;
    let planned = Usage::now()?;
    let plan = &runs.first().context("nothing to send")?.plan;
    let rows = match stage {
        Some(stage) => take_in(&stores, plan, stage).await?,
        None => carry_out(stores, ledger, plan, port, gzip).await?,
    };
    let done = Usage::now()?;
    Ok(json!({
        "rows": rows,
        "plan_cpu": planned.cpu - before.cpu,
        "cpu": done.cpu - planned.cpu,
        "wall": (done.at - planned.at).as_secs_f64(),
        "peak": done.peak,
    }))
}

async fn take_in(stores: &Stores, plan: &Plan, last: Stage) -> Result<u64> {
    let mut rows = 0;
    for job in plan.jobs() {
        rows += stage::run(stores, &job, last).await?;
    }
    Ok(rows)
}

/// Carries out each job of a plan as a sender function does.
async fn carry_out(stores: Arc<Stores>, ledger: Arc<dyn Objects>, plan: &Plan, port: u16, gzip: bool) -> Result<u64> {
    let options = Options {
        endpoint: Some(Endpoint::parse(&format!("http://127.0.0.1:{port}"))?),
        pace: Some(Arc::new(Pace::unlimited())),
        gzip,
        ..Options::default()
    };
    let keys = WriteKeys::fixed(WriteKey::parse("key")?);
    let context = sender::Context::new(stores, ledger, keys, options);
    for job in plan.job_ids() {
        let job = key::job(&plan.sync.name, &plan.run, job);
        Box::pin(sender::run_job(&context, &job, &Terms::default())).await?;
    }
    Ok(context.progress.rows())
}
