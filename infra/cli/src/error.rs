//! Why a command could not do its work.

use std::path::PathBuf;

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
            Self::Unfinished { .. } | Self::Interrupted { .. } | Self::EvalLines { .. } => crate::exit::Exit::Flawed,
            _ => crate::exit::Exit::Unusable,
        }
    }
}
