//! What is wrong with a mapping, found before the first row.

use std::fmt::{self, Display};

/// One thing that is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer inside the mapping, such as `/traits/@path`.
    pub pointer: String,
    /// What: Segment's words, without the place and the final period.
    pub message: String,
    /// How many bytes of the pointer Segment's text leaves out: it forgets where the objects of `@merge` are.
    unsaid: usize,
}

impl Problem {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
            unsaid: 0,
        }
    }

    pub(crate) fn without(self, unsaid: usize) -> Self {
        Self { unsaid, ..self }
    }
}

impl Display for Problem {
    /// Segment's text: `/traits/@path should be a string or a mapping directive but it is a number.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            return write!(f, "{}", self.message);
        }
        let said = self.pointer.get(self.unsaid..).unwrap_or_default();
        let path = if said.is_empty() { "/" } else { said };
        write!(f, "{} {}.", path.replace("~1", "/").replace("~0", "~"), self.message)
    }
}

/// Everything that is wrong with a mapping; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The problems, in the order in which Segment finds them.
    pub list: Vec<Problem>,
    /// The class of the error at Segment: `Error`, `TypeError`, `ValidationError`, `AggregateError`.
    pub class: &'static str,
}

impl Display for Problems {
    /// One problem a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.list.iter().enumerate() {
            let line_break = if at > 0 { "\n" } else { "" };
            write!(f, "{line_break}{problem}")?;
        }
        Ok(())
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self {
            list: vec![problem],
            class: "ValidationError",
        }
    }
}
