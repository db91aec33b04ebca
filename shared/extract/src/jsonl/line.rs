//! Where lines begin and end.

use memchr::memchr;

use crate::assembler::{Edge, Scan};

/// A pass over lines that end with LF. A CR before it is white space to JSON, and is left to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineScanner {
    /// Within a line that began before the first byte: it is another chunk's.
    Foreign,
    /// Before a line's first byte.
    Between,
    /// Within a line.
    Within,
}

impl Scan for LineScanner {
    fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge> {
        loop {
            if *at >= bytes.len() {
                return None;
            }
            if *self == Self::Between {
                *self = Self::Within;
                return Some(Edge::Start(*at));
            }
            let Some(end) = memchr(b'\n', &bytes[*at..]).map(|found| *at + found) else {
                *at = bytes.len();
                return None;
            };
            *at = end + 1;
            if std::mem::replace(self, Self::Between) == Self::Within {
                return Some(Edge::End(end));
            }
        }
    }

    fn is_quoted(&self) -> bool {
        false
    }
}
