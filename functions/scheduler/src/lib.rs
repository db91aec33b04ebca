#![doc = include_str!("../README.md")]

mod claim;
mod context;
mod error;
mod extract;
mod handler;
mod object;
mod pass;

pub use context::{Context, DEFAULT_CHUNK_BYTES, Splitting};
pub use error::ScheduleError;
pub use handler::handle;
pub use object::plan_object;
pub use pass::{FanOut, Run, pass};
