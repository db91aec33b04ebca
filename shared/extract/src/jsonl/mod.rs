//! JSON lines: from bytes to rows, and from a size to chunks.

mod decode;
mod line;
mod split;

pub(crate) use decode::JsonlDecoder;
pub use split::jsonl_chunks;
