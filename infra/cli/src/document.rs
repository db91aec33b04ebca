//! The sync document as a file on this machine.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ledger::{Problem, Sync};

use crate::error::CliError;

/// Returns the sync in the document at `path`.
///
/// # Errors
/// When there is no such file, or with every problem in it.
pub(crate) fn load(path: &Path) -> Result<Sync, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
        path: path.to_owned(),
        doing: "read sync document",
        source,
    })?;
    Sync::parse(&text).map_err(|problems| CliError::Document {
        path: path.to_owned(),
        problems,
    })
}

/// Returns the problems, one a line, each led by the place as editors jump to it: `file:line:column`.
pub(crate) fn describe(path: &Path, problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "{}:{problem}", path.display());
    }
    let _ = write!(
        text,
        "{} problem{} in the sync document",
        problems.len(),
        if problems.len() == 1 { "" } else { "s" }
    );
    text
}

/// Returns the folder that the document's own paths are relative to.
pub(crate) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
