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
    /// Where in the document, e.g. `mappings[0].fields.user_id`; empty for the document as a whole.
    pub path: String,
    /// What is wrong, lower-case, without a final period.
    pub message: String,
    /// What to write instead, where that can be told.
    pub remedy: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; {remedy}"))
    }
}
