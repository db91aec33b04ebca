//! Parsing what may be damaged with code that may panic on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ExtractError;

/// Runs what reads an object with Apache's reader, which asserts in places what a damaged object does not keep to. A panic there
/// says the same as an error does: that the object cannot be read. What was being read must not be used after either.
pub(super) fn guarded<T, E: std::fmt::Display>(read: impl FnOnce() -> Result<T, E>) -> Result<T, ExtractError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| ExtractError::broken_parquet(&error.to_string())),
        Err(_) => Err(ExtractError::broken_parquet("its parts contradict each other")),
    }
}
