//! `backhaul status`

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use ledger::SyncName;
use platform::Stores;
use serde_json::json;

use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::{LedgerArguments, LedgerPlace};
use crate::runs::{self, Listed};
use crate::runtime;
use crate::status_text::{self, Line, State};
use crate::terminal::Terminal;

/// How many runs are looked at at once.
const AT_ONCE: usize = 16;

/// How long an open run may leave no outcome before that is worth a remark: a job ends within a function's 15 minutes, and one
/// that failed comes again within as many.
const QUIET: SignedDuration = SignedDuration::from_hours(1);

/// Show the runs, newest first: how they stand or ended, and what they sent.
///
/// Rows are shown once a run has ended. One that left no outcome for an hour is marked as stalled.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Show the runs of this sync only.
    sync: Option<SyncName>,
    /// Show at most this many runs.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    ledger: LedgerArguments,
}

/// Prints a line for each run.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let ledger = arguments.ledger.open(&Stores::default())?;
    runtime::start(1)?.block_on(show(arguments, &ledger, terminal))
}

async fn show(arguments: &Arguments, ledger: &LedgerPlace, terminal: Terminal) -> Result<Exit, CliError> {
    let listed = runs::list(&*ledger.objects, arguments.sync.as_ref()).await?;
    let (now, all) = (Timestamp::now(), listed.len());
    let lines = stream::iter(listed.into_iter().take(arguments.limit))
        .map(|listed| line(ledger, listed, now))
        .buffered(AT_ONCE);
    let lines: Vec<Line> = lines.try_collect().await?;
    let text = status_text::describe(&lines, all, arguments.sync.as_ref(), &ledger.name);
    terminal.answer(&text, &json!({ "ledger": ledger.name, "runs": lines }));
    Ok(Exit::Done)
}

async fn line(ledger: &LedgerPlace, listed: Listed, now: Timestamp) -> Result<Line, CliError> {
    let ledger = &*ledger.objects;
    let report = if listed.is_closed {
        runs::report(ledger, &listed).await?
    } else {
        None
    };
    if let Some(report) = report {
        return Ok(Line::closed(&report));
    }
    let standing = runs::standing(ledger, &listed).await?;
    let quiet = now.duration_since(standing.heard_of);
    let state = if quiet > QUIET { State::Stalled } else { State::Running };
    Ok(Line::open(&listed, &standing, state, now))
}
