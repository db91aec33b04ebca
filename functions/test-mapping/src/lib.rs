#![doc = include_str!("../README.md")]

mod answer;
mod error;
mod handler;
mod tester;

pub use answer::{Answer, Rejected, Verdict};
pub use error::TestError;
pub use handler::handle;
pub use tester::Tester;
