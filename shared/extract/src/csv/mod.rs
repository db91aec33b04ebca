//! CSV: from bytes to rows, and from an object to chunks.

mod binary;
mod cell;
mod column;
mod decode;
mod dialect;
mod letter;
mod mask;
mod moment;
mod number;
mod scan;
mod split;
mod write;

pub(crate) use column::{Column, offset};
pub(crate) use decode::CsvDecoder;
pub use dialect::{Dialect, EscapeStyle};
use scan::Scanner;
pub(crate) use split::BYTE_ORDER_MARK;
pub use split::{CsvPlan, CsvSplitter};
