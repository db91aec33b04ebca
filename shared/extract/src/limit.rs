//! What bounds the memory of a decoder, whatever the object holds.

/// The longest row that is decoded, in raw bytes without its line end; also the longest CSV header.
///
/// A longer row is a [`crate::BadRow`] with code `row_too_long`. No call made from it could be sent anyway: Segment
/// takes 32 KB an event (HTTP API, Max request size); the rest is room for columns that no mapping uses.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;

/// The most columns of a CSV or Parquet object, in Parquet counting what nested ones are made of. `BigQuery` allows that many in a table, more than any other common warehouse.
pub const MAX_COLUMNS: usize = 10_000;

/// The longest name of a CSV or Parquet column, in bytes. Warehouses allow 63 (`PostgreSQL`) to 300 (`BigQuery`); names stand in plans, jobs
/// and every message about a value.
pub const MAX_COLUMN_NAME_BYTES: usize = 1024;

/// How many columns a message lists.
const LISTED_COLUMNS: usize = 30;

/// Returns these columns as messages list them: the first, and how many there are.
#[must_use]
pub fn listed(columns: &[String]) -> String {
    let first = columns.iter().take(LISTED_COLUMNS).map(String::as_str);
    let mut list = first.collect::<Vec<_>>().join(", ");
    if columns.len() > LISTED_COLUMNS {
        list.push_str(", … (");
        list.push_str(&columns.len().to_string());
        list.push_str(" in all)");
    }
    list
}

/// How much of a row above [`MAX_ROW_BYTES`] is kept to show in its [`crate::BadRow`], in bytes.
pub(crate) const KEPT_OF_LONG_ROW: usize = 4 * 1024;

/// How much of a bad value its message quotes, in characters.
pub(crate) const QUOTED_OF_VALUE: usize = 100;

/// How much is asked for first behind a JSONL chunk to find the end of its last line, in bytes.
pub(crate) const MIN_TAIL_BYTES: u64 = 64 * 1024;

/// How much is asked for at most in one go for the same purpose.
pub(crate) const MAX_TAIL_BYTES: u64 = 1024 * 1024;

/// How many times as large as its bytes so far a compressed object's text may get, past the first 64 MiB of text. What warehouses write
/// shrinks to a tenth, very regular tables to a hundredth; a thousandth is an attack or a mistake.
pub const MAX_COMPRESSION_RATIO: u64 = 500;

/// The text that a compressed object may hold whatever its size, in bytes.
pub(crate) const RATIO_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// How much compressed text is decompressed in one go, in bytes.
pub(crate) const INFLATED_BLOCK_BYTES: usize = 64 * 1024;

/// The largest window of a zstd frame, as a power of two: 64 MiB. Levels up to 19 take at most 8 MiB (zstd's manual, `--long`).
pub(crate) const MAX_ZSTD_WINDOW_LOG: u32 = 26;

/// The longest footer of a Parquet object that is read, in bytes. One with 10,000 columns has about 1 MiB a row group.
pub const MAX_FOOTER_BYTES: u64 = 32 * 1024 * 1024;

/// How much is asked for first to find a Parquet footer, in bytes: most are smaller, and a second read costs more.
pub(crate) const FIRST_FOOTER_BYTES: u64 = 64 * 1024;

/// What is not worth a request of its own, in bytes: to ask for them takes longer than to read them.
pub(crate) const REQUEST_BYTES: u64 = 64 * 1024;

/// The longest offset indexes of the columns of a Parquet row group that are read, and with what lies between them, in bytes: some 100,000
/// pages, which take 3 MB.
pub(crate) const MAX_OFFSET_INDEX_BYTES: u64 = 1024 * 1024;

/// The largest page of a Parquet column, in bytes, as it lies there or decompressed. Most writers make pages of 1 MiB; `DuckDB`'s
/// have up to 100 MB.
pub const MAX_PAGE_BYTES: usize = 128 * 1024 * 1024;

/// The longest header of a Parquet page, in bytes. It may hold the page's least and greatest value.
pub(crate) const MAX_PAGE_HEADER_BYTES: usize = 1024 * 1024;

/// The most values that a column has in one row of a Parquet object: written as JSON they would make a row that is far too long.
pub(crate) const MAX_ROW_VALUES: usize = 4 * 1024 * 1024;

/// How many bytes of a Parquet object are kept before they are decoded, shared among its columns.
pub(crate) const PARQUET_BUFFER_BYTES: u64 = 32 * 1024 * 1024;

/// How much of a Parquet column is asked for at least, in bytes.
pub(crate) const MIN_COLUMN_BYTES: u64 = 64 * 1024;

/// How many bytes of Parquet columns that lie side by side are asked for in one range.
pub(crate) const MAX_RANGE_BYTES: u64 = PARQUET_BUFFER_BYTES / 4;

/// How many Parquet rows are decoded in one go.
pub(crate) const BATCH_ROWS: u64 = 1024;
