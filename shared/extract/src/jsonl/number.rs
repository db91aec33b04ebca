//! The numbers of rows in JSON lines, for whoever wants them enough to read the object.

use memchr::memchr;

use crate::Chunk;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Counts the rows of an object pushed from its first byte to its last, and numbers its chunks with them.
///
/// JSON lines are cut without being read, so a chunk does not know the number of its first row. Where reading is cheap, on one
/// machine, this finds out, so that every rejected row has its number in the object.
#[derive(Debug)]
pub struct LineNumbers {
    chunks: Vec<Chunk>,
    rows: Vec<u64>,
    /// Bytes seen.
    at: u64,
    /// Where the line began that is being read, and whether it holds anything.
    line: u64,
    is_row: bool,
    /// How much of a byte order mark the object begins with.
    mark: usize,
}

impl LineNumbers {
    /// Returns a count of no rows yet, for the chunks that tile an object.
    #[must_use]
    pub fn new(chunks: Vec<Chunk>) -> Self {
        let rows = vec![0; chunks.len()];
        Self {
            chunks,
            rows,
            at: 0,
            line: 0,
            is_row: false,
            mark: 0,
        }
    }

    /// Counts the object's next bytes.
    pub fn push(&mut self, block: &[u8]) {
        let mut rest = block;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest);
            let (line, next) = rest.split_at(end.unwrap_or(rest.len()));
            self.is_row = self.holds_anything(line) || self.is_row;
            self.at += line.len() as u64;
            rest = next;
            if end.is_some() {
                self.end_line();
                self.at += 1;
                self.line = self.at;
                rest = &rest[1..];
            }
        }
    }

    /// Returns the chunks, each with the number of its first row, and the count of all rows.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Chunk>, u64) {
        self.end_line();
        let mut before = 0;
        for (chunk, rows) in self.chunks.iter_mut().zip(self.rows) {
            chunk.first_row = Some(before + 1);
            before += rows;
        }
        (self.chunks, before)
    }

    fn end_line(&mut self) {
        // Half a byte order mark is none.
        let is_row = self.is_row || (self.line == 0 && 0 < self.mark && self.mark < BYTE_ORDER_MARK.len());
        self.is_row = false;
        if is_row {
            let chunk = self.chunks.partition_point(|chunk| chunk.end <= self.line);
            if let Some(rows) = self.rows.get_mut(chunk) {
                *rows += 1;
            }
        }
    }

    /// Whether there is more than white space. A byte order mark at the object's start is none of its content.
    fn holds_anything(&mut self, line: &[u8]) -> bool {
        let mark = if self.at == self.mark as u64 {
            &BYTE_ORDER_MARK[self.mark..]
        } else {
            &[]
        };
        let marks = line.iter().zip(mark).take_while(|(byte, mark)| byte == mark).count();
        self.mark += marks;
        line[marks..].iter().any(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))
    }
}
