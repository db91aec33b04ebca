//! The commands, one file each.

pub(crate) mod check;
pub(crate) mod deploy;
pub(crate) mod estimate;
pub(crate) mod eval;
pub(crate) mod init;
pub(crate) mod report;
pub(crate) mod reset;
pub(crate) mod retry;
pub(crate) mod sink;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod test;
pub(crate) mod validate;
