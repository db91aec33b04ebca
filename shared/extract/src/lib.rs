#![doc = include_str!("../README.md")]

mod assembler;
mod block;
mod chunk;
mod compressed;
mod csv;
mod decoder;
mod detect;
mod error;
mod jsonl;
mod layout;
mod limit;
mod misfit;
mod parquet;
mod row;
mod spelling;
mod utf8;
mod value;

pub use chunk::Chunk;
pub use compressed::{Compression, Inflate, Inflated};
pub use csv::{CsvPlan, CsvRange, CsvSplitter, Dialect, EscapeStyle};
pub use decoder::Decoder;
pub use detect::detect;
pub use error::ExtractError;
pub use jsonl::{LineNumbers, jsonl_chunks};
pub use layout::{ColumnType, Format, Layout};
pub use limit::{
    MAX_COLUMN_NAME_BYTES, MAX_COLUMNS, MAX_COMPRESSION_RATIO, MAX_FOOTER_BYTES, MAX_PAGE_BYTES, MAX_ROW_BYTES, listed,
};
pub use parquet::{ParquetFooter, ParquetPlan};
pub use row::{BadRow, Row};
