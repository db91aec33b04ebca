//! The ledger's documents as its users meet them: written, read, folded.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod broken;
mod document;
mod files;
mod parts;
mod plan;
mod preset;
mod report;
mod retry;
mod support;
