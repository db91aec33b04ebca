//! From an object to chunks that begin and end where rows do.

use super::cell::Cells;
use super::{Dialect, Scanner};
use crate::assembler::{Edge, Scan};
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
#[derive(Debug)]
pub struct CsvSplitter {
    dialect: Dialect,
    target: u64,
    scanner: Scanner,
    /// Offset of the next byte to scan.
    offset: u64,
    /// The object's first bytes until it is clear whether they are a byte order mark.
    first: Option<Vec<u8>>,
    header: Header,
    columns: Vec<String>,
    chunks: Vec<Chunk>,
    /// The first offset from which a row begins a new chunk.
    boundary: u64,
    rows: u64,
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
            target: target_bytes.max(1),
            scanner: Scanner::new(&dialect),
            offset: 0,
            first: Some(Vec::new()),
            header,
            columns: Vec::new(),
            chunks: Vec::new(),
            boundary: 0,
            rows: 0,
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

    /// Returns what was found, once the whole object is pushed.
    ///
    /// # Errors
    /// When the dialect cannot work, or the header is not UTF-8, not closed, or longer than [`MAX_ROW_BYTES`].
    pub fn finish(mut self) -> Result<CsvPlan, ExtractError> {
        self.begin();
        if matches!(self.header, Header::Open(_)) && self.scanner.is_quoted() {
            self.header = Header::Bad(ExtractError::HeaderUnterminated);
        }
        self.close_header();
        if let Header::Bad(error) = self.header {
            return Err(error);
        }
        if let Some(last) = self.chunks.last_mut() {
            last.end = self.offset;
        }
        Ok(CsvPlan {
            columns: self.columns,
            chunks: self.chunks,
            rows: self.rows,
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
        if matches!(self.header, Header::Bad(_)) {
            return;
        }
        let mut at = 0;
        if !matches!(self.header, Header::Done) {
            self.scan_header(block, &mut at);
        }
        while let Some(edge) = self.scanner.next_edge(block, &mut at) {
            if let Edge::Start(start) = edge {
                self.begin_row(self.offset + start as u64);
            }
        }
        self.offset += block.len() as u64;
    }

    fn begin_row(&mut self, offset: u64) {
        self.rows += 1;
        if offset < self.boundary && !self.chunks.is_empty() {
            return;
        }
        if let Some(last) = self.chunks.last_mut() {
            last.end = offset;
        }
        self.chunks.push(Chunk {
            start: offset,
            end: offset,
            first_row: Some(self.rows),
        });
        self.boundary = (offset / self.target).saturating_add(1).saturating_mul(self.target);
    }

    fn scan_header(&mut self, block: &[u8], at: &mut usize) {
        let mut from = 0;
        while let Some(edge) = self.scanner.next_edge(block, at) {
            match edge {
                Edge::Start(start) => {
                    from = start;
                    self.header = Header::Open(Vec::new());
                }
                Edge::End(end) => {
                    self.extend_header(&block[from..end]);
                    return self.close_header();
                }
            }
        }
        self.extend_header(&block[from..]);
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

fn names(header: &str, dialect: &Dialect) -> Vec<String> {
    let mut cells = Cells::new(header, dialect.marks());
    let mut scratch = String::new();
    let mut names = Vec::new();
    while let Some(cell) = cells.next_cell(&mut scratch) {
        names.push(cell.text.to_owned());
    }
    names
}
