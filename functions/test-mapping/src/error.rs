//! Why nothing could be tested.

use lambda_runtime::Diagnostic;

/// Why Test Mapping has no answers. A row that cannot be sent is no error: that is an answer.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// The event is not a sync with rows.
    #[error("the event is not understood: {reason}; expected {{\"sync\": \"<document>\", \"rows\": [{{…}}]}}")]
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
}

impl From<TestError> for Diagnostic {
    fn from(error: TestError) -> Self {
        let name = match error {
            TestError::Event { .. } => "BadEvent",
            TestError::Document { .. } => "BadSync",
            TestError::Mapping(_) => "BadMapping",
        };
        Self {
            error_type: name.into(),
            error_message: error.to_string(),
        }
    }
}
