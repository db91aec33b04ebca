//! JSON text: reading valid text without a tree, and writing it.

pub(crate) mod number;
pub(crate) mod order;
pub(crate) mod scan;
pub(crate) mod string;
pub(crate) mod unique;
pub(crate) mod validate;
pub(crate) mod watch;
pub(crate) mod write;
