//! `backhaul test`

use std::path::PathBuf;

use extract::Decoder;
use ledger::Sync;
use platform::{Location, Stores};
use sender::Reading;
use test_mapping::{Answer, Tester, Verdict};

use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::Terminal;
use crate::{document, runtime};

/// Test Mapping: for each row and mapping the call, the reason it is filtered, or the rejection. Sends nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
    /// A file with rows, in the format of the sync's extracts.
    #[arg(long, value_name = "FILE")]
    rows: PathBuf,
    /// Test at most this many rows.
    #[arg(short, value_name = "N", default_value_t = 10)]
    n: u64,
}

/// Tests the first rows and prints one answer for each row and mapping.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let sync = document::load(&arguments.sync)?;
    runtime::start(1)?.block_on(test(arguments, &sync, terminal))
}

async fn test(arguments: &Arguments, sync: &Sync, terminal: Terminal) -> Result<Exit, CliError> {
    let path = arguments.rows.canonicalize().map_err(|source| CliError::File {
        path: arguments.rows.clone(),
        doing: "read rows",
        source,
    })?;
    let stores = Stores::default();
    let object = scheduler::plan_object(&stores, &Location::Path(path), sync).await?;
    let mut tester = Tester::new(sync, &object.key)?;
    let mut rows = Rows {
        left: arguments.n,
        next: 0,
        rejected: false,
        terminal,
    };
    for chunk in &object.chunks {
        let mut decoder = Decoder::new(&object.layout, chunk, object.size);
        let mut reading = Reading::new(stores.open(&object.store)?, &object.pin());
        while rows.left > 0 && reading.advance(&mut decoder).await? {
            rows.test(&mut decoder, &mut tester);
        }
    }
    Ok(if rows.rejected { Exit::Flawed } else { Exit::Done })
}

/// The rows still to be tested.
struct Rows {
    left: u64,
    next: u64,
    rejected: bool,
    terminal: Terminal,
}

impl Rows {
    /// Tests the rows that the decoder has, as long as some are left.
    fn test(&mut self, decoder: &mut Decoder, tester: &mut Tester) {
        while self.left > 0
            && let Some(row) = decoder.next_row()
        {
            for answer in tester.row(self.next, row) {
                self.rejected |= matches!(answer.verdict, Verdict::Rejected(_));
                self.terminal.answer(&describe(&answer), &answer);
            }
            self.next += 1;
            self.left -= 1;
        }
    }
}

fn describe(answer: &Answer) -> String {
    let place = format!("row {} × {}", answer.row + 1, answer.mapping);
    match &answer.verdict {
        Verdict::Event(event) => format!("{place}: would send\n  {}", event.get()),
        Verdict::Filtered(_) => format!("{place}: filtered, the trigger does not match"),
        Verdict::Rejected(why) => {
            let field = why
                .field
                .as_ref()
                .map(|field| format!(" ({field})"))
                .unwrap_or_default();
            format!("{place}: rejected{field}, {}: {}", why.code, why.message)
        }
    }
}
