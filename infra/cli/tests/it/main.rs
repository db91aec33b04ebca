//! The `backhaul` program from outside: what it prints, leaves behind and exits with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests, with helpers that are no test functions"
)]

mod auto;
mod bench;
mod input;
mod recipes;
mod repeat;
mod schema;
mod tools;
mod tour;
