//! What end-to-end tests stand on: scheduler, senders and reporter as libraries over folders, and a Tracking API simulator.

mod runtime;
mod stack;

pub use runtime::{Answer, invoke};
pub use stack::{Stack, users};
