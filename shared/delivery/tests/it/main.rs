//! The rules of delivery, seen from outside: packing, what follows from each answer, and what goes over the wire.
#![allow(
    clippy::unwrap_used,
    reason = "test support functions are not tests to the lint, and may fail as loudly"
)]

mod adapting;
mod course;
mod fake_api;
mod in_time;
mod key_standing;
mod limiter;
mod packing;
mod script;
mod secrecy;
mod wire;
