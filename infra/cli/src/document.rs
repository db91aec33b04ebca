//! The sync document as a file on this machine.

use std::path::{Path, PathBuf};

use ledger::{Problem, Review, Sync};

use crate::error::CliError;
use crate::problem_text;
use crate::terminal::note;

/// A sync document that was read, and what is to be said of it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its path.
    pub(crate) path: PathBuf,
    /// What was read.
    pub(crate) review: Review,
    text: String,
}

impl Document {
    /// Reads the document at `path`.
    ///
    /// # Errors
    /// When there is no such file, or it is no text.
    pub(crate) fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
            path: path.to_owned(),
            doing: "read sync document",
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            review: Review::of(&text),
            text,
        })
    }

    /// Returns the document as it is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the sync, and says on stderr what is surely wrong with it.
    ///
    /// # Errors
    /// With every problem, if one is an error.
    pub(crate) fn sync(&self) -> Result<&Sync, CliError> {
        let problems = &self.review.problems;
        match &self.review.sync {
            Some(sync) => {
                self.warn(problems);
                Ok(sync)
            }
            None => Err(CliError::Document {
                path: self.path.clone(),
                text: self.describe(problems),
                count: problem_text::count(problems),
            }),
        }
    }

    /// Says on stderr what is surely wrong.
    pub(crate) fn warn(&self, problems: &[Problem]) {
        if !problems.is_empty() {
            note(&self.describe(problems));
        }
    }

    /// Returns the problems' text: each with its line, if that may be shown.
    pub(crate) fn describe(&self, problems: &[Problem]) -> String {
        let texts = problems
            .iter()
            .map(|problem| problem_text::describe(&self.path, problem, self.review.line(problem)));
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Returns the folder that the document's own paths are relative to.
pub(crate) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
