//! JSON lines of one chunk.

use std::ops::Range;

use mapping::{Index, RecordError};
use memchr::memchr;

use super::line::LineScanner;
use super::typed::TypedRow;
use crate::assembler::{Assembler, Body, Found};
use crate::csv::BYTE_ORDER_MARK;
use crate::limit::{MAX_TAIL_BYTES, MIN_TAIL_BYTES};
use crate::misfit::not_utf8;
use crate::row::{BadRow, Place, Row};
use crate::value::ValueCheck;
use crate::{Chunk, Layout, utf8};

/// Decodes the lines that begin in a byte range, the last of which may end far behind it.
#[derive(Debug)]
pub(crate) struct JsonlDecoder {
    lines: Assembler<LineScanner>,
    end: u64,
    object_size: u64,
    /// Whether a line begins in the chunk, as far as it was read.
    has_line: bool,
    /// Whether the end of the chunk's last line was pushed.
    has_last_end: bool,
    index: Index,
    /// Where columns have types.
    typed: Option<Box<TypedRow>>,
}

impl JsonlDecoder {
    pub(crate) fn new(layout: &Layout, chunk: &Chunk, object_size: u64) -> Self {
        // The byte before the chunk tells whether a line begins with its first byte.
        let (scanner, from) = match chunk.start.checked_sub(1) {
            Some(before) => (LineScanner::Foreign, before),
            None => (LineScanner::Between, 0),
        };
        Self {
            lines: Assembler::new(scanner, from),
            end: chunk.end.min(object_size),
            object_size,
            has_line: chunk.start == 0,
            has_last_end: false,
            index: Index::default(),
            typed: TypedRow::new(layout).map(Box::new),
        }
    }

    pub(crate) fn wants(&self) -> Option<Range<u64>> {
        let position = self.lines.position();
        if position < self.end {
            return Some(position..self.end);
        }
        // Ever larger pieces: the line mostly ends soon, and if not, it takes few requests.
        let piece = (position - self.end).clamp(MIN_TAIL_BYTES, MAX_TAIL_BYTES);
        let to = position.saturating_add(piece).min(self.object_size);
        (self.has_line && !self.has_last_end && position < to).then_some(position..to)
    }

    /// Says where the text ends, if the chunk was to go on beyond.
    pub(crate) fn end_at(&mut self, offset: u64) {
        self.object_size = self.object_size.min(offset);
        self.end = self.end.min(offset);
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        // A line begins in the chunk behind each line end before the chunk's last byte; a line end in that byte or
        // behind it ends the chunk's last line.
        let last_byte = self.end.saturating_sub(1);
        let before_last = last_byte.saturating_sub(self.lines.position());
        let (inner, outer) = block.split_at(usize::try_from(before_last).unwrap_or(usize::MAX).min(block.len()));
        self.has_line = self.has_line || memchr(b'\n', inner).is_some();
        self.has_last_end = self.has_last_end || memchr(b'\n', outer).is_some();
        self.lines.push(block);
    }

    pub(crate) fn next_found(&mut self) -> Option<Found> {
        let is_complete = self.wants().is_none();
        loop {
            let found = self.lines.next_record(is_complete)?;
            if found.offset >= self.end {
                return None;
            }
            if !self.is_blank(&found) {
                return Some(found);
            }
        }
    }

    pub(crate) fn row(&mut self, found: &Found, place: Place) -> Result<Row<'_>, BadRow> {
        let start = match &found.body {
            Body::Cut(kept) => return Err(BadRow::too_long(place, kept)),
            Body::Whole(start) => *start,
        };
        let raw = without_mark(self.lines.bytes_of(start, found.length), found.offset);
        let text = utf8::text(raw).map_err(|error| BadRow::new(place, "not_utf8", not_utf8(error), raw))?;
        let record = self.index.of(text).map_err(|error| bad_json(place, text, &error))?;
        match &mut self.typed {
            None => Ok(place.row(record)),
            Some(typed) => match typed.write(record) {
                Ok(record) => Ok(place.row(record)),
                Err(misfit) => Err(misfit.at(place, raw)),
            },
        }
    }

    fn is_blank(&self, found: &Found) -> bool {
        let Body::Whole(start) = found.body else { return false };
        let line = without_mark(self.lines.bytes_of(start, found.length), found.offset);
        line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
    }
}

/// Drops the byte order mark, which can only be at the object's start.
fn without_mark(line: &[u8], offset: u64) -> &[u8] {
    if offset == 0 {
        line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
    } else {
        line
    }
}

/// A line that is text but no record. Only here it is worth telling apart JSON of another kind.
fn bad_json(place: Place, text: &str, error: &RecordError) -> BadRow {
    let column = |offset: usize| text.bytes().take(offset).filter(|byte| byte & 0xC0 != 0x80).count() + 1;
    let message = match error {
        _ if ValueCheck::default()
            .value_in(text)
            .is_some_and(|value| !value.starts_with('{')) =>
        {
            let message = "a line must hold one JSON object, and this holds another JSON value";
            return BadRow::new(place, "not_an_object", message.to_owned(), text.as_bytes());
        }
        RecordError::Unexpected { offset, expected } => {
            format!("not JSON at column {}: expected {expected}", column(*offset))
        }
        RecordError::Truncated { offset, expected } => {
            format!("JSON ends at column {}: expected {expected}", column(*offset))
        }
        RecordError::TooDeep { offset, limit } => {
            format!("JSON nests deeper than {limit} levels at column {}", column(*offset))
        }
        RecordError::TooLong { .. } => error.to_string(),
    };
    BadRow::new(place, "bad_json", message, text.as_bytes())
}
