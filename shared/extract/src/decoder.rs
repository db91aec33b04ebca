//! The one decoder that callers see, whatever the format.

use std::ops::Range;

use crate::assembler::Found;
use crate::csv::CsvDecoder;
use crate::jsonl::JsonlDecoder;
use crate::row::Place;
use crate::{BadRow, Chunk, Format, Layout, Row};

/// Decodes the rows of one chunk from bytes that are pushed: no I/O of its own, memory bounded whatever the chunk.
///
/// Ask what it wants, push that in blocks of any size, take all rows, and so on until it wants nothing and there are
/// no more rows:
///
/// ```
/// use extract::{Decoder, Format, Layout, jsonl_chunks};
///
/// let object = b"{\"id\":1}\n{\"id\":2}\n";
/// let layout = Layout { format: Format::Jsonl, csv: Default::default(), columns: vec![], types: Default::default() };
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
    format: PerFormat,
    /// Number of the next row.
    number: u64,
}

#[derive(Debug)]
enum PerFormat {
    Csv(Box<CsvDecoder>),
    Jsonl(JsonlDecoder),
}

impl Decoder {
    /// Returns the decoder of `chunk`, one of the chunks that [`crate::CsvSplitter`] or [`crate::jsonl_chunks`] gave for
    /// an object of `object_size` bytes, or the range of one row of them.
    #[must_use]
    pub fn new(layout: &Layout, chunk: &Chunk, object_size: u64) -> Self {
        let format = match layout.format {
            Format::Csv => PerFormat::Csv(Box::new(CsvDecoder::new(layout, chunk))),
            Format::Jsonl => PerFormat::Jsonl(JsonlDecoder::new(chunk, object_size)),
        };
        Self {
            format,
            number: chunk.first_row.unwrap_or(1),
        }
    }

    /// Returns the byte range of the object to read and push next; `None` once everything is pushed.
    ///
    /// It begins where the last push ended, so after a broken read just ask again. It may begin before the chunk and
    /// go on behind it, where a line does.
    #[must_use]
    pub fn wants(&self) -> Option<Range<u64>> {
        match &self.format {
            PerFormat::Csv(decoder) => decoder.wants(),
            PerFormat::Jsonl(decoder) => decoder.wants(),
        }
    }

    /// Takes the next bytes of the wanted range; what goes beyond it is not looked at. Take all rows before pushing more:
    /// what is pushed is kept until its rows are taken.
    pub fn push(&mut self, block: &[u8]) {
        let wanted = self.wants().map_or(0, |range| range.end - range.start);
        let block = &block[..block.len().min(usize::try_from(wanted).unwrap_or(usize::MAX))];
        match &mut self.format {
            PerFormat::Csv(decoder) => decoder.push(block),
            PerFormat::Jsonl(decoder) => decoder.push(block),
        }
    }

    /// Returns the next row; `None` if it needs more bytes, or if there are no more rows and it wants nothing.
    ///
    /// # Errors
    /// [`BadRow`] for a row that cannot be read; the ones after it can.
    pub fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        let found = self.next_found()?;
        let place = Place {
            number: self.number,
            offset: found.offset,
            length: found.length,
        };
        self.number += 1;
        Some(match &mut self.format {
            PerFormat::Csv(decoder) => decoder.row(&found, place),
            PerFormat::Jsonl(decoder) => decoder.row(&found, place),
        })
    }

    fn next_found(&mut self) -> Option<Found> {
        match &mut self.format {
            PerFormat::Csv(decoder) => decoder.next_found(),
            PerFormat::Jsonl(decoder) => decoder.next_found(),
        }
    }
}
