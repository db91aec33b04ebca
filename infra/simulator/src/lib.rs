#![doc = include_str!("../README.md")]

mod answer;
mod book;
mod check;
mod connection;
mod counts;
mod dedup;
mod error;
mod fault;
mod hangup;
mod intake;
mod limiter;
mod request;
mod server;
mod settings;
mod store;

pub use check::Reason;
pub use counts::{Bytes, Counts};
pub use error::SimulatorError;
pub use fault::{Broken, Fault, Faults};
pub use server::Simulator;
pub use settings::{EMBEDDED_REMEMBERED_IDS, SERVER_REMEMBERED_IDS, Settings};
