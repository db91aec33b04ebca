//! Why a command could not do its work.

use std::path::PathBuf;

use crate::ledger_place::option;
use crate::status_text::of_sync;

/// Why a command stopped. Rows that cannot be sent are no error of this kind: they are in the report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A file could not be read or written.
    #[error("could not {doing} `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// The sync document is wrong.
    #[error("{text}\n{}: {count}: the document cannot be used", path.display())]
    Document {
        /// Its path.
        path: PathBuf,
        /// Every problem in it, as text.
        text: String,
        /// How many there are.
        count: String,
    },
    /// A pattern for extracts is malformed.
    #[error("`{pattern}` is no usable pattern: {problem}; write a path, or use *, ? and [..] in one")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// What a run writes would be read as an extract.
    #[error(
        "{option} `{}` lies in the extract `{extract}`, so that the next run would send it: take a folder elsewhere", folder.display()
    )]
    InsideExtract {
        /// The option that names the folder.
        option: &'static str,
        /// The folder.
        folder: PathBuf,
        /// The extract's folder.
        extract: String,
    },
    /// No extract is where one should be.
    #[error("no extract at `{place}`, which {origin} names: check the path (it is relative to {base})")]
    NoExtract {
        /// The path or pattern.
        place: String,
        /// Who named it.
        origin: &'static str,
        /// What it is relative to.
        base: String,
    },
    /// There is nothing to draft a document from.
    #[error("`{}` has no columns to draft a document from: name a csv or json lines file with rows, or a folder of them", path.display())]
    NothingToDraft {
        /// The file or folder.
        path: PathBuf,
    },
    /// A document is drafted from files of this machine only.
    #[error("`{place}` is not on this machine: copy one file of the extract here, and name that")]
    NotLocal {
        /// The place.
        place: String,
    },
    /// A file would be overwritten.
    #[error("`{}` is there already: name another file, or overwrite it with --force", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The destination is switched off.
    #[error("`destination.enabled` is false in `{}`: nothing is sent; set it to true", path.display())]
    Disabled {
        /// The sync document.
        path: PathBuf,
    },
    /// Some jobs could not be concluded; the run stays open.
    #[error(
        "{source}\nrun {run} is not finished: {left} of {planned} jobs are left. Nothing is lost: run the same command again to go on"
    )]
    Unfinished {
        /// The run.
        run: ledger::RunId,
        /// Jobs without an outcome.
        left: usize,
        /// Jobs of the run.
        planned: usize,
        /// The first error.
        source: Box<sender::SendError>,
    },
    /// The user stopped the command.
    #[error("stopped; run {run} is not finished. Nothing is lost: run the same command again to go on")]
    Interrupted {
        /// The run.
        run: ledger::RunId,
    },
    /// There is no ledger where one should be.
    #[error(
        "there is no ledger at `{}`: name the folder that `backhaul sync` used with --state, or a deployed stack's bucket with --bucket", folder.display()
    )]
    NoLedger {
        /// The folder.
        folder: PathBuf,
    },
    /// A run is not in the ledger.
    #[error(
        "there is no run{}{} in {ledger}: `backhaul status{}` lists the runs",
        run.map(|run| format!(" {run}")).unwrap_or_default(),
        of_sync(sync.as_ref()),
        option(ledger)
    )]
    NoRun {
        /// Where was looked.
        ledger: String,
        /// The run; `None`: any.
        run: Option<ledger::RunId>,
        /// The only sync whose runs were looked among; `None`: those of all.
        sync: Option<ledger::SyncName>,
    },
    /// A run has no report yet.
    #[error(
        "run {run} of {sync} is not finished, so it has no report yet: {concluded} of {planned} jobs have ended; `backhaul status {sync}{}` shows how it goes on",
        option(ledger)
    )]
    StillOpen {
        /// The run.
        run: ledger::RunId,
        /// Its sync.
        sync: ledger::SyncName,
        /// Jobs that have ended.
        concluded: usize,
        /// Jobs of the run.
        planned: usize,
        /// The ledger that it is in.
        ledger: String,
    },
    /// A retry of the run is there, and finished.
    #[error(
        "run {run} was tried again by run {by} already: for what that one left, backhaul retry {by}{}",
        option(ledger)
    )]
    Retried {
        /// The run.
        run: ledger::RunId,
        /// Its retry.
        by: ledger::RunId,
        /// The ledger that both are in.
        ledger: String,
    },
    /// No row of the run can be tried again.
    #[error(
        "run {run} left nothing that can be tried again: it rejected no row and no job of it failed, but for what is said above"
    )]
    NothingToRetry {
        /// The run.
        run: ledger::RunId,
    },
    /// The document is of another sync than the run.
    #[error("run {run} is of sync `{sync}`, the document is of sync `{found}`: name the document of `{sync}`")]
    OtherSync {
        /// The run.
        run: ledger::RunId,
        /// Its sync.
        sync: ledger::SyncName,
        /// The document's.
        found: ledger::SyncName,
    },
    /// On this machine no document is kept.
    #[error("name the sync document, mended, with --document; or a deployed stack's bucket with --bucket")]
    NoDocument,
    /// Something that needs a yes got none, and nobody can be asked.
    #[error("nothing was done: say --yes to do it where there is no terminal to ask at")]
    NotConfirmed,
    /// There is nothing that could be forgotten.
    #[error(
        "no run of sync `{sync}` is in {ledger}, so there is nothing to forget: `backhaul status{}` lists the runs",
        option(ledger)
    )]
    NothingSeen {
        /// The sync.
        sync: ledger::SyncName,
        /// Where was looked.
        ledger: String,
    },
    /// An object that is to be forgotten was never seen.
    #[error("no run has read `{named}`: name an object by its key or address, or a folder that it is in")]
    NotSeen {
        /// What was named.
        named: String,
    },
    /// No bucket is named.
    #[error("no ledger bucket is named: name the deployed stack's with --bucket, or set BACKHAUL_BUCKET")]
    NoBucket,
    /// Functions read no files of this machine.
    #[error(
        "`source.extract` in `{}` is `{extract}`, a path of this machine, which functions cannot read: name a place in s3 ({places})", path.display()
    )]
    LocalExtract {
        /// The sync document.
        path: PathBuf,
        /// What it names.
        extract: String,
        /// Which places functions read.
        places: String,
    },
    /// Functions read write keys from Secrets Manager only.
    #[error(
        "`destination.write_key` in `{}` is the environment variable `{variable}`, which only `backhaul sync` reads: write {{secret: backhaul/{sync}}}", path.display()
    )]
    LocalWriteKey {
        /// The sync document.
        path: PathBuf,
        /// The variable.
        variable: String,
        /// The sync.
        sync: ledger::SyncName,
    },
    /// A document has several faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<Self>),
    /// A schedule has not the form of one.
    #[error("`{text}` is no schedule: write rate(1 hour), cron(0 6 * * ? *) or at(2026-01-31T06:00:00)")]
    NoSchedule {
        /// The text.
        text: String,
    },
    /// Planning failed.
    #[error(transparent)]
    Schedule(#[from] scheduler::ScheduleError),
    /// Reporting failed.
    #[error(transparent)]
    Report(#[from] reporter::ReportError),
    /// A job could not even begin.
    #[error(transparent)]
    Send(#[from] sender::SendError),
    /// The embedded or stand-alone simulator failed.
    #[error(transparent)]
    Simulator(#[from] simulator::SimulatorError),
    /// The endpoint or write key is unusable.
    #[error(transparent)]
    Delivery(#[from] delivery::DeliveryError),
    /// A location or setting is unusable.
    #[error(transparent)]
    Platform(#[from] platform::PlatformError),
    /// An object could not be read or written.
    #[error(transparent)]
    Object(#[from] platform::ObjectError),
    /// Lines given to `eval` are not what the mode takes. Their answers say so, and the other lines are answered.
    #[error("{count} lines of stdin could not be evaluated, the first is line {number}: {source}")]
    EvalLines {
        /// How many.
        count: u64,
        /// The first of them, from 1.
        number: u64,
        /// What is wrong with it.
        source: mapping::EvaluationError,
    },
    /// Nothing can be tested.
    #[error(transparent)]
    Test(#[from] test_mapping::TestError),
    /// A run that should be complete is not.
    #[error(transparent)]
    Open(#[from] ledger::Open),
    /// A ledger document is wrong.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The runtime could not be started.
    #[error("could not start the worker threads: {0}")]
    Runtime(std::io::Error),
}

impl CliError {
    /// Returns the exit status that tells it.
    pub(crate) fn exit(&self) -> crate::exit::Exit {
        match self {
            Self::Unfinished { .. } | Self::Interrupted { .. } | Self::EvalLines { .. } | Self::StillOpen { .. } => {
                crate::exit::Exit::Flawed
            }
            _ => crate::exit::Exit::Unusable,
        }
    }
}
