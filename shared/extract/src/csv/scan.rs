//! Where CSV rows begin and end: the one place that decides it, for splitting and for decoding alike.

use memchr::{memchr, memchr2, memchr3};

use super::Dialect;
use super::dialect::Marks;
use crate::assembler::{Edge, Scan};

/// A pass over CSV bytes that stops only at quotes, escapes and line ends.
///
/// A quote opens a quoted cell only as the cell's first byte; elsewhere it stands for itself. A line end is LF or CR;
/// of a CRLF the LF ends an empty line, and empty lines are no rows. So a CRLF may be cut anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Scanner {
    delimiter: u8,
    quote: Option<u8>,
    escape: Option<u8>,
    /// With an escape there are four bytes to stop at, one more than memchr looks for: these are they.
    stops: [bool; 256],
    state: State,
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
        let Marks {
            delimiter,
            quote,
            escape,
        } = dialect.marks();
        let mut stops = [false; 256];
        for byte in [Some(b'\n'), Some(b'\r'), quote, escape].into_iter().flatten() {
            stops[usize::from(byte)] = true;
        }
        Self {
            delimiter,
            quote,
            escape,
            stops,
            state: State::Between,
        }
    }

    /// Index of the next byte that means something outside quotes.
    fn next_stop(&self, rest: &[u8]) -> Option<usize> {
        match (self.escape, self.quote) {
            (Some(_), _) => rest.iter().position(|byte| self.stops[usize::from(*byte)]),
            (None, Some(quote)) => memchr3(quote, b'\n', b'\r', rest),
            (None, None) => memchr2(b'\n', b'\r', rest),
        }
    }

    /// Goes on outside quotes. Returns where the row ends, if it does.
    fn plain(&mut self, bytes: &[u8], at: &mut usize, cell_starts: bool) -> Option<Edge> {
        let from = *at;
        while let Some(stop) = self.next_stop(&bytes[*at..]).map(|found| *at + found) {
            *at = stop + 1;
            let byte = bytes[stop];
            if matches!(byte, b'\n' | b'\r') {
                self.state = State::Between;
                return Some(Edge::End(stop));
            }
            if Some(byte) == self.escape {
                self.state = State::Escaped { quoted: false };
                return None;
            }
            let opens_cell = (stop == from && cell_starts) || (stop > from && bytes[stop - 1] == self.delimiter);
            if opens_cell {
                self.state = State::Quoted;
                return None;
            }
        }
        let cell_starts = bytes[from..].last().map_or(cell_starts, |last| *last == self.delimiter);
        *at = bytes.len();
        self.state = State::Plain { cell_starts };
        None
    }

    /// Goes on inside quotes.
    fn quoted(&mut self, bytes: &[u8], at: &mut usize, quote: u8) {
        let rest = &bytes[*at..];
        let found = match self.escape {
            Some(escape) => memchr2(quote, escape, rest),
            None => memchr(quote, rest),
        };
        let Some(found) = found else {
            *at = bytes.len();
            return;
        };
        *at += found + 1;
        self.state = if rest[found] == quote {
            State::Closing
        } else {
            State::Escaped { quoted: true }
        };
    }

    /// Goes on with the byte behind a closing quote.
    fn closing(&mut self, byte: u8, at: &mut usize) {
        if Some(byte) == self.quote {
            *at += 1;
            self.state = State::Quoted;
        } else {
            self.state = State::Plain { cell_starts: false };
        }
    }
}

impl Scan for Scanner {
    fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge> {
        while *at < bytes.len() {
            match (self.state, self.quote) {
                (State::Between, _) => match bytes[*at..].iter().position(|byte| !matches!(byte, b'\n' | b'\r')) {
                    Some(blank) => {
                        *at += blank;
                        self.state = State::Plain { cell_starts: true };
                        return Some(Edge::Start(*at));
                    }
                    None => *at = bytes.len(),
                },
                (State::Quoted, Some(quote)) => self.quoted(bytes, at, quote),
                (State::Closing, _) => self.closing(bytes[*at], at),
                (State::Escaped { quoted }, _) => {
                    *at += 1;
                    self.state = if quoted {
                        State::Quoted
                    } else {
                        State::Plain { cell_starts: false }
                    };
                }
                (State::Plain { cell_starts }, _) => {
                    if let Some(end) = self.plain(bytes, at, cell_starts) {
                        return Some(end);
                    }
                }
                // Nothing is quoted without a quote.
                (State::Quoted, None) => self.state = State::Plain { cell_starts: false },
            }
        }
        None
    }

    fn is_quoted(&self) -> bool {
        matches!(self.state, State::Quoted | State::Escaped { quoted: true })
    }
}
