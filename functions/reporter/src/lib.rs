#![doc = include_str!("../README.md")]

mod close;
mod context;
mod dead;
mod error;
mod finished;
mod handler;
mod html;
mod waiting;

pub use close::{RunState, close};
pub use context::Context;
pub use error::ReportError;
pub use finished::RUN_FINISHED;
pub use handler::handle;
