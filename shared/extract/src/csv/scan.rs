//! Where CSV rows begin and end, for decoding.

use super::Dialect;
use super::block::Block;
use super::dialect::Marks;
use super::mask::BLOCK;
use super::state::State;
use crate::assembler::{Edge, Scan};

/// A pass over CSV bytes that finds every edge, 64 bytes at a time.
///
/// A quote opens a quoted cell only as the cell's first byte; elsewhere it stands for itself. A line end is LF or CR;
/// of a CRLF the LF ends an empty line, and empty lines are no rows. So a CRLF may be cut anywhere.
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
}

impl Scan for Scanner {
    fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge> {
        while self.edges == 0 {
            *at += self.ahead as usize;
            self.ahead = 0;
            let rest = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
            let block = &rest[..rest.len().min(BLOCK)];
            let found = Block::new(block, self.marks).read(self.state);
            self.state = found.state;
            self.edges = found.starts | found.ends;
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
        self.state.is_inside()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::EscapeStyle;

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
            let mut state = State::Between;
            let mut is_edge = |byte: &u8| {
                let (next, is_edge) = state.step(*byte, dialect.marks());
                state = next;
                is_edge
            };
            let wanted: Vec<usize> = (0..bytes.len()).filter(|at| is_edge(&bytes[*at])).collect();
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
            prop_assert_eq!(scanner.state, state);
        }
    }
}
