//! The rules that the crate keeps towards its callers, one module a subject.

#[cfg(test)]
mod bad_row;
#[cfg(test)]
mod compressed;
#[cfg(test)]
mod csv_ranges;
#[cfg(test)]
mod csv_splitting;
#[cfg(test)]
mod csv_tiling;
#[cfg(test)]
mod jsonl_tiling;
#[cfg(test)]
mod parquet;
#[cfg(test)]
mod reading;
