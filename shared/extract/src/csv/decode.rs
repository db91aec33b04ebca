//! CSV rows of one chunk.

use std::ops::Range;

use super::scan::Scanner;
use super::write::RowWriter;
use crate::assembler::{Assembler, Body, Found};
use crate::row::{BadRow, Place, Row};
use crate::{Chunk, Layout};

/// Decodes the rows of a byte range that begins and ends where rows do.
#[derive(Debug)]
pub(crate) struct CsvDecoder {
    records: Assembler<Scanner>,
    end: u64,
    writer: RowWriter,
}

impl CsvDecoder {
    pub(crate) fn new(layout: &Layout, chunk: &Chunk) -> Self {
        let records = Assembler::new(Scanner::new(&layout.csv), chunk.start);
        Self {
            records,
            end: chunk.end,
            writer: RowWriter::new(layout),
        }
    }

    pub(crate) fn wants(&self) -> Option<Range<u64>> {
        let position = self.records.position();
        (position < self.end).then_some(position..self.end)
    }

    /// Says where the text ends, if the chunk was to go on beyond.
    pub(crate) fn end_at(&mut self, offset: u64) {
        self.end = self.end.min(offset);
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        self.records.push(block);
    }

    pub(crate) fn next_found(&mut self) -> Option<Found> {
        let is_complete = self.wants().is_none();
        self.records.next_record(is_complete)
    }

    pub(crate) fn row(&mut self, found: &Found, place: Place) -> Result<Row<'_>, BadRow> {
        let raw = match &found.body {
            Body::Whole(start) => self.records.bytes_of(*start, found.length),
            Body::Cut(kept) => kept,
        };
        if found.unterminated {
            let message = "a quote is opened and never closed, so that the row goes on to the end of the object";
            return Err(BadRow::new(place, "unterminated_quote", message.to_owned(), raw));
        }
        if let Body::Cut(kept) = &found.body {
            return Err(BadRow::too_long(place, kept));
        }
        match self.writer.write(raw) {
            Ok(record) => Ok(place.row(record)),
            Err(misfit) => Err(misfit.at(place, raw)),
        }
    }
}
