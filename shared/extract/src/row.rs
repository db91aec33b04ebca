//! What a decoder hands out: rows, and rows that cannot be read.

use std::fmt;

use mapping::{Record, Shape, Span};

use crate::misfit::Misfit;
use crate::{MAX_ROW_BYTES, utf8};

/// One row of an extract, borrowed from its decoder until the next one is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Row<'d> {
    /// The row's number in the object, from 1, if its chunk's `first_row` is known, else its number in the chunk.
    pub number: u64,
    /// Where the row begins in the object, in bytes; in Parquet its place among the rows, from 0.
    pub offset: u64,
    /// How many raw bytes the row has, without its line end. In JSONL that is LF; a CR before it counts. In
    /// Parquet 1, so that a chunk from `offset` to `offset + length` has this row alone whatever the format.
    pub length: u64,
    /// The row as one JSON object.
    pub record: Record<'d>,
}

/// Returns the record that `text` and the places of its fields are; without a shape, keys may be written with escapes.
///
/// # Errors
/// When the text is not UTF-8.
pub(crate) fn record<'r>(text: &'r [u8], fields: &'r [Span], shape: Option<Shape>) -> Result<Record<'r>, Misfit> {
    let text = utf8::text(text).map_err(Misfit::not_utf8)?;
    Ok(Record::of_shape(text, fields, shape))
}

/// Where a row is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Place {
    pub(crate) fn row(self, record: Record<'_>) -> Row<'_> {
        let Self { number, offset, length } = self;
        Row {
            number,
            offset,
            length,
            record,
        }
    }
}

/// A row that cannot be read. It counts as a row, and the ones after it are read as if nothing had been.
#[derive(Clone, PartialEq, Eq)]
pub struct BadRow {
    /// As [`Row::number`].
    pub number: u64,
    /// As [`Row::offset`].
    pub offset: u64,
    /// As [`Row::length`].
    pub length: u64,
    /// Why, as a word that does not change: `not_utf8`, `row_too_long`, `bad_value`; in CSV also
    /// `wrong_column_count`, `unterminated_quote`; in JSONL also `bad_json`, `not_an_object`.
    pub code: &'static str,
    /// Why, for people. Holds nothing of the row's content.
    pub message: String,
    /// The column in question, if it is one.
    pub column: Option<Box<str>>,
    /// The value in question, quoted and cut short, if it is one.
    pub value: Option<Box<str>>,
    /// The row as it stands in the object, bytes that are not UTF-8 replaced; of Parquet, as JSON. Of a row above
    /// [`crate::MAX_ROW_BYTES`] only its first 4 KiB.
    pub text: String,
}

impl BadRow {
    /// A bad row that is no single column's fault.
    pub(crate) fn new(place: Place, code: &'static str, message: String, raw: &[u8]) -> Self {
        let Place { number, offset, length } = place;
        let text = String::from_utf8_lossy(raw).into_owned();
        Self {
            number,
            offset,
            length,
            code,
            message,
            column: None,
            value: None,
            text,
        }
    }

    pub(crate) fn too_long(place: Place, kept: &[u8]) -> Self {
        let message = format!(
            "row has {} bytes, more than the {MAX_ROW_BYTES} that are read",
            place.length
        );
        Self::new(place, "row_too_long", message, kept)
    }
}

/// Shows where and why; content of rows has no place in logs.
impl fmt::Debug for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadRow")
            .field("number", &self.number)
            .field("offset", &self.offset)
            .field("length", &self.length)
            .field("code", &self.code)
            .field("column", &self.column)
            .finish_non_exhaustive()
    }
}
