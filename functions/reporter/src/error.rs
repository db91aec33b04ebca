//! Why a run could not be closed.

use lambda_runtime::Diagnostic;
use platform::ErrorName;

/// Why the reporter could not look at a run. A run that is still open is no error.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The event that invoked the function names no run.
    #[error(
        "the event names no run: {reason}; expected S3 notifications of outcomes or dead jobs, or {{\"sync\": \"…\", \"run\": \"…\"}}"
    )]
    Event {
        /// What is wrong with it.
        reason: String,
    },
    /// The run has no plan in the ledger.
    #[error("run {run} of sync `{sync}` has no plan in the ledger")]
    PlanMissing {
        /// The sync.
        sync: String,
        /// The run.
        run: String,
    },
    /// A document of the ledger cannot be understood, or the run's outcomes do not add up.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The ledger could not be read or written.
    #[error(transparent)]
    Object(#[from] platform::ObjectError),
    /// The reporter's code panicked.
    #[error("the reporter panicked; this is a fault in backhaul")]
    Panicked,
    /// The edge failed: a setting.
    #[error(transparent)]
    Platform(#[from] platform::PlatformError),
}

impl ReportError {
    /// Returns the error's name as Step Functions and alarms match it.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Event { .. } => ErrorName::BadEvent,
            Self::PlanMissing { .. } | Self::Ledger(_) => ErrorName::BadLedger,
            Self::Object(error) => error.name(),
            Self::Panicked => ErrorName::Panic,
            Self::Platform(error) => error.name(),
        }
    }
}

impl From<ReportError> for Diagnostic {
    fn from(error: ReportError) -> Self {
        Self {
            error_type: error.name().as_str().into(),
            error_message: error.to_string(),
        }
    }
}
