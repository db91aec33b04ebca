//! Why a job has no outcome yet.

use delivery::DeliveryError;
use lambda_runtime::Diagnostic;
use platform::ErrorName;

/// Why a sender could not conclude a job. Rows that cannot be sent are no error: they are rejected, and in the outcome.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The event that invoked the function names no job.
    #[error(
        "the event names no job: {reason}; expected an S3 notification of a job object, or {{\"jobs\": [\"jobs/…\"]}}"
    )]
    Event {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no object under the job's key.
    #[error("there is no job `{key}` in the ledger")]
    JobMissing {
        /// The job's key.
        key: String,
    },
    /// A mapping that was valid when the run was planned does not compile here.
    #[error("mapping `{mapping}` does not compile: {problem}; check that scheduler and sender are of one version")]
    Mapping {
        /// The mapping's name.
        mapping: String,
        /// Its first problem.
        problem: String,
    },
    /// A sync document names an environment variable where only Secrets Manager is read.
    #[error(
        "`destination.write_key` names the environment variable `{name}`, which only `backhaul sync` reads; write {{secret: <id>}}"
    )]
    EnvironmentKey {
        /// The variable.
        name: String,
    },
    /// The edge failed: a secret, a setting, a location.
    #[error(transparent)]
    Platform(#[from] platform::PlatformError),
    /// The ledger or the extract could not be read or written.
    #[error(transparent)]
    Object(#[from] platform::ObjectError),
    /// An object of the extract is not what its first bytes say.
    #[error("`{object}` cannot be read to its end: {source}")]
    Unreadable {
        /// The object.
        object: String,
        /// Why.
        source: extract::ExtractError,
    },
    /// The Tracking API could not be reached, or refuses every request.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// A document of the ledger cannot be understood, or does not add up.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// No row could be sent before the function's time was up.
    #[error("time was up before a row was sent; give the function more time, or plan smaller chunks")]
    OutOfTime,
    /// The job's code panicked. What it said is left out: it may quote a row.
    #[error("the job panicked; this is a fault in backhaul")]
    Panicked,
    /// A job that was named directly failed.
    #[error("job `{job}`: {source}")]
    Job {
        /// The job's key.
        job: String,
        /// Why.
        source: Box<Self>,
    },
}

impl SendError {
    /// Returns the error's name as Step Functions and alarms match it.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Event { .. } => ErrorName::BadEvent,
            Self::JobMissing { .. } | Self::Ledger(_) => ErrorName::BadLedger,
            Self::Mapping { .. } => ErrorName::BadMapping,
            Self::EnvironmentKey { .. } => ErrorName::BadWriteKey,
            Self::Platform(error) => error.name(),
            Self::Delivery(error) => delivery(error),
            Self::Object(error) => error.name(),
            Self::Unreadable { .. } => ErrorName::BadExtract,
            Self::OutOfTime => ErrorName::OutOfTime,
            Self::Panicked => ErrorName::Panic,
            Self::Job { source, .. } => source.name(),
        }
    }
}

fn delivery(error: &DeliveryError) -> ErrorName {
    match error {
        DeliveryError::BadWriteKey { .. } | DeliveryError::Unauthorized { .. } => ErrorName::BadWriteKey,
        DeliveryError::BadEndpoint { .. }
        | DeliveryError::EnvelopeTooLarge { .. }
        | DeliveryError::Setup(_)
        | DeliveryError::Redirected { .. } => ErrorName::BadSetting,
        DeliveryError::Unreachable { .. }
        | DeliveryError::Unanswered { .. }
        | DeliveryError::Held { .. }
        | DeliveryError::Rejected { .. } => ErrorName::DeliveryFailed,
        DeliveryError::NoTurn => ErrorName::OutOfTime,
    }
}

impl From<SendError> for Diagnostic {
    fn from(error: SendError) -> Self {
        Self {
            error_type: error.name().as_str().into(),
            error_message: error.to_string(),
        }
    }
}
