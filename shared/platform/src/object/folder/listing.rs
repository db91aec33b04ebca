//! Pages of a folder's files in the order of their keys, without looking at more than the page needs.

use std::fs::{self, DirEntry};
use std::path::Path;

use super::{failed, is_absent, is_hidden, version};
use crate::ObjectError;
use crate::object::{Meta, PAGE_KEYS};

/// The first files whose keys start with `prefix` and come after `after`.
pub(super) fn page(root: &Path, prefix: &str, after: &str) -> Result<Vec<Meta>, ObjectError> {
    let mut walk = Walk {
        root,
        prefix,
        after,
        found: Vec::new(),
    };
    // A hidden folder is walked only if the prefix itself names it.
    let folder = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
    walk.folder(folder)?;
    Ok(walk.found)
}

struct Walk<'w> {
    root: &'w Path,
    prefix: &'w str,
    after: &'w str,
    found: Vec<Meta>,
}

impl Walk<'_> {
    /// Adds the files under `folder`, which is empty or ends with `/`, until the page is full.
    fn folder(&mut self, folder: &str) -> Result<(), ObjectError> {
        for entry in self.entries(folder)? {
            if self.found.len() == PAGE_KEYS {
                break;
            }
            if entry.ends_with('/') {
                self.folder(&entry)?;
            } else {
                self.file(entry)?;
            }
        }
        Ok(())
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
        let later = key > self.after || (key.ends_with('/') && self.after.starts_with(key));
        later && key.starts_with(self.prefix)
    }

    fn file(&mut self, key: String) -> Result<(), ObjectError> {
        let path = self.root.join(&key);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => self.found.push(version::meta(key, &metadata)),
            Ok(metadata) if metadata.is_dir() => {
                tracing::warn!(path = %path.display(), "link to a folder is not followed; name that folder itself");
            }
            Ok(_) => {}
            // Removed since the folder was read; but a link that leads nowhere is someone's mistake.
            Err(error) if is_absent(&error) && fs::symlink_metadata(&path).is_err() => {}
            Err(error) => return Err(failed("read", &path, error)),
        }
        Ok(())
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
