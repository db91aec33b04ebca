//! JSON lines: from bytes to rows, and from a size to chunks.

mod decode;
mod line;
mod number;
mod split;
mod typed;

pub(crate) use decode::JsonlDecoder;
pub use number::LineNumbers;
pub use split::jsonl_chunks;
