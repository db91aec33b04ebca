//! The simulator on a real socket, spoken to in HTTP written by hand.
#![expect(
    clippy::unwrap_used,
    reason = "clippy knows tests only by their attribute, not the functions that they share"
)]

mod authentication;
mod client;
mod fault;
mod kept;
mod limit;
mod server;
