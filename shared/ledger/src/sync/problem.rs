//! What is wrong with a sync document, and where.

use std::fmt;

use serde::Serialize;

/// One problem of a sync document. Shown as `12:5: mappings[0].action: `trak` is not an action; did you mean `track`?`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// How many characters of the line are meant, at least 1. What goes on in the next line is meant to the line's end.
    pub length: usize,
    /// Whether the document can be used all the same.
    pub severity: Severity,
    /// Where in the document, e.g. `mappings[0].fields.user_id`; empty for the document as a whole.
    pub path: String,
    /// What is wrong, lower-case, without a final period.
    pub message: String,
    /// What to write instead, where that can be told.
    pub remedy: Option<String>,
}

/// What comes of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document cannot be used.
    Error,
    /// It can, and does what is written; that is surely not what is wanted.
    Warning,
}

impl Severity {
    /// Returns the word of messages: `error`, `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}
