//! JSON lines: from bytes to rows, and from a size to chunks.

mod decode;
mod line;
mod number;
mod split;

pub(crate) use decode::JsonlDecoder;
pub use number::LineNumbers;
pub use split::jsonl_chunks;
