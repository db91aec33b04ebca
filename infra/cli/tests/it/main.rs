//! The `backhaul` program from outside: what it prints, leaves behind and exits with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests, with helpers that are no test functions"
)]

mod auto;
mod bench;
mod check;
mod deploy;
mod estimate;
mod hostile;
mod input;
mod recipes;
mod repeat;
mod reset;
mod retry;
mod runs;
mod schema;
mod secrecy;
mod tools;
mod tour;
