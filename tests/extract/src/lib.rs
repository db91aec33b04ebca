//! Extracts read in more than one way: what fuzzing calls.

pub mod fuzz;
