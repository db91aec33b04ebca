//! A part of an object that can be decoded alone.

use serde::{Deserialize, Serialize};

/// A byte range of one object, with the rows that begin in it; of a Parquet object, a range of rows.
///
/// The chunks of an object tile it: read one after the other they give each row of the object exactly once, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Offset of the first byte. In CSV a row begins there; in JSONL not necessarily. In Parquet the first row's place, from 0.
    pub start: u64,
    /// One past the last byte; in Parquet, one past the last row.
    pub end: u64,
    /// Number of the chunk's first row in the object, from 1, headers and blank lines not counted. `None` where it is
    /// unknown: JSONL is cut without being read.
    pub first_row: Option<u64>,
}
