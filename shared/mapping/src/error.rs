//! What can go wrong.

/// Why a text is not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The text breaks JSON's grammar.
    #[error("not JSON at byte {offset}: expected {expected}")]
    Unexpected {
        /// Where, in bytes from the text's start.
        offset: usize,
        /// What JSON would allow there.
        expected: &'static str,
    },
    /// The text ends too early.
    #[error("JSON ends at byte {offset}: expected {expected}")]
    Truncated {
        /// The text's length in bytes.
        offset: usize,
        /// What JSON would need there.
        expected: &'static str,
    },
    /// Arrays and objects nest too deep.
    #[error("JSON nests deeper than {limit} levels at byte {offset}")]
    TooDeep {
        /// Where the first level too many opens.
        offset: usize,
        /// [`MAX_DEPTH`](crate::MAX_DEPTH)
        limit: usize,
    },
    /// The text is longer than a span can say.
    #[error("row of {length} bytes is too long")]
    TooLong {
        /// The text's length in bytes.
        length: usize,
    },
}

/// Why a directive gave no value for a row. Text and class are Segment's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DirectiveError {
    message: std::borrow::Cow<'static, str>,
    class: &'static str,
}

impl DirectiveError {
    pub(crate) fn new(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            class: "Error",
        }
    }

    /// The same error as Segment's class `class`.
    pub(crate) fn of_class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    pub(crate) fn class(&self) -> &'static str {
        self.class
    }

    /// `<directive>: expected string, got <type>`
    pub(crate) fn expected_string(directive: &str, got: &str) -> Self {
        Self::new(format!("{directive}: expected string, got {got}"))
    }

    /// `data must be an object, got <type>`
    pub(crate) fn not_an_object(got: &str) -> Self {
        Self::new(format!("data must be an object, got {got}"))
    }
}
