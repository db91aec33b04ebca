//! `backhaul estimate`

use std::path::PathBuf;

use ledger::Sync;
use platform::Stores;

use crate::document::Document;
use crate::error::CliError;
use crate::estimate::{self, Deployment};
use crate::exit::Exit;
use crate::terminal::Terminal;
use crate::{extract_path, runtime};

/// Estimate what one run would send, how long it takes and what it costs at AWS. Sends nothing.
///
/// Rows go through the real mappings into real batches. A large extract is sampled, and the answer says so; it also says what it
/// rests on, each price and each formula.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
    /// Read these extracts instead of `source.extract`: files, folders, patterns, s3://….
    #[arg(long, value_name = "PATH", num_args = 1..)]
    extract: Vec<String>,
    /// Read about this many bytes of larger extracts.
    #[arg(long, value_name = "N", default_value_t = 256 << 20, value_parser = clap::value_parser!(u64).range(1..))]
    sample_bytes: u64,
    #[command(flatten)]
    deployment: Deployment,
}

/// Prints the estimate.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let document = Document::read(&arguments.sync)?;
    runtime::start(1)?.block_on(estimate(arguments, document.sync()?, terminal))
}

async fn estimate(arguments: &Arguments, sync: &Sync, terminal: Terminal) -> Result<Exit, CliError> {
    let locations = extract_path::locate(&arguments.extract, &arguments.sync, &sync.source.extract)?;
    let sampled = estimate::read(
        &Stores::default(),
        &locations,
        sync,
        (arguments.sample_bytes, arguments.deployment.senders()),
    )
    .await?;
    let estimate = sampled.estimate(sync, arguments.deployment);
    terminal.answer(&estimate::describe(&estimate), &estimate);
    Ok(Exit::Done)
}
