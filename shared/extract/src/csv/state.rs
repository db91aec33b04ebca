//! The rule of where CSV rows begin and end, byte by byte.

use super::dialect::Marks;

/// All that the bytes before mean for those behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Before a row's first byte.
    Between,
    /// Outside quotes.
    Plain { cell_starts: bool },
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: the closing one, or the first of two.
    Closing,
    /// Behind an escape.
    Escaped { quoted: bool },
}

impl State {
    /// Returns every state that bytes of a dialect can end in.
    pub(super) fn all(marks: Marks) -> impl Iterator<Item = Self> {
        let (has_quote, has_escape) = (marks.quote.is_some(), marks.escape.is_some());
        let states = [
            (Self::Between, true),
            (Self::Plain { cell_starts: true }, true),
            (Self::Plain { cell_starts: false }, true),
            (Self::Quoted, has_quote),
            (Self::Closing, has_quote),
            (Self::Escaped { quoted: true }, has_quote && has_escape),
            (Self::Escaped { quoted: false }, marks.plain_escape().is_some()),
        ];
        states
            .into_iter()
            .filter_map(|(state, is_possible)| is_possible.then_some(state))
    }

    /// Returns the state behind one more byte, and whether that is a row's first byte, or the line end behind its last.
    pub(super) fn step(self, byte: u8, marks: Marks) -> (Self, bool) {
        let is_line_end = matches!(byte, b'\n' | b'\r');
        let Marks { quote, escape, .. } = marks;
        match self {
            Self::Between if is_line_end => (Self::Between, false),
            Self::Between => (Self::plain(byte, true, marks), true),
            Self::Closing if Some(byte) == quote => (Self::Quoted, false),
            Self::Plain { .. } | Self::Closing if is_line_end => (Self::Between, true),
            Self::Plain { cell_starts } => (Self::plain(byte, cell_starts, marks), false),
            Self::Closing => (Self::plain(byte, false, marks), false),
            Self::Quoted if Some(byte) == quote => (Self::Closing, false),
            Self::Quoted if Some(byte) == escape => (Self::Escaped { quoted: true }, false),
            Self::Quoted | Self::Escaped { quoted: true } => (Self::Quoted, false),
            Self::Escaped { quoted: false } => (Self::Plain { cell_starts: false }, false),
        }
    }

    /// The state behind a byte outside quotes that ends no line.
    fn plain(byte: u8, cell_starts: bool, marks: Marks) -> Self {
        if Some(byte) == marks.plain_escape() {
            Self::Escaped { quoted: false }
        } else if Some(byte) == marks.quote && cell_starts {
            Self::Quoted
        } else {
            Self::Plain {
                cell_starts: byte == marks.delimiter,
            }
        }
    }

    /// Whether a quote is open.
    pub(super) fn is_inside(self) -> bool {
        matches!(self, Self::Quoted | Self::Escaped { quoted: true })
    }
}
