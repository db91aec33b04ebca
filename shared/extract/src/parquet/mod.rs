//! Parquet: from Arrow's record batches to rows.

#[cfg_attr(not(test), expect(dead_code, reason = "what reads Parquet objects is not here yet"))]
mod row;

#[expect(unused_imports, reason = "what reads Parquet objects is not here yet")]
pub(crate) use row::BatchRows;
