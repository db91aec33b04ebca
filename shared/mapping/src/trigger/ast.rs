//! What a trigger says, apart from how it was written: any reading of FQL ends in these nodes, and two readings
//! agree when their nodes are equal.

use crate::Path;

/// A trigger or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// True when all are.
    All(Vec<Node>),
    /// True when at least one is.
    Any(Vec<Node>),
    /// True when the field passes the test.
    Test(Field, Test),
    /// What Segment's evaluation fails on, for example `()`: the trigger does not match if evaluation gets here.
    Broken,
}

/// The field of the event that is tested; none: nothing is ever there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field(pub(super) Option<Path>);

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Neither missing nor null; or the reverse.
    Exists(bool),
    /// Exactly this boolean.
    Is(bool),
    /// This very text; nothing but text equals text.
    Equals(Box<str>),
    /// Anything but this very text, also no value at all.
    Differs(Box<str>),
    /// A number of which this holds.
    Number(Comparison, f64),
    /// A text with the pattern in this place; if negated, a text without it.
    Pattern {
        place: Place,
        pattern: Box<str>,
        negated: bool,
    },
    /// An operator that Segment's evaluation does not know.
    Never,
}

impl Test {
    pub(super) fn pattern(place: Place, pattern: impl Into<Box<str>>, negated: bool) -> Self {
        Self::Pattern {
            place,
            pattern: pattern.into(),
            negated,
        }
    }
}

/// How a number compares with the one in the trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Where in a text a pattern is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Start,
    End,
    /// At the end, after this second half of a surrogate pair.
    EndAfter(u16),
}
