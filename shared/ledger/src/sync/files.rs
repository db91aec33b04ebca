//! Which objects of an extract a mapping is for: patterns of their names.

use std::str::FromStr;

use glob::{MatchOptions, Pattern, PatternError};
use serde::{Deserialize, Serialize};

use super::reader::{Cursor, Reported};
use super::tree::Kind;

/// A pattern of objects' names. It is read once: a run may have a hundred thousand objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilePattern(Pattern);

impl FilePattern {
    /// Returns the pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the object at `path` has such a name, see [`super::Mapping::reads`].
    pub(super) fn fits(&self, path: &str) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let depth = self.as_str().matches('/').count();
        let start = path.rmatch_indices('/').nth(depth).map_or(0, |(slash, _)| slash + 1);
        self.0.matches_with(&path[start..], options)
    }
}

impl FromStr for FilePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Pattern::new(text).map(Self)
    }
}

impl TryFrom<String> for FilePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<FilePattern> for String {
    fn from(pattern: FilePattern) -> Self {
        pattern.as_str().to_owned()
    }
}

/// Reads one pattern, or a list of them.
pub(super) fn read_files(cursor: &Cursor<'_>) -> Result<Vec<FilePattern>, Reported> {
    let Kind::List(_) = cursor.node().kind else {
        return Ok(vec![read_pattern(cursor)?]);
    };
    let patterns = cursor.list()?;
    if patterns.is_empty() {
        let remedy = "give a pattern of object names, or remove `files`";
        return Err(cursor.problem("names no object", Some(remedy.into())));
    }
    let read: Vec<_> = patterns.iter().map(read_pattern).collect();
    read.into_iter().collect()
}

fn read_pattern(cursor: &Cursor<'_>) -> Result<FilePattern, Reported> {
    let text = cursor.text()?;
    let message = match Pattern::new(text) {
        Err(error) => format!("{} is not a pattern: {}", cursor.quoted(), error.msg.to_lowercase()),
        Ok(_) if text.contains("**") || text.starts_with('/') || text.ends_with('/') || text.contains("://") => {
            format!("{} is not a pattern of object names", cursor.quoted())
        }
        Ok(pattern) => return Ok(FilePattern(pattern)),
    };
    let remedy = "write a name with `*`, `?` and `[…]`, e.g. `orders_*`, or with its folder `orders/*`";
    Err(cursor.problem(message, Some(remedy.into())))
}
