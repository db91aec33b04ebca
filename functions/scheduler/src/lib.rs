#![doc = include_str!("../README.md")]

mod batches;
mod claim;
mod context;
mod cost;
mod enqueue;
mod error;
mod extract;
mod handler;
mod head;
mod manifest;
mod object;
mod parquet;
mod pass;
mod planning;
mod preview;
mod resets;
pub mod retry;
mod scan;
mod start;
mod sweep;
mod unread;

pub use context::{Context, Splitting};
pub use cost::{Cost, chunk_bytes};
pub use enqueue::enqueue;
pub use error::ScheduleError;
pub use handler::{document, handle};
pub use pass::{FanOut, Run, pass};
pub use preview::{Survey, preview, previews, sample, survey};
pub use sweep::sweep;
