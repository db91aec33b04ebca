//! Parquet: from the footer and pages to Arrow's record batches, and from those to rows.

mod ahead;
mod codec;
mod column;
mod decode;
mod footer;
mod group;
mod guard;
mod levels;
mod offsets;
mod page;
mod row;
mod schema;
mod shared;
mod thrift;
mod waiting;

pub(crate) use decode::ParquetDecoder;
pub(crate) use footer::MAGIC;
pub use footer::{ParquetFooter, ParquetPlan};
pub(crate) use row::BatchRows;
