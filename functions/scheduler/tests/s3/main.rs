//! The scheduler over a bucket, with S3 in this process.
#![allow(clippy::unwrap_used, reason = "tests, with helpers that are no test functions")]

mod bucket;
mod notified;
mod open;
mod swept;
