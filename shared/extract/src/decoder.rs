//! The one decoder that callers see, whatever the format.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::assembler::Found;
use crate::block::Block;
use crate::compressed::Compressed;
use crate::csv::CsvDecoder;
use crate::jsonl::JsonlDecoder;
use crate::parquet::ParquetDecoder;
use crate::row::Place;
use crate::{BadRow, Chunk, ExtractError, Format, Inflate, Layout, Row};

/// Decodes the rows of one chunk from bytes that are pushed: no I/O of its own, memory bounded whatever the chunk.
///
/// Ask what it wants, push that in blocks of any size, take all rows, and so on until it wants nothing and there are
/// no more rows:
///
/// ```
/// use extract::{Decoder, Format, Layout, jsonl_chunks};
///
/// let object = b"{\"id\":1}\n{\"id\":2}\n";
/// let layout = Layout { format: Format::Jsonl, compression: None, csv: Default::default(), columns: vec![], types: Default::default() };
/// let mut ids = Vec::new();
/// for chunk in jsonl_chunks(18, 10) {
///     let mut decoder = Decoder::new(&layout, &chunk, 18);
///     while let Some(range) = decoder.wants() {
///         decoder.push(&object[range.start as usize..range.end as usize]);
///         while let Some(row) = decoder.next_row() {
///             ids.push(row.map(|row| row.record.text().to_owned()));
///         }
///     }
/// }
/// assert_eq!(ids, [Ok("{\"id\":1}".to_owned()), Ok("{\"id\":2}".to_owned())]);
/// ```
#[derive(Debug)]
pub struct Decoder {
    kind: Kind,
    block: Block,
    /// Whether the last row that was asked for was there: the decoder may have come further than who takes its rows.
    is_ahead: bool,
}

#[derive(Debug)]
enum Kind {
    Lines(Box<Lines>),
    Parquet(Box<ParquetDecoder>),
}

/// A decoder of text, compressed or not.
#[derive(Debug)]
struct Lines {
    text: Text,
    compressed: Option<Compressed>,
    /// Number of the next row.
    number: u64,
}

/// A decoder of plain text, by format.
#[derive(Debug)]
pub(crate) enum Text {
    Csv(Box<CsvDecoder>),
    Jsonl(Box<JsonlDecoder>),
}

impl Text {
    pub(crate) fn wants(&self) -> Option<Range<u64>> {
        match self {
            Self::Csv(decoder) => decoder.wants(),
            Self::Jsonl(decoder) => decoder.wants(),
        }
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        match self {
            Self::Csv(decoder) => decoder.push(block),
            Self::Jsonl(decoder) => decoder.push(block),
        }
    }

    pub(crate) fn next_found(&mut self) -> Option<Found> {
        match self {
            Self::Csv(decoder) => decoder.next_found(),
            Self::Jsonl(decoder) => decoder.next_found(),
        }
    }

    /// Says where the text ends, for a chunk that ends there or beyond.
    pub(crate) fn end_at(&mut self, offset: u64) {
        match self {
            Self::Csv(decoder) => decoder.end_at(offset),
            Self::Jsonl(decoder) => decoder.end_at(offset),
        }
    }

    fn row(&mut self, found: &Found, place: Place) -> Result<Row<'_>, BadRow> {
        match self {
            Self::Csv(decoder) => decoder.row(found, place),
            Self::Jsonl(decoder) => decoder.row(found, place),
        }
    }
}

impl Decoder {
    /// Returns the decoder of `chunk`, one of the chunks that [`crate::CsvSplitter`], [`crate::jsonl_chunks`] or
    /// [`crate::ParquetPlan`] gave for an object of `object_size` bytes, or the range of one row of them. Of compressed text, a
    /// chunk counts in bytes of the text; the whole is a chunk that ends at [`u64::MAX`]. Of Parquet it counts in rows.
    #[must_use]
    pub fn new(layout: &Layout, chunk: &Chunk, object_size: u64) -> Self {
        let text_size = layout.compression.map_or(object_size, |_| u64::MAX);
        let text = match layout.format {
            Format::Csv => Text::Csv(Box::new(CsvDecoder::new(layout, chunk))),
            Format::Jsonl => Text::Jsonl(Box::new(JsonlDecoder::new(layout, chunk, text_size))),
            Format::Parquet => {
                let decoder = ParquetDecoder::new(layout, chunk, object_size);
                return Self::of(Kind::Parquet(Box::new(decoder)));
            }
        };
        let inflate = layout.compression.map(Inflate::new);
        Self::of(Kind::Lines(Box::new(Lines {
            text,
            compressed: inflate.map(|inflate| Compressed::new(inflate, object_size)),
            number: chunk.first_row.unwrap_or(1),
        })))
    }

    fn of(kind: Kind) -> Self {
        let block = Block::default();
        Self {
            kind,
            block,
            is_ahead: false,
        }
    }

    /// Reads no other columns of a Parquet object than these, so that rows have no others either. Names of no column mean nothing.
    /// Rows of other formats are what they are, since all of their text has to be read.
    #[must_use]
    pub fn only(mut self, columns: &BTreeSet<String>) -> Self {
        if let Kind::Parquet(decoder) = &mut self.kind {
            decoder.read_only(columns);
        }
        self
    }

    /// Returns the byte range of the object to read and push next; `None` once everything is pushed, or if the object turned
    /// out to be unreadable: see [`Decoder::failure`].
    ///
    /// It begins where the last push ended, so after a broken read just ask again; in Parquet somewhere else, once the last range
    /// is read. It may begin before the chunk and go on behind it, where a line does.
    #[must_use]
    pub fn wants(&self) -> Option<Range<u64>> {
        match &self.kind {
            Kind::Lines(lines) => lines.wants(),
            Kind::Parquet(decoder) => decoder.wants(),
        }
    }

    /// Returns the ranges that will be wanted one after the other once [`Decoder::wants`] is read, as far as it is known: they can be
    /// fetched at the same time. Of Parquet they are what is still to read of several columns; their sum with what the decoder
    /// keeps is bounded. Other formats are read in one range.
    pub fn upcoming(&self) -> impl Iterator<Item = Range<u64>> {
        let decoder = match &self.kind {
            Kind::Parquet(decoder) => Some(decoder),
            Kind::Lines(_) => None,
        };
        decoder.into_iter().flat_map(|decoder| decoder.upcoming())
    }

    /// Takes the next bytes of the wanted range; what goes beyond it is not looked at. Take all rows before pushing more:
    /// what is pushed is kept until its rows are taken.
    pub fn push(&mut self, block: &[u8]) {
        let wanted = self.wants().map_or(0, |range| range.end - range.start);
        let block = &block[..block.len().min(usize::try_from(wanted).unwrap_or(usize::MAX))];
        match &mut self.kind {
            Kind::Lines(lines) => lines.push(block),
            Kind::Parquet(decoder) => decoder.push(block),
        }
    }

    /// Returns the next row; `None` if it needs more bytes, or if there are no more rows and it wants nothing.
    ///
    /// # Errors
    /// [`BadRow`] for a row that cannot be read; the ones after it can.
    pub fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        if self.block.is_empty() {
            self.block.clear();
            while self.block.has_room()
                && let Some(row) = self.kind.next_row()
            {
                self.block.push(row);
            }
        }
        self.is_ahead = !self.block.is_empty();
        self.block.next_row()
    }

    /// Returns why the object cannot be read to the chunk's end, once [`Decoder::next_row`] has come to the place: the rows
    /// before it were rows, behind it there are none. Plain text can always be read. It has come there when it returned `None`.
    #[must_use]
    pub fn failure(&self) -> Option<&ExtractError> {
        if self.is_ahead {
            return None;
        }
        match &self.kind {
            Kind::Lines(lines) => lines.compressed.as_ref().and_then(Compressed::failure),
            Kind::Parquet(decoder) => decoder.failure(),
        }
    }
}

impl Kind {
    fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        match self {
            Self::Lines(lines) => lines.next_row(),
            Self::Parquet(decoder) => decoder.next_row(),
        }
    }
}

impl Lines {
    fn wants(&self) -> Option<Range<u64>> {
        match &self.compressed {
            Some(compressed) => compressed.wants(&self.text),
            None => self.text.wants(),
        }
    }

    fn push(&mut self, block: &[u8]) {
        match &mut self.compressed {
            Some(compressed) => compressed.push(block),
            None => self.text.push(block),
        }
    }

    fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        let found = match &mut self.compressed {
            Some(compressed) => compressed.next_found(&mut self.text)?,
            None => self.text.next_found()?,
        };
        let place = Place {
            number: self.number,
            offset: found.offset,
            length: found.length,
        };
        self.number += 1;
        Some(self.text.row(&found, place))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::{Compression, Dialect};

    #[test]
    fn failure_is_told_once_the_rows_before_it_are_taken_and_one_more_was_asked_for() {
        let mut object = GzEncoder::new(Vec::new(), Level::default());
        object.write_all(b"{\"a\":1}\n{\"a\":2}\n").unwrap();
        let mut object = object.finish().unwrap();
        // Without its last byte.
        object.pop();
        let layout = Layout {
            format: Format::Jsonl,
            compression: Some(Compression::Gzip),
            csv: Dialect::default(),
            columns: Vec::new(),
            types: std::collections::BTreeMap::new(),
        };
        let chunk = Chunk {
            start: 0,
            end: u64::MAX,
            first_row: Some(1),
        };
        let mut decoder = Decoder::new(&layout, &chunk, object.len() as u64);
        while decoder.wants().is_some() {
            decoder.push(&object);
        }
        for number in 1..=2 {
            assert_eq!(decoder.next_row().unwrap().unwrap().number, number);
            assert_eq!(decoder.failure(), None);
        }
        assert!(decoder.next_row().is_none());
        assert!(decoder.failure().is_some());
    }
}
