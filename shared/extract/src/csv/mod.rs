//! CSV: from bytes to rows, and from an object to chunks.

mod binary;
mod block;
mod cell;
mod column;
mod decode;
mod dialect;
mod lane;
mod letter;
mod mask;
mod moment;
mod number;
mod range;
mod scan;
mod split;
mod state;
mod write;

pub(crate) use column::{Column, offset};
pub(crate) use decode::CsvDecoder;
pub use dialect::{Dialect, EscapeStyle};
pub use range::CsvRange;
pub(crate) use split::BYTE_ORDER_MARK;
pub use split::{CsvPlan, CsvSplitter};
