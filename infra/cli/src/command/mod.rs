//! The commands, one file each.

pub(crate) mod eval;
pub(crate) mod init;
pub(crate) mod sink;
pub(crate) mod sync;
pub(crate) mod test;
pub(crate) mod validate;
