//! From an object to chunks that begin and end where rows do.

use super::cell::Cells;
use super::dialect::Marks;
use super::lane::{Lane, RowStart};
use super::state::State;
use super::{CsvRange, Dialect};
use crate::{Chunk, ExtractError, MAX_ROW_BYTES};

/// UTF-8's byte order mark.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a pass over a CSV object found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvPlan {
    /// The header's cells; none if the dialect has no header or the object nothing in it. Whether they will do as
    /// columns, [`crate::Layout::check_columns`] tells.
    pub columns: Vec<String>,
    /// The chunks, in order; none if there are no rows. The header is in none of them.
    pub chunks: Vec<Chunk>,
    /// How many rows there are, readable or not: what all chunks together decode to.
    pub rows: u64,
}

/// Cuts a CSV object into chunks in one pass over its bytes, which are pushed in blocks of any size.
///
/// Behind the header, ranges may be scanned apart from it and from each other ([`CsvRange`]) and appended in order; what
/// comes out is the same.
#[derive(Debug)]
pub struct CsvSplitter {
    dialect: Dialect,
    marks: Marks,
    /// Offset of the next byte to scan.
    offset: u64,
    /// The object's first bytes until it is clear whether they are a byte order mark.
    first: Option<Vec<u8>>,
    header: Header,
    columns: Vec<String>,
    /// The rows, the header not among them.
    lane: Lane,
}

/// The header, on its way.
#[derive(Debug)]
enum Header {
    /// It has not begun.
    Ahead,
    /// It has begun; its bytes so far.
    Open(Vec<u8>),
    /// It is read, or there is none.
    Done,
    /// It cannot be read, and nor can the object.
    Bad(ExtractError),
}

impl CsvSplitter {
    /// Returns a splitter for one object. A chunk ends with the row in which it reaches a multiple of `target_bytes`.
    #[must_use]
    pub fn new(dialect: Dialect, target_bytes: u64) -> Self {
        let header = match dialect.check() {
            Err(error) => Header::Bad(error),
            Ok(()) if dialect.header => Header::Ahead,
            Ok(()) => Header::Done,
        };
        Self {
            marks: dialect.marks(),
            offset: 0,
            first: Some(Vec::new()),
            header,
            columns: Vec::new(),
            lane: Lane::new(State::Between, target_bytes),
            dialect,
        }
    }

    /// Takes the object's next bytes.
    pub fn push(&mut self, block: &[u8]) {
        let Some(first) = &mut self.first else {
            return self.scan(block);
        };
        let missing = (BYTE_ORDER_MARK.len() - first.len()).min(block.len());
        let (head, rest) = block.split_at(missing);
        first.extend_from_slice(head);
        if first.len() == BYTE_ORDER_MARK.len() {
            self.begin();
            self.scan(rest);
        }
    }

    /// Whether what comes next may be appended.
    #[must_use]
    pub fn is_past_header(&self) -> bool {
        self.first.is_none() && matches!(self.header, Header::Done | Header::Bad(_))
    }

    /// Returns why the object cannot be split, as soon as that is clear.
    #[must_use]
    pub fn failure(&self) -> Option<&ExtractError> {
        match &self.header {
            Header::Bad(error) => Some(error),
            _ => None,
        }
    }

    /// Takes the object's next bytes as they were scanned apart, with the same dialect and target. The header must be past.
    pub fn append(&mut self, range: &CsvRange) {
        range.replay(&mut self.lane);
        self.offset = range.position();
    }

    /// Returns what was found, once the whole object is pushed.
    ///
    /// # Errors
    /// When the dialect cannot work, or the header is not UTF-8, not closed, or longer than [`MAX_ROW_BYTES`].
    pub fn finish(mut self) -> Result<CsvPlan, ExtractError> {
        self.begin();
        if matches!(self.header, Header::Open(_)) && self.lane.state.is_inside() {
            self.header = Header::Bad(ExtractError::HeaderUnterminated);
        }
        self.close_header();
        if let Header::Bad(error) = self.header {
            return Err(error);
        }
        Ok(CsvPlan {
            columns: self.columns,
            chunks: chunks(&self.lane.starts, self.offset),
            rows: self.lane.rows,
        })
    }

    /// Scans the object's first bytes, unless they are a byte order mark.
    fn begin(&mut self) {
        match self.first.take() {
            Some(first) if first == BYTE_ORDER_MARK => self.offset = BYTE_ORDER_MARK.len() as u64,
            Some(first) => self.scan(&first),
            None => {}
        }
    }

    fn scan(&mut self, block: &[u8]) {
        let of_header = self.scan_header(block);
        let rows = &block[of_header..];
        self.lane.push(self.offset + of_header as u64, rows, self.marks);
        self.offset += block.len() as u64;
    }

    /// Returns how many bytes belong to the header or cannot be read for it.
    fn scan_header(&mut self, block: &[u8]) -> usize {
        let mut from = 0;
        for (at, byte) in block.iter().enumerate() {
            match self.header {
                Header::Done => return at,
                Header::Bad(_) => break,
                Header::Ahead if self.lane.step(*byte, self.marks) => {
                    from = at;
                    self.header = Header::Open(Vec::new());
                }
                Header::Open(_) if self.lane.step(*byte, self.marks) => {
                    self.extend_header(&block[from..at]);
                    self.close_header();
                }
                Header::Ahead | Header::Open(_) => {}
            }
        }
        self.extend_header(&block[from..]);
        block.len()
    }

    fn extend_header(&mut self, bytes: &[u8]) {
        if let Header::Open(header) = &mut self.header {
            header.extend_from_slice(bytes);
            if header.len() > MAX_ROW_BYTES {
                self.header = Header::Bad(ExtractError::HeaderTooLong);
            }
        }
    }

    fn close_header(&mut self) {
        let Header::Open(header) = &self.header else { return };
        self.header = match str::from_utf8(header) {
            Ok(text) => {
                self.columns = names(text, &self.dialect);
                Header::Done
            }
            Err(error) => Header::Bad(ExtractError::HeaderNotUtf8 {
                at: error.valid_up_to() + 1,
            }),
        };
    }
}

/// Returns the chunks that begin there, of an object of `size` bytes.
fn chunks(starts: &[RowStart], size: u64) -> Vec<Chunk> {
    let ends = starts.iter().skip(1).map(|start| start.offset).chain([size]);
    let chunk = |(start, end): (&RowStart, u64)| Chunk {
        start: start.offset,
        end,
        first_row: Some(start.before + 1),
    };
    starts.iter().zip(ends).map(chunk).collect()
}

fn names(header: &str, dialect: &Dialect) -> Vec<String> {
    let mut cells = Cells::new(header, dialect.marks());
    let mut scratch = String::new();
    let mut names = Vec::new();
    while let Some(cell) = cells.next_cell(&mut scratch) {
        names.push(cell.text.to_owned());
    }
    names
}
