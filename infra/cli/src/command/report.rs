//! `backhaul report`

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use ledger::{RunStatus, SyncName, key};
use platform::{ObjectError, Stores};

use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::{LedgerArguments, LedgerPlace};
use crate::runs::{self, Choice, Listed};
use crate::terminal::{Terminal, note};
use crate::{rejected_rows, report_text, runtime};

/// Show one run's report, as at the end of `backhaul sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The run's id, or `latest`.
    run: Choice,
    /// Look among the runs of this sync only.
    sync: Option<SyncName>,
    /// Write the report as a page for people to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write all rejected rows as JSON lines to this file; `-`: to stdout, and the report to stderr.
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

/// Prints the report and writes the files that are asked for.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let ledger = arguments.ledger.open(&Stores::default())?;
    runtime::start(1)?.block_on(show(arguments, &ledger, terminal))
}

async fn show(arguments: &Arguments, ledger: &LedgerPlace, terminal: Terminal) -> Result<Exit, CliError> {
    let (objects, sync) = (&*ledger.objects, arguments.sync.as_ref());
    let listed = runs::find(objects, &ledger.name, arguments.run, sync).await?;
    let Some(report) = runs::report(objects, &listed).await? else {
        let standing = runs::standing(objects, &listed).await?;
        return Err(CliError::StillOpen {
            run: listed.run,
            sync: listed.sync,
            concluded: standing.concluded,
            planned: standing.planned,
            ledger: ledger.name.clone(),
        });
    };
    if let Some(path) = &arguments.html {
        write_page(ledger, &listed, path).await?;
    }
    let to_stdout = arguments.rejected.as_deref() == Some(Path::new("-"));
    if to_stdout {
        note(&report_text::describe(&report, &ledger.name));
    } else {
        terminal.report(&report, &ledger.name);
    }
    if let Some(path) = &arguments.rejected {
        write_rejected(ledger, &listed, path, to_stdout).await?;
    }
    Ok(match report.status {
        RunStatus::Succeeded => Exit::Done,
        RunStatus::Partial | RunStatus::Failed => Exit::Flawed,
    })
}

async fn write_page(ledger: &LedgerPlace, listed: &Listed, path: &Path) -> Result<(), CliError> {
    let object = key::report_html(&listed.sync, &listed.run);
    let page = ledger.objects.get(&object).await?;
    let page = page.ok_or(ObjectError::NotFound { object })?;
    std::fs::write(path, page).map_err(|source| failed(path, "write report to", source))
}

async fn write_rejected(ledger: &LedgerPlace, listed: &Listed, path: &Path, to_stdout: bool) -> Result<(), CliError> {
    let mut out: Box<dyn Write> = if to_stdout {
        Box::new(BufWriter::new(std::io::stdout()))
    } else {
        let file = File::create(path).map_err(|source| failed(path, "write rejected rows to", source))?;
        Box::new(BufWriter::new(file))
    };
    match rejected_rows::write(&*ledger.objects, (&listed.sync, &listed.run), &mut *out, path).await {
        // Whoever reads has seen enough.
        Err(CliError::File { source, .. }) if to_stdout && source.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => ended,
    }
}

fn failed(path: &Path, doing: &'static str, source: std::io::Error) -> CliError {
    CliError::File {
        path: path.to_owned(),
        doing,
        source,
    }
}
