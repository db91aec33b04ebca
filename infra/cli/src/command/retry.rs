//! `backhaul retry`

use std::path::PathBuf;
use std::sync::Arc;

use ledger::{Plan, RunStatus, Sync, SyncName};
use platform::Stores;
use scheduler::Splitting;
use serde_json::json;

use crate::command::sync;
use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::{self, LedgerArguments, LedgerPlace};
use crate::runs::{self, Choice, Listed};
use crate::session::Session;
use crate::terminal::{Terminal, note};
use crate::{retry, runtime};

/// Send the rejected and failed rows of a run again, as a new run, with the sync document as it is now.
///
/// The rows are read from the extract again, which must be as it was, and only the mappings that rejected them are applied. A mended
/// mapping sends them with new message ids. In a deployed stack the queues carry the run out, with the document that is deployed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run's id, or `latest`.
    run: Choice,
    /// Look among the runs of this sync only.
    sync: Option<SyncName>,
    /// The sync document, for a run on this machine: the one that is mended.
    #[arg(long, value_name = "FILE", conflicts_with = "bucket")]
    document: Option<PathBuf>,
    /// Send to this Tracking API; plain http only to this machine.
    #[arg(long, value_name = "URL", conflicts_with_all = ["sink", "bucket"])]
    endpoint: Option<String>,
    /// Send to the built-in Tracking API simulator, as with `backhaul sync`.
    #[arg(long, value_name = "DIR", conflicts_with = "bucket")]
    sink: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

/// Plans the rows as a new run and, on this machine, carries it out.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let ledger = arguments.ledger.open(&Stores::default())?;
    let delivery = delivery(arguments);
    let threads = delivery.threads();
    runtime::start(threads)?.block_on(async {
        let listed = runs::find(&*ledger.objects, &ledger.name, arguments.run, arguments.sync.as_ref()).await?;
        if arguments.ledger.bucket().is_some() {
            queue(&ledger, &listed, terminal).await
        } else {
            here(arguments, &delivery, &ledger, &listed, terminal).await
        }
    })
}

/// Returns what `backhaul sync` would be told.
fn delivery(arguments: &Arguments) -> sync::Arguments {
    sync::Arguments {
        sync: arguments.document.clone().unwrap_or_default(),
        extract: Vec::new(),
        endpoint: arguments.endpoint.clone(),
        sink: arguments.sink.clone(),
        state: arguments.ledger.folder().to_owned(),
        ..sync::Arguments::default()
    }
}

/// Plans the retry, or returns the plan of the one that was begun.
async fn plan(ledger: &LedgerPlace, listed: &Listed, sync: &Sync) -> Result<Plan, CliError> {
    if sync.name != listed.sync {
        return Err(CliError::OtherSync {
            run: listed.run,
            sync: listed.sync.clone(),
            found: sync.name.clone(),
        });
    }
    let objects = &*ledger.objects;
    let old = runs::plan(objects, listed).await?;
    let begun = match (listed.is_closed, old.retry_of) {
        (true, _) => retry::under_way(ledger, listed).await?,
        (false, Some(_)) => Some(old.clone()),
        (false, None) => {
            let standing = runs::standing(objects, listed).await?;
            return Err(CliError::StillOpen {
                run: listed.run,
                sync: listed.sync.clone(),
                concluded: standing.concluded,
                planned: standing.planned,
                ledger: ledger.name.clone(),
            });
        }
    };
    if let Some(begun) = begun {
        note(&format!(
            "retry {} was begun at {:.0} and goes on",
            begun.run, begun.created_at
        ));
        return Ok(begun);
    }
    let left = scheduler::retry::left(objects, &listed.sync, &listed.run).await?;
    let plan = scheduler::retry::plan(&old, sync, &left, &mut note);
    if plan.job_count() == 0 {
        return Err(CliError::NothingToRetry { run: listed.run });
    }
    Ok(plan)
}

/// Leaves the jobs to the queues of a deployed stack.
async fn queue(ledger: &LedgerPlace, listed: &Listed, terminal: Terminal) -> Result<Exit, CliError> {
    let sync = scheduler::document(&*ledger.objects, &listed.sync).await?;
    let plan = plan(ledger, listed, &sync).await?;
    let stores = Arc::new(Stores::default());
    let context = scheduler::Context::new(stores, Arc::clone(&ledger.objects), Splitting::default());
    scheduler::enqueue(&context, &plan).await?;
    let (run, jobs) = (plan.run, plan.job_count());
    let text = format!(
        "run {run} tries again what run {} left, in {jobs} jobs; backhaul status {}{} shows how it goes on",
        listed.run,
        listed.sync,
        ledger_place::option(&ledger.name)
    );
    terminal.answer(
        &text,
        &json!({ "run": run, "sync": listed.sync, "retry_of": listed.run, "jobs": jobs }),
    );
    Ok(Exit::Done)
}

/// Carries the retry out on this machine.
async fn here(
    arguments: &Arguments,
    delivery: &sync::Arguments,
    ledger: &LedgerPlace,
    listed: &Listed,
    terminal: Terminal,
) -> Result<Exit, CliError> {
    let path = arguments.document.as_ref().ok_or(CliError::NoDocument)?;
    let document = Document::read(path)?;
    let sync = document.sync()?;
    let plan = plan(ledger, listed, sync).await?;
    let session = Session::open(delivery, sync).await?;
    let ended = async {
        scheduler::enqueue(&session.scheduler, &plan).await?;
        sync::conclude(&session, &plan).await
    };
    let ended = ended.await;
    session.close().await?;
    let report = ended?;
    terminal.report(&report, &ledger.name);
    Ok(match report.status {
        RunStatus::Succeeded => Exit::Done,
        RunStatus::Partial | RunStatus::Failed => Exit::Flawed,
    })
}
