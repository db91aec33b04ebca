//! What end-to-end tests stand on: scheduler, senders and reporter as libraries over folders, and a Tracking API simulator.

mod echo;
mod interposed;
mod runtime;
mod s3;
mod stack;

pub use echo::{EchoApi, POISON, POISON_TELLING_KEY};
pub use interposed::{Call, Interposed, Lossy};
pub use runtime::{Answer, invoke, invoke_with};
pub use s3::S3Server;
pub use stack::{KEY, OtherScheduler, Stack, users};
