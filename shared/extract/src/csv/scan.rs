//! Where CSV rows begin and end: the one place that decides it, for splitting and for decoding alike.

use super::Dialect;
use super::dialect::Marks;
use super::mask::{self, BLOCK};
use crate::EscapeStyle;
use crate::assembler::{Edge, Scan};

/// A pass over CSV bytes, 64 at a time.
///
/// A quote opens a quoted cell only as the cell's first byte; elsewhere it stands for itself. A line end is LF or CR;
/// of a CRLF the LF ends an empty line, and empty lines are no rows. So a CRLF may be cut anywhere.
///
/// [`Scanner::step`] is that rule, byte by byte. In most files it comes to counting quotes: behind an odd count of them
/// bytes are inside. [`Scanner::by_parity`] finds the edges of a block so, and whether the rule comes to the same there.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    marks: Marks,
    /// Behind the last block.
    state: State,
    /// The edges of the last block that were not asked for, the lowest bit that of the next byte.
    edges: u64,
    /// Bytes of the last block that were not asked for.
    ahead: u32,
    /// Whether the last edge asked for was a row's start.
    in_row: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
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

impl Scanner {
    pub(crate) fn new(dialect: &Dialect) -> Self {
        Self {
            marks: dialect.marks(),
            state: State::Between,
            edges: 0,
            ahead: 0,
            in_row: false,
        }
    }

    /// Goes on over up to 64 bytes, and returns a bit for each that is an edge.
    fn scan(&mut self, bytes: &[u8]) -> u64 {
        let found = if let Some(block) = bytes.first_chunk::<BLOCK>() {
            self.by_parity(block, BLOCK)
        } else {
            let mut block = [0; BLOCK];
            block[..bytes.len()].copy_from_slice(bytes);
            self.by_parity(&block, bytes.len())
        };
        if let Some((edges, state)) = found {
            self.state = state;
            return edges;
        }
        self.by_step(bytes)
    }

    /// Returns the edges in the first `length` bytes and the state behind them, if counting quotes comes to the same as
    /// the rule.
    ///
    /// It does as long as every quote that would open a cell is a cell's first byte, or the second of two inside quotes.
    #[inline]
    fn by_parity(&self, block: &[u8; BLOCK], length: usize) -> Option<(u64, State)> {
        let Marks {
            delimiter,
            quote,
            escape,
            style,
        } = self.marks;
        let valid = u64::MAX >> (BLOCK - length);
        let escapes = escape.map_or(0, |escape| mask::equal(block, escape) & valid);
        let (acting, taken) = mask::escaped(escapes, matches!(self.state, State::Escaped { .. }));
        let quotes = quote.map_or(0, |quote| mask::equal(block, quote)) & valid & !taken;
        let is_inside = matches!(self.state, State::Quoted | State::Escaped { quoted: true });
        let inside = mask::parity(quotes) ^ if is_inside { u64::MAX } else { 0 };
        let line_ends = mask::line_ends(block) & valid & !taken;
        if style == EscapeStyle::Quoted && escapes & !inside != 0 {
            return None;
        }
        if quotes & inside != 0 {
            let starts_cell = matches!(
                self.state,
                State::Between | State::Closing | State::Plain { cell_starts: true }
            );
            let before = (mask::equal(block, delimiter) & !taken) | line_ends | quotes;
            if quotes & inside & !((before << 1) | u64::from(starts_cell)) != 0 {
                return None;
            }
        }
        let ends = line_ends & !inside;
        let starts = (ends << 1) | u64::from(self.state == State::Between);
        let last = |bits: u64| (bits >> (length - 1)) & 1 != 0;
        let state = if last(acting) {
            State::Escaped { quoted: last(inside) }
        } else if last(inside) {
            State::Quoted
        } else if last(quotes) {
            State::Closing
        } else if last(line_ends) {
            State::Between
        } else {
            let cell_starts = block[length - 1] == delimiter && !last(taken);
            State::Plain { cell_starts }
        };
        Some(((starts ^ ends) & valid, state))
    }

    fn by_step(&mut self, bytes: &[u8]) -> u64 {
        let edges = bytes.iter().enumerate();
        edges.fold(0, |edges, (index, byte)| edges | (u64::from(self.step(*byte)) << index))
    }

    /// Goes on over one byte. Returns whether it is a row's first byte, or the line end behind its last.
    fn step(&mut self, byte: u8) -> bool {
        let is_line_end = matches!(byte, b'\n' | b'\r');
        let Marks { quote, escape, .. } = self.marks;
        let (state, is_edge) = match self.state {
            State::Between if is_line_end => (State::Between, false),
            State::Between => (self.plain(byte, true), true),
            State::Closing if Some(byte) == quote => (State::Quoted, false),
            State::Plain { .. } | State::Closing if is_line_end => (State::Between, true),
            State::Plain { cell_starts } => (self.plain(byte, cell_starts), false),
            State::Closing => (self.plain(byte, false), false),
            State::Quoted if Some(byte) == quote => (State::Closing, false),
            State::Quoted if Some(byte) == escape => (State::Escaped { quoted: true }, false),
            State::Quoted | State::Escaped { quoted: true } => (State::Quoted, false),
            State::Escaped { quoted: false } => (State::Plain { cell_starts: false }, false),
        };
        self.state = state;
        is_edge
    }

    /// The state behind a byte outside quotes that ends no line.
    fn plain(&self, byte: u8, cell_starts: bool) -> State {
        if Some(byte) == self.marks.plain_escape() {
            State::Escaped { quoted: false }
        } else if Some(byte) == self.marks.quote && cell_starts {
            State::Quoted
        } else {
            State::Plain {
                cell_starts: byte == self.marks.delimiter,
            }
        }
    }
}

impl Scan for Scanner {
    fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge> {
        while self.edges == 0 {
            *at += self.ahead as usize;
            self.ahead = 0;
            let rest = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
            let block = &rest[..rest.len().min(BLOCK)];
            self.edges = self.scan(block);
            self.ahead = u32::try_from(block.len()).ok()?;
        }
        let skipped = self.edges.trailing_zeros();
        self.edges = self.edges >> skipped >> 1;
        self.ahead -= skipped + 1;
        let found = *at + skipped as usize;
        *at = found + 1;
        self.in_row = !self.in_row;
        Some(if self.in_row {
            Edge::Start(found)
        } else {
            Edge::End(found)
        })
    }

    fn is_quoted(&self) -> bool {
        matches!(self.state, State::Quoted | State::Escaped { quoted: true })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEEN: &[&str] = &["\"a,\"\"b\n\",", ",\"\\\"\",", "\n", "\"\r\n\""];

    fn dialects() -> impl Strategy<Value = Dialect> {
        let escapes = prop::sample::select(&[None, Some(b'\\')][..]);
        let quotes = prop::sample::select(&[None, Some(b'"')][..]);
        (
            quotes,
            escapes,
            prop::sample::select(&[EscapeStyle::Plain, EscapeStyle::Quoted][..]),
        )
            .prop_map(|(quote, escape, escape_style)| Dialect {
                quote,
                escape,
                escape_style,
                ..Dialect::default()
            })
    }

    /// Mostly letters, so that not every block has a quote that stands for itself.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let odd = prop::sample::select(&b"\",\n\r\\a"[..]).prop_map(|byte| vec![byte]);
        let piece = prop_oneof![
            3 => odd,
            1 => (1..40_usize).prop_map(|length| vec![b'a'; length]),
            2 => prop::sample::select(SEEN).prop_map(|piece| piece.as_bytes().to_vec()),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn finds_in_blocks_what_it_finds_byte_by_byte(dialect in dialects(), bytes in bytes(), block in 1..200_usize) {
            let mut stepper = Scanner::new(&dialect);
            let wanted: Vec<usize> = (0..bytes.len()).filter(|at| stepper.step(bytes[*at])).collect();
            let mut scanner = Scanner::new(&dialect);
            let mut found = Vec::new();
            for (index, block_bytes) in bytes.chunks(block).enumerate() {
                let mut at = 0;
                while let Some(edge) = scanner.next_edge(block_bytes, &mut at) {
                    let (Edge::Start(place) | Edge::End(place)) = edge;
                    prop_assert_eq!(matches!(edge, Edge::Start(_)), found.len() % 2 == 0);
                    found.push(index * block + place);
                }
            }
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(scanner.state, stepper.state);
        }
    }
}
