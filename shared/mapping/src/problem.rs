//! What is wrong with a mapping, found before the first row.

use std::fmt::{self, Display};

/// One thing that is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer inside the mapping, such as `/traits/@path`.
    pub pointer: String,
    /// What: Segment's words, without the place and the final period.
    pub message: String,
}

impl Display for Problem {
    /// Segment's text: `/traits/@path should be a string or a mapping directive but it is a number.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            return write!(f, "{}", self.message);
        }
        let path = self.pointer.replace("~1", "/").replace("~0", "~");
        write!(f, "{path} {}.", self.message)
    }
}

/// Everything that is wrong with a mapping; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl Display for Problems {
    /// One problem a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let line_break = if at > 0 { "\n" } else { "" };
            write!(f, "{line_break}{problem}")?;
        }
        Ok(())
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
