//! What the program tells its caller.

use std::process::ExitCode;

/// The exit status of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: finished, with rejected rows or failed jobs.
    Flawed,
    /// 2: the input cannot be used.
    Unusable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Flawed => 1,
            Exit::Unusable => 2,
        })
    }
}
