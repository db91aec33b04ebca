//! Compressed text: decoded as it streams, an object in one chunk.

mod decode;
mod inflate;
mod pending;

pub(crate) use decode::Compressed;
pub use inflate::{Compression, Inflate, Inflated};
