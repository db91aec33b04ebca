//! Why no run could be started.

use std::mem::{Discriminant, discriminant};

use lambda_runtime::Diagnostic;
use platform::ErrorName;

/// Why the scheduler could not plan a run.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The event that invoked the function asks for nothing known.
    #[error("the event is not understood: {reason}; expected {{\"sync\": \"<name>\"}} or an S3 object-created event")]
    Event {
        /// What is wrong with it.
        reason: String,
    },
    /// No sync document of this name is in the ledger bucket.
    #[error("there is no sync `{sync}`: put its document at `{key}` in the ledger bucket")]
    SyncMissing {
        /// The name asked for.
        sync: String,
        /// The key where its document would be.
        key: String,
    },
    /// The sync document is wrong.
    #[error("sync document `{document}` cannot be used: {}", list(problems))]
    SyncInvalid {
        /// Its key or path.
        document: String,
        /// Every problem in it.
        problems: Vec<ledger::Problem>,
    },
    /// Nothing is where the extract should be.
    #[error("no extract at `{location}`: check `source.extract` and that the unload is complete")]
    NoExtract {
        /// Where it should be.
        location: String,
    },
    /// What is called a manifest is none.
    #[error(
        "`{manifest}` cannot be read as a manifest: {problem}; write redshift's json (`{{\"entries\": [{{\"url\": \"s3://…\"}}]}}`), or one key or s3:// url a line"
    )]
    BrokenManifest {
        /// Its key.
        manifest: String,
        /// Why it is none.
        problem: String,
    },
    /// A manifest names an object that is not there, or not that one.
    #[error(
        "manifest `{manifest}` names `{object}`: {problem}; unload the extract again, or remove its manifest; nothing of it is sent"
    )]
    NamedObject {
        /// The manifest's key.
        manifest: String,
        /// The object, as the manifest names it.
        object: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The format of an object cannot be told from its name or first bytes.
    #[error(
        "`{object}`: neither its name nor its first bytes tell its format; set `source.format` to csv, jsonl or parquet"
    )]
    UnknownFormat {
        /// The object.
        object: String,
    },
    /// An object is Parquet where the sync says otherwise, or compressed as a whole.
    #[error("`{object}` is parquet {but}; {remedy}")]
    WrongParquet {
        /// The object.
        object: String,
        /// What it should not be.
        but: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The sync has nothing to send.
    #[error(
        "sync `{sync}` has no enabled mapping, or its destination is off: nothing is planned; enable what should be sent"
    )]
    NothingEnabled {
        /// The sync.
        sync: String,
    },
    /// There are objects, but none that a mapping is for.
    #[error("no mapping is for `{object}` or any other object: {why}")]
    NothingRead {
        /// The first of them.
        object: String,
        /// Why none is.
        why: String,
    },
    /// Other schedulers kept planning the same extracts.
    #[error("sync `{sync}`: other passes are planning the same extracts; run this one again")]
    Contended {
        /// The sync.
        sync: String,
    },
    /// A plan of that many objects could be written, but not read again.
    #[error(
        "sync `{sync}`: a run of {objects} objects has too long a plan; unload fewer and larger ones, or name a part of them in `source.extract`"
    )]
    PlanTooLarge {
        /// The sync.
        sync: String,
        /// How many objects there are.
        objects: usize,
    },
    /// An object cannot be split into chunks.
    #[error("`{object}`: {source}")]
    Unreadable {
        /// The object.
        object: String,
        /// Why.
        source: extract::ExtractError,
    },
    /// A column that the sync document relies on is not in an object.
    #[error("`{object}` has no column `{column}`, which `{option}` names; its columns are: {columns}")]
    MissingColumn {
        /// The object.
        object: String,
        /// The column.
        column: String,
        /// The key of the sync document that names it.
        option: &'static str,
        /// The columns that there are.
        columns: String,
    },
    /// `source.csv.columns` and the header do not have the same length.
    #[error(
        "`source.csv.columns` names {named} columns, the header of `{object}` has {header}; name them all, or none"
    )]
    ColumnCount {
        /// The object.
        object: String,
        /// How many the sync document names.
        named: usize,
        /// How many the header has.
        header: usize,
    },
    /// An object of the ledger cannot be understood or does not add up.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The edge failed: a location, a setting.
    #[error(transparent)]
    Platform(#[from] platform::PlatformError),
    /// The ledger or the extract could not be read or written.
    #[error(transparent)]
    Object(#[from] platform::ObjectError),
}

/// What kind of thing is wrong with an object. Two that are equal may have one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault(Discriminant<ScheduleError>, Option<Discriminant<extract::ExtractError>>);

impl ScheduleError {
    /// Returns what is wrong with the object or manifest that the error is about, if it is about the content of one: trying again
    /// does not help, and nor does the store.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let source = match self {
            Self::Unreadable { source, .. } => Some(discriminant(source)),
            _ => None,
        };
        (self.name() == ErrorName::BadExtract).then(|| Fault(discriminant(self), source))
    }

    /// Returns the error's name as Step Functions and alarms match it.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Event { .. } => ErrorName::BadEvent,
            Self::SyncMissing { .. } | Self::SyncInvalid { .. } => ErrorName::BadSync,
            Self::NoExtract { .. } => ErrorName::NoExtract,
            Self::NothingEnabled { .. } => ErrorName::NothingEnabled,
            Self::NothingRead { .. } => ErrorName::NothingRead,
            Self::Contended { .. } => ErrorName::Unavailable,
            Self::PlanTooLarge { .. } => ErrorName::PlanTooLarge,
            Self::BrokenManifest { .. }
            | Self::NamedObject { .. }
            | Self::UnknownFormat { .. }
            | Self::WrongParquet { .. }
            | Self::Unreadable { .. }
            | Self::MissingColumn { .. }
            | Self::ColumnCount { .. } => ErrorName::BadExtract,
            Self::Ledger(_) => ErrorName::BadLedger,
            Self::Platform(error) => error.name(),
            Self::Object(error) => error.name(),
        }
    }
}

impl From<ScheduleError> for Diagnostic {
    fn from(error: ScheduleError) -> Self {
        Self {
            error_type: error.name().as_str().into(),
            error_message: error.to_string(),
        }
    }
}

fn list(problems: &[ledger::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
