//! The rule for 64 bytes at a time, from any state.

use super::dialect::Marks;
use super::mask::{self, BLOCK};
use super::state::State;
use crate::EscapeStyle;

/// Up to 64 bytes, with a bit for each that means something. What can be told whatever came before is told once.
///
/// [`State::step`] is the rule. In most files it comes to counting quotes: behind an odd count of them bytes are inside.
/// [`Block::by_parity`] finds rows so, and whether the rule comes to the same there.
#[derive(Debug)]
pub(super) struct Block<'b> {
    bytes: &'b [u8],
    marks: Marks,
    valid: u64,
    escapes: u64,
    quotes: u64,
    line_ends: u64,
    /// If the first byte is not escaped.
    acting: Acting,
}

/// What is left of marks once escapes have taken the meaning from some.
#[derive(Debug, Clone, Copy)]
struct Acting {
    /// Escapes that are not escaped.
    escapes: u64,
    /// What is behind them.
    taken: u64,
    quotes: u64,
    /// Bytes up to which, themselves included, there is an odd count of quotes.
    odd: u64,
    line_ends: u64,
}

/// What a block comes to from one state on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Rows' first bytes.
    pub(super) starts: u64,
    /// Line ends behind rows.
    pub(super) ends: u64,
    /// Behind the last byte.
    pub(super) state: State,
}

impl<'b> Block<'b> {
    /// Looks at 1 to 64 bytes.
    #[inline]
    pub(super) fn new(bytes: &'b [u8], marks: Marks) -> Self {
        let valid = u64::MAX >> (BLOCK - bytes.len());
        let escapes = marks.escape.map_or(0, |escape| mask::equal(bytes, escape)) & valid;
        let quotes = marks.quote.map_or(0, |quote| mask::equal(bytes, quote)) & valid;
        let line_ends = mask::line_ends(bytes) & valid;
        Self {
            bytes,
            marks,
            valid,
            escapes,
            quotes,
            line_ends,
            acting: Acting::new(escapes, quotes, line_ends, false),
        }
    }

    /// Returns what the block comes to from `state` on.
    #[inline]
    pub(super) fn read(&self, state: State) -> Found {
        // Text inside quotes, or what a range without quotes comes to from there.
        if state == State::Quoted && self.quotes | self.escapes == 0 {
            return Found {
                starts: 0,
                ends: 0,
                state,
            };
        }
        self.by_parity(state).unwrap_or_else(|| self.by_step(state))
    }

    /// Returns what the block comes to, if counting quotes comes to the same as the rule.
    ///
    /// It does as long as every quote that would open a cell is a cell's first byte, or the second of two inside quotes.
    #[inline]
    fn by_parity(&self, state: State) -> Option<Found> {
        let Acting {
            escapes,
            taken,
            quotes,
            odd,
            line_ends,
        } = if matches!(state, State::Escaped { .. }) {
            Acting::new(self.escapes, self.quotes, self.line_ends, true)
        } else {
            self.acting
        };
        let inside = odd ^ if state.is_inside() { u64::MAX } else { 0 };
        if self.marks.style == EscapeStyle::Quoted && self.escapes & !inside != 0 {
            return None;
        }
        if quotes & inside != 0 {
            let starts_cell = matches!(
                state,
                State::Between | State::Closing | State::Plain { cell_starts: true }
            );
            let delimiters = mask::equal(self.bytes, self.marks.delimiter) & !taken;
            let before = delimiters | line_ends | quotes;
            if quotes & inside & !((before << 1) | u64::from(starts_cell)) != 0 {
                return None;
            }
        }
        let ends = line_ends & !inside;
        // Behind a line end begins a row, unless there is another one: an empty line.
        let starts = (ends << 1) | u64::from(state == State::Between);
        let last = |bits: u64| (bits >> (self.bytes.len() - 1)) & 1 != 0;
        let state = if last(escapes) {
            State::Escaped { quoted: last(inside) }
        } else if last(inside) {
            State::Quoted
        } else if last(quotes) {
            State::Closing
        } else if last(line_ends) {
            State::Between
        } else {
            let cell_starts = self.bytes.last() == Some(&self.marks.delimiter) && !last(taken);
            State::Plain { cell_starts }
        };
        Some(Found {
            starts: starts & !ends & self.valid,
            ends: ends & !starts,
            state,
        })
    }

    fn by_step(&self, state: State) -> Found {
        let mut found = Found {
            starts: 0,
            ends: 0,
            state,
        };
        for (index, byte) in self.bytes.iter().enumerate() {
            let is_start = found.state == State::Between;
            let (state, is_edge) = found.state.step(*byte, self.marks);
            let edges = if is_start { &mut found.starts } else { &mut found.ends };
            *edges |= u64::from(is_edge) << index;
            found.state = state;
        }
        found
    }
}

impl Acting {
    #[inline]
    fn new(escapes: u64, quotes: u64, line_ends: u64, is_escaped: bool) -> Self {
        let (escapes, taken) = mask::escaped(escapes, is_escaped);
        let quotes = quotes & !taken;
        Self {
            escapes,
            taken,
            quotes,
            odd: mask::parity(quotes),
            line_ends: line_ends & !taken,
        }
    }
}
