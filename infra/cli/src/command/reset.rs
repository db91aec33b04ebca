//! `backhaul reset`

use std::collections::BTreeSet;
use std::fmt::Write;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ledger::{Document, FormatVersion, Reset, RunId, SyncName, is_named, key};
use platform::Stores;
use serde_json::json;

use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::{LedgerArguments, LedgerPlace};
use crate::runs::{self, Listed};
use crate::runtime;
use crate::shell::quoted;
use crate::terminal::{Terminal, confirm};

/// How many plans are read at once.
const AT_ONCE: usize = 8;

/// Forget what a sync has seen, so that its extracts are sent again.
///
/// Nothing is deleted: runs and reports stay, and the next pass over the sync (scheduled, or `backhaul sync`) takes the extracts that
/// are there as new. Equal rows have equal
/// message ids; Segment drops a repeated id for about 24 hours after it came, later it takes the events a second time.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync's name.
    sync: SyncName,
    /// Forget these objects or folders only: keys, paths or s3:// addresses.
    #[arg(long, value_name = "KEY", num_args = 1..)]
    extract: Vec<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    ledger: LedgerArguments,
}

/// Says what is forgotten, and forgets it once that is confirmed.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let ledger = arguments.ledger.open(&Stores::default())?;
    runtime::start(1)?.block_on(reset(arguments, &ledger, terminal))
}

async fn reset(arguments: &Arguments, ledger: &LedgerPlace, terminal: Terminal) -> Result<Exit, CliError> {
    let sync = &arguments.sync;
    let listed = runs::list(&*ledger.objects, Some(sync)).await?;
    if listed.is_empty() {
        return Err(CliError::NothingSeen {
            sync: sync.clone(),
            ledger: ledger.name.clone(),
        });
    }
    let named: Vec<String> = arguments.extract.iter().map(|given| absolute(given)).collect();
    let (runs, objects) = if named.is_empty() {
        (listed.iter().map(|listed| listed.run).collect(), None)
    } else {
        let (runs, objects) = runs_with(ledger, &listed, &named).await?;
        (runs, Some(objects))
    };
    let question = question(sync, &listed, &runs, objects);
    if !confirm(&question, arguments.yes)? {
        return Ok(Exit::Flawed);
    }
    let reset = Reset {
        version: FormatVersion,
        sync: sync.clone(),
        reset_at: Timestamp::now(),
        runs,
        extracts: (!named.is_empty()).then_some(named),
    };
    let id = RunId::new(reset.reset_at, std::array::from_fn(|_| fastrand::u8(..)));
    let key = key::reset(sync, &id);
    ledger.objects.create(&key, Bytes::from(reset.to_json()?)).await?;
    let count = reset.runs.len();
    let mut text = format!(
        "forgot what {count} runs of {sync} had seen: {}/{key}\nthe next run sends it again",
        ledger.name
    );
    if arguments.ledger.bucket().is_some() {
        let _ = write!(
            text,
            "; to start it now (of a stack with another name than backhaul: <stack>-scheduler):\n  {}",
            start_line(sync)
        );
    }
    terminal.answer(
        &text,
        &json!({ "sync": sync, "reset": key, "runs": count, "objects": objects }),
    );
    Ok(Exit::Done)
}

/// Returns the runs that have an object which is named, and how many such objects there are.
///
/// # Errors
/// [`CliError::NotSeen`] if one of the names is no object of any run.
async fn runs_with(
    ledger: &LedgerPlace,
    listed: &[Listed],
    named: &[String],
) -> Result<(BTreeSet<RunId>, usize), CliError> {
    let mut plans = stream::iter(listed)
        .map(|listed| runs::plan(&*ledger.objects, listed))
        .buffer_unordered(AT_ONCE);
    let (mut runs, mut objects) = (BTreeSet::new(), BTreeSet::new());
    let mut unmet: BTreeSet<&String> = named.iter().collect();
    while let Some(plan) = plans.try_next().await? {
        for object in plan.objects.iter().map(ledger::PlannedObject::pin) {
            let fitting: Vec<&String> = named.iter().filter(|name| is_named(name, &object)).collect();
            if !fitting.is_empty() {
                unmet.retain(|name| !fitting.contains(name));
                runs.insert(plan.run);
                objects.insert((object.store, object.key));
            }
        }
    }
    match unmet.first() {
        Some(name) => Err(CliError::NotSeen { named: (*name).clone() }),
        None => Ok((runs, objects.len())),
    }
}

fn question(sync: &SyncName, listed: &[Listed], runs: &BTreeSet<RunId>, objects: Option<usize>) -> String {
    let what = match objects {
        None => format!("everything that {} runs of {sync} have seen", runs.len()),
        Some(objects) => format!("{objects} objects that {} runs of {sync} have seen", runs.len()),
    };
    let mut text = format!(
        "forgets {what}: the next run sends all of it again that is still there\n\
         warning: equal rows have equal message ids, but Segment drops a repeated one for about 24 hours only; what it took \
         before that it takes a second time"
    );
    let open = listed
        .iter()
        .filter(|listed| runs.contains(&listed.run) && !listed.is_closed)
        .count();
    if open > 0 {
        let _ = write!(
            text,
            "\nwarning: {open} of these runs are not finished; what they have left is sent by them, too"
        );
    }
    text
}

/// Returns the line that starts a run in a deployed stack.
fn start_line(sync: &SyncName) -> String {
    let payload = quoted(&json!({ "sync": sync }).to_string());
    format!(
        "aws lambda invoke --function-name backhaul-scheduler --cli-binary-format raw-in-base64-out --payload {payload} /dev/stdout"
    )
}

/// Returns the absolute path of a file or folder of this machine; anything else as it is.
fn absolute(given: &str) -> String {
    match std::path::Path::new(given).canonicalize() {
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => given.to_owned(),
    }
}
