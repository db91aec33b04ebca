//! Pages of a folder's files in the order of their keys.

use std::fs::{self, DirEntry};
use std::path::PathBuf;
use std::vec;

use super::{failed, is_absent, is_hidden, version};
use crate::ObjectError;
use crate::object::{Meta, PAGE_KEYS};

/// A walk through the files whose keys start with `prefix` and come after `after`, in the order of their keys. Each folder is read once.
pub(super) struct Walk {
    root: PathBuf,
    prefix: String,
    after: String,
    /// What is left of each folder that the walk is in, the innermost last.
    left: Vec<vec::IntoIter<String>>,
}

impl Walk {
    pub(super) fn new(root: PathBuf, prefix: &str, after: Option<&str>) -> Self {
        // A hidden folder is walked only if the prefix itself names it.
        let folder = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
        // As an entry of no folder, so that nothing is read yet.
        let first = vec![folder.to_owned()];
        Self {
            root,
            prefix: prefix.to_owned(),
            after: after.unwrap_or_default().to_owned(),
            left: vec![first.into_iter()],
        }
    }

    /// The next files, as many as a page holds; none at the end.
    pub(super) fn page(&mut self) -> Result<Vec<Meta>, ObjectError> {
        let mut found = Vec::new();
        while found.len() < PAGE_KEYS
            && let Some(entries) = self.left.last_mut()
        {
            match entries.next() {
                None => drop(self.left.pop()),
                Some(key) if key.is_empty() || key.ends_with('/') => {
                    let entries = self.entries(&key)?;
                    self.left.push(entries.into_iter());
                }
                Some(key) => found.extend(self.file(key)?),
            }
        }
        Ok(found)
    }

    /// The keys in `folder` that matter, sorted: a folder's with a `/` at the end, as its files' keys go on.
    fn entries(&self, folder: &str) -> Result<Vec<String>, ObjectError> {
        let path = self.root.join(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed("list", &path, error)),
        };
        let mut keys = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed("list", &path, error))?;
            keys.extend(key_of(folder, &entry)?.filter(|key| self.wants(key)));
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn wants(&self, key: &str) -> bool {
        let later = *key > *self.after || (key.ends_with('/') && self.after.starts_with(key));
        later && key.starts_with(&self.prefix)
    }

    /// What is told of a file; `None` if it is none.
    fn file(&self, key: String) -> Result<Option<Meta>, ObjectError> {
        let path = self.root.join(&key);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => return Ok(Some(version::meta(key, &metadata))),
            Ok(metadata) if metadata.is_dir() => {
                tracing::warn!(path = %path.display(), "link to a folder is not followed; name that folder itself");
            }
            Ok(_) => {}
            // Removed since the folder was read; but a link that leads nowhere is someone's mistake.
            Err(error) if is_absent(&error) && fs::symlink_metadata(&path).is_err() => {}
            Err(error) => return Err(failed("read", &path, error)),
        }
        Ok(None)
    }
}

/// The key of an entry of `folder`; `None` if it is hidden.
fn key_of(folder: &str, entry: &DirEntry) -> Result<Option<String>, ObjectError> {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        let key = format!("{folder}{}", name.to_string_lossy());
        let problem = "its name is not UTF-8; rename it, or hide it with a `.` in front";
        return if name.to_string_lossy().starts_with('.') {
            Ok(None)
        } else {
            Err(ObjectError::InvalidKey { key, problem })
        };
    };
    if is_hidden(name) {
        return Ok(None);
    }
    let kind = entry
        .file_type()
        .map_err(|error| failed("list", &entry.path(), error))?;
    let slash = if kind.is_dir() { "/" } else { "" };
    Ok(Some(format!("{folder}{name}{slash}")))
}
