//! A run's rejected and failed rows, planned as a new run.

mod left;
mod plan;

pub use left::{Left, left};
pub use plan::plan;
