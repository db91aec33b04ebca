#![doc = include_str!("../README.md")]

mod answer;
mod context;
mod error;
mod handler;
mod rows;
mod tester;

pub use answer::{Answer, Rejected, Verdict};
pub use context::Context;
pub use error::TestError;
pub use handler::handle;
pub use rows::first_rows;
pub use tester::Tester;
