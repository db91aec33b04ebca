//! Parquet: from the footer and pages to Arrow's record batches, and from those to rows.

mod codec;
mod column;
mod decode;
mod footer;
mod group;
mod guard;
mod levels;
mod page;
mod row;
mod schema;
mod thrift;

pub(crate) use decode::ParquetDecoder;
pub(crate) use footer::MAGIC;
pub use footer::{ParquetFooter, ParquetPlan};
pub(crate) use row::BatchRows;
