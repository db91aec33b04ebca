//! Why nothing could be tested.

use lambda_runtime::Diagnostic;
use platform::ErrorName;

/// Why Test Mapping has no answers. A row that cannot be sent is no error: that is an answer.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The event is not a sync with rows.
    #[error(
        "the event is not understood: {reason}; expected {{\"sync\": \"<name or document>\", \"rows\": [{{…}}]}}, or `n` in \
         place of `rows` for the first rows of the newest extract"
    )]
    Event {
        /// What is wrong with it.
        reason: String,
    },
    /// The sync document is wrong.
    #[error("the sync document cannot be used: {}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Document {
        /// Every problem in it.
        problems: Vec<ledger::Problem>,
    },
    /// A mapping does not compile.
    #[error(transparent)]
    Mapping(#[from] sender::SendError),
    /// The sync's document or newest extract cannot be used.
    #[error(transparent)]
    Schedule(#[from] scheduler::ScheduleError),
    /// A location or setting is unusable.
    #[error(transparent)]
    Platform(#[from] platform::PlatformError),
    /// The extract is damaged before the last row that is tested.
    #[error("`{object}` cannot be read on: {source}")]
    Unreadable {
        /// The object.
        object: String,
        /// Why.
        source: extract::ExtractError,
    },
    /// The extract could not be read.
    #[error(transparent)]
    Object(#[from] platform::ObjectError),
}

impl TestError {
    /// Returns the error's name as Step Functions and alarms match it.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Event { .. } => ErrorName::BadEvent,
            Self::Document { .. } => ErrorName::BadSync,
            Self::Mapping(_) => ErrorName::BadMapping,
            Self::Schedule(error) => error.name(),
            Self::Unreadable { .. } => ErrorName::BadExtract,
            Self::Platform(error) => error.name(),
            Self::Object(error) => error.name(),
        }
    }
}

impl From<TestError> for Diagnostic {
    fn from(error: TestError) -> Self {
        Self {
            error_type: error.name().as_str().into(),
            error_message: error.to_string(),
        }
    }
}
