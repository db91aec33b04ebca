#![doc = include_str!("../README.md")]

mod batches;
mod claim;
mod context;
mod cost;
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
mod scan;
mod start;
mod unread;

pub use context::{Context, Splitting};
pub use cost::{Cost, chunk_bytes};
pub use error::ScheduleError;
pub use handler::{document, handle};
pub use pass::{FanOut, Run, pass};
pub use preview::{preview, previews};
