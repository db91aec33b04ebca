//! What end-to-end tests stand on: scheduler, senders and reporter as libraries over folders, and a Tracking API simulator.

mod stack;

pub use stack::{Stack, users};
