#![doc = include_str!("../README.md")]

mod answer;
mod batch;
mod body;
mod buffers;
mod client;
mod course;
mod delivered;
mod dispatch;
mod endpoint;
mod error;
mod key_standing;
mod limit;
mod pace;
mod packer;
mod retry;
mod transport;
mod write_key;

pub use answer::Answer;
pub use batch::Batch;
pub use client::{Client, ClientSettings};
pub use delivered::{Delivered, Refused};
pub use dispatch::until;
pub use endpoint::Endpoint;
pub use error::{DeliveryError, TooLarge};
pub use key_standing::{KeyStanding, key_standing};
pub use limit::{ENVELOPE_BYTES, Limits, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES};
pub use pace::{Admitted, Pace};
pub use packer::Packer;
pub use retry::{Attempts, RetryPolicy, Verdict, classify, retry_after};
pub use transport::{CONNECT_TIMEOUT, Failure, Post, REQUEST_TIMEOUT, Transport};
pub use write_key::WriteKey;
