//! What the crate `mapping` is compared with and tested by: a plain evaluator, random mappings, the benchmark's rows.

pub mod fuzz;
pub mod plain;
pub mod sample;
pub mod strategy;
