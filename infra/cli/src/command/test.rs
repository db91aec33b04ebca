//! `backhaul test`

use std::path::PathBuf;

use ledger::Sync;
use platform::{Location, Stores};
use test_mapping::{Tester, first_rows};

use crate::answer_text::{Summary, describe};
use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::{Terminal, note};
use crate::{auto_note, extract_path, runtime};

/// Test Mapping: for each row and mapping the call, the reason it is filtered, or the rejection. Sends nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
    /// A file with rows, in the format of the sync's extracts; without it, the sync's newest extract.
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// Test at most this many rows.
    #[arg(short, value_name = "N", default_value_t = 10)]
    n: u64,
}

/// Tests the first rows and prints one answer for each row and mapping.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let document = Document::read(&arguments.sync)?;
    runtime::start(1)?.block_on(test(arguments, document.sync()?, terminal))
}

async fn test(arguments: &Arguments, sync: &Sync, terminal: Terminal) -> Result<Exit, CliError> {
    let stores = Stores::default();
    let object = scheduler::preview(&stores, &locations(arguments, sync)?, sync).await?;
    auto_note::tell(&stores, sync, std::slice::from_ref(&object)).await?;
    let mut tester = Tester::of_object(sync, &object)?;
    let (mut rows, mut summary) = (0, Summary::default());
    first_rows(&stores, &object, arguments.n, |place, row| {
        let text = match &row {
            Ok(row) => row.record.text().to_owned(),
            Err(bad) => bad.text.clone(),
        };
        rows += 1;
        for answer in tester.row(place, row) {
            summary.add(&answer.verdict);
            terminal.answer(&describe(&answer, &text), &answer);
        }
    })
    .await?;
    note(&summary.describe(rows, &object.key));
    Ok(if summary.has_rejected() {
        Exit::Flawed
    } else {
        Exit::Done
    })
}

/// Returns where the rows are.
fn locations(arguments: &Arguments, sync: &Sync) -> Result<Vec<Location>, CliError> {
    let Some(rows) = &arguments.rows else {
        return extract_path::locate(&[], &arguments.sync, &sync.source.extract);
    };
    let path = rows.canonicalize().map_err(|source| CliError::File {
        path: rows.clone(),
        doing: "read rows",
        source,
    })?;
    Ok(vec![Location::Path(path)])
}
