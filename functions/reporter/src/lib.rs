#![doc = include_str!("../README.md")]

mod close;
mod context;
mod dead;
mod error;
mod handler;
mod html;
mod waiting;

pub use close::{RunState, close};
pub use context::Context;
pub use error::ReportError;
pub use handler::handle;
