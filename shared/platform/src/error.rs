//! What can go wrong at the edge, with the object it went wrong with and the remedy.

use std::io;

use crate::ErrorName;

/// Why an object could not be read, listed or written. `object` is what a user would look for: `s3://bucket/key`, or
/// a path.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// The key is no relative path of plain names, or cannot be stored where it was asked for.
    #[error("`{}` cannot be an object's key: {problem}", key.escape_debug())]
    InvalidKey {
        /// The key as given.
        key: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A pinned object is gone.
    #[error("`{object}` is not there any more; put it back, or start a new run")]
    NotFound {
        /// The object.
        object: String,
    },
    /// The object under this key is another version than the pinned one.
    #[error(
        "`{object}` changed after it was planned: expected {expected}, found {found}; start a new run to read it as it is now"
    )]
    Changed {
        /// The object.
        object: String,
        /// Size and etag of the pinned version.
        expected: String,
        /// Size and etag of what is there now.
        found: String,
    },
    /// An object to be read whole is too large for that.
    #[error("`{object}` has {size} bytes; at most {limit} can be read at once")]
    TooLarge {
        /// The object.
        object: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A stream broke off before the range's end.
    #[error("reading `{object}` broke off {missing} bytes before the end: {cause}")]
    Interrupted {
        /// The object.
        object: String,
        /// Bytes of the range not delivered.
        missing: u64,
        /// What the transport said.
        cause: String,
    },
    /// The file system refused.
    #[error("could not {doing} `{object}`{remedy}")]
    File {
        /// The file or folder.
        object: String,
        /// What was tried: `read`, `list`, `write`.
        doing: &'static str,
        /// What to do about it, led in by `; `, or nothing.
        remedy: &'static str,
        /// The system's own error.
        #[source]
        source: io::Error,
    },
    /// S3 refused, or could not be reached.
    #[error("could not {doing} `{object}`: {failure}")]
    Service {
        /// The object, or the bucket.
        object: String,
        /// What was tried: `read`, `list`, `write`.
        doing: &'static str,
        /// What came back.
        failure: Box<ServiceFailure>,
    },
}

impl ObjectError {
    /// Whether the same request may succeed later without anyone doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::InvalidKey { .. } | Self::NotFound { .. } | Self::Changed { .. } | Self::TooLarge { .. } => false,
            Self::Interrupted { .. } => true,
            Self::File { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::Interrupted | io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
            ),
            Self::Service { failure, .. } => failure.retryable,
        }
    }

    /// Whether whoever asked may not have the object, as far as the store tells.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        match self {
            Self::File { source, .. } => source.kind() == io::ErrorKind::PermissionDenied,
            Self::Service { failure, .. } => matches!(failure.code.as_str(), "AccessDenied" | "Forbidden"),
            _ => false,
        }
    }

    /// Returns the name of the error that a function answers with because of this one.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::InvalidKey { .. } => ErrorName::BadSetting,
            Self::TooLarge { .. } => ErrorName::BadLedger,
            Self::NotFound { .. } | Self::Changed { .. } => ErrorName::ObjectChanged,
            _ if self.is_retryable() => ErrorName::Unavailable,
            Self::Interrupted { .. } | Self::File { .. } | Self::Service { .. } => ErrorName::AccessRefused,
        }
    }
}

/// What an AWS service answered, or why it did not. Text only: an SDK error's `Debug` form can hold raw replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFailure {
    /// The service's error code, as `AccessDenied`, or a word of ours where there was no answer.
    pub code: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The service's or transport's own words.
    pub message: String,
    /// What to do about it, if that is known.
    pub remedy: Option<String>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

impl std::fmt::Display for ServiceFailure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.code)?;
        if let Some(status) = self.status {
            write!(out, " (status {status})")?;
        }
        if !self.message.is_empty() {
            write!(out, ": {}", self.message)?;
        }
        match &self.remedy {
            Some(remedy) => write!(out, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// Why something at the edge other than a single object failed.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// An event is none of S3's.
    #[error("the event names no object as s3 notifications do: {source}")]
    Notification {
        /// What is missing.
        source: serde_json::Error,
    },
    /// An environment variable is missing or unusable.
    #[error("environment variable `{name}` {problem}; set it: export {name}={example}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it. Never its value where it may be secret.
        problem: String,
        /// What a good value looks like.
        example: &'static str,
    },
    /// A text is no place where objects can lie.
    #[error("`{text}` is no usable location: {problem}; write s3://bucket/key or a path")]
    Location {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A secret exists but does not hold what is needed.
    #[error("secret `{id}` {problem}; {remedy}")]
    Secret {
        /// Name or ARN of the secret.
        id: String,
        /// What is wrong with it. Never its content.
        problem: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A secret could not be read.
    #[error("could not read secret `{id}`: {failure}")]
    SecretService {
        /// Name or ARN of the secret.
        id: String,
        /// What Secrets Manager answered.
        failure: Box<ServiceFailure>,
    },
    /// An event could not be put on the bus.
    #[error("could not put the event `{kind}` on the bus: {failure}")]
    Event {
        /// Its `detail-type`.
        kind: String,
        /// What EventBridge answered.
        failure: Box<ServiceFailure>,
    },
    /// An object could not be read or written.
    #[error(transparent)]
    Object(#[from] ObjectError),
}

impl PlatformError {
    /// Whether the same call may succeed later without anyone doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Notification { .. } | Self::Variable { .. } | Self::Location { .. } | Self::Secret { .. } => false,
            Self::SecretService { failure, .. } | Self::Event { failure, .. } => failure.retryable,
            Self::Object(error) => error.is_retryable(),
        }
    }

    /// Returns the name of the error that a function answers with because of this one.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Notification { .. } => ErrorName::BadEvent,
            Self::Variable { .. } | Self::Location { .. } => ErrorName::BadSetting,
            Self::SecretService { failure, .. } | Self::Event { failure, .. } if failure.retryable => {
                ErrorName::Unavailable
            }
            Self::Event { .. } => ErrorName::AccessRefused,
            Self::Secret { .. } | Self::SecretService { .. } => ErrorName::BadWriteKey,
            Self::Object(error) => error.name(),
        }
    }
}
