//! `backhaul deploy`

use std::path::{Path, PathBuf};

use bytes::Bytes;
use ledger::{Sync, WriteKeySource, key};
use platform::Stores;
use serde_json::json;

use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::LedgerPlace;
use crate::sync_stack::SyncStack;
use crate::terminal::{Terminal, note};
use crate::{extract_path, ledger_place, runtime};

/// Put a sync document into a deployed stack's bucket, and show the line that deploys the sync's own small stack.
///
/// That stack (infra/sync.yaml) holds the schedule, the rule for objects that are dropped, and the secret. Nothing is deployed by
/// this command: the line is yours to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
    /// The ledger bucket of the deployed stack [default: `BACKHAUL_BUCKET`].
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// The deployed stack's name.
    #[arg(long, value_name = "NAME", default_value = "backhaul")]
    pub(crate) stack: String,
    /// Run the sync by this schedule: `rate(1 hour)`, `cron(0 6 * * ? *)`.
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) schedule: Option<String>,
    /// The time zone of the schedule, such as Europe/Berlin [default: UTC].
    #[arg(long, value_name = "ZONE", requires = "schedule")]
    pub(crate) timezone: Option<String>,
    /// Run the sync when an object is dropped where its extracts land; without --schedule that is so anyway.
    #[arg(long)]
    pub(crate) on_drop: bool,
    /// The ARN of the secret with the write key, if it is there already: else the stack makes it.
    #[arg(long, value_name = "ARN")]
    pub(crate) secret_arn: Option<String>,
}

/// Uploads the document and prints what to run next.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let document = Document::read(&arguments.sync)?;
    let sync = document.sync()?;
    let bucket = ledger_place::bucket(arguments.bucket.as_deref());
    let stack = SyncStack::of(arguments, bucket.as_deref(), sync)?;
    check(&arguments.sync, bucket.as_deref(), sync)?;
    let bucket = bucket.ok_or(CliError::NoBucket)?;
    let ledger = LedgerPlace::of_bucket(&Stores::default(), &bucket)?;
    let is_new = runtime::start(1)?.block_on(upload(&ledger, sync, document.text()))?;
    if !sync.destination.enabled {
        note("warning: `destination.enabled` is false: runs of this sync send nothing");
    }
    let place = format!("{}/{}", ledger.name, key::sync_document(&sync.name));
    let done = if is_new { "put there" } else { "there already, the same" };
    let text = format!("{place}: {done}\n{}", stack.describe());
    terminal.answer(
        &text,
        &json!({
            "sync": sync.name,
            "document": place,
            "changed": is_new,
            "parameters": stack.parameters(),
            "command": stack.command(),
        }),
    );
    Ok(Exit::Done)
}

/// Refuses what only works on one machine, all of it at once.
fn check(path: &Path, bucket: Option<&str>, sync: &Sync) -> Result<(), CliError> {
    let mut faults = Vec::new();
    if !extract_path::is_remote(&sync.source.extract) {
        faults.push(CliError::LocalExtract {
            path: path.to_owned(),
            extract: sync.source.extract.clone(),
            places: extract_path::places(bucket, &sync.name),
        });
    }
    if let WriteKeySource::Env { name } = &sync.destination.write_key {
        faults.push(CliError::LocalWriteKey {
            path: path.to_owned(),
            variable: name.clone(),
            sync: sync.name.clone(),
        });
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CliError::Several(faults))
    }
}

/// Writes the document, unless it is there as it is. Returns whether it was written.
async fn upload(ledger: &LedgerPlace, sync: &Sync, text: &str) -> Result<bool, CliError> {
    let key = key::sync_document(&sync.name);
    if ledger
        .objects
        .get(&key)
        .await?
        .is_some_and(|found| found == text.as_bytes())
    {
        return Ok(false);
    }
    ledger
        .objects
        .put(&key, Bytes::copy_from_slice(text.as_bytes()))
        .await?;
    Ok(true)
}
