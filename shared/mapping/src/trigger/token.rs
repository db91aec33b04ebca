//! The tokens of FQL.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, or several joined by dots.
    Name,
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `!`
    Operator,
    /// `and`, `or`
    Conditional,
    /// A string, quotes included.
    Text,
    Number,
    Null,
    Dot,
    Comma,
    Open,
    Close,
    /// `[` or `]`, which no condition uses.
    Bracket,
    /// The end of the text, or of a parenthesis' inside.
    End,
}

/// A token: its kind, what it says with escapes removed, and where it starts, in characters from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) column: usize,
}

/// The text of [`Kind::End`]. Segment's parser takes it, too, where a value is missing.
pub(super) const END_TEXT: &str = "eos";
