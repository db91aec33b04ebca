//! Why a template cannot be read or rendered, in the reference's words.

use std::borrow::Cow;

use crate::DirectiveError;

/// What reading and rendering give.
pub(super) type Outcome<T> = Result<T, Fault>;

/// A place in a template, both from 1; columns are UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// Returns the place before the character `at` of `input`.
    pub(super) fn of(input: &[char], at: usize) -> Self {
        let before = &input[..at.min(input.len())];
        let line_start = before.iter().rposition(|&c| c == '\n').map_or(0, |at| at + 1);
        let column: usize = before[line_start..].iter().map(|c| c.len_utf16()).sum();
        Self {
            line: before.iter().filter(|&&c| c == '\n').count() + 1,
            column: column + 1,
        }
    }
}

/// What went wrong, and where once that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    message: Cow<'static, str>,
    /// The reference's class; none until the place is known.
    class: Option<&'static str>,
    unavailable: bool,
}

impl Fault {
    pub(super) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            class: None,
            unavailable: false,
        }
    }

    /// What the reference can do and a pure mapping cannot.
    pub(super) fn unavailable(message: &'static str) -> Self {
        Self {
            unavailable: true,
            ..Self::new(message)
        }
    }

    pub(super) fn is_unavailable(&self) -> bool {
        self.unavailable
    }

    /// Adds the place and who noticed, unless a closer one is there already.
    #[must_use]
    pub(super) fn at(self, place: Place, class: &'static str) -> Self {
        if self.class.is_some() {
            return self;
        }
        let Place { line, column } = place;
        Self {
            message: format!("{}, line:{line}, col:{column}", self.message).into(),
            class: Some(class),
            unavailable: self.unavailable,
        }
    }

    pub(super) fn into_message(self) -> Cow<'static, str> {
        self.message
    }
}

impl From<Fault> for DirectiveError {
    fn from(fault: Fault) -> Self {
        let class = fault.class.unwrap_or("Error");
        Self::new(fault.message).of_class(class)
    }
}
