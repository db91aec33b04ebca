//! One suite of rules that every store of objects keeps, run on a folder and on S3, and what only folders have besides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "functions that tests share are tests too"
)]

mod folder;
mod s3;
mod suite;
