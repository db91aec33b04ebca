//! Writes files so that a name shows a whole file or none, whatever crashes when.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::failed;
use crate::ObjectError;
use crate::object::Created;

/// Distinguishes the unfinished files of this process.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Gives a new file the name `path` unless something has it.
pub(super) fn create(path: &Path, body: &[u8]) -> Result<Created, ObjectError> {
    // Saves the work in the usual repeat; the link below decides.
    if fs::symlink_metadata(path).is_ok() {
        return Ok(Created::Exists);
    }
    let unfinished = Unfinished::write(path, body).map_err(|error| failed("write", path, error))?;
    match fs::hard_link(&unfinished.path, path) {
        Ok(()) => {
            drop(unfinished);
            keep_name(path)
                .map(|()| Created::New)
                .map_err(|error| failed("write", path, error))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Created::Exists),
        Err(error) => Err(failed("write", path, error)),
    }
}

/// Gives a new file the name `path`, in place of whatever file has it.
pub(super) fn put(path: &Path, body: &[u8]) -> Result<(), ObjectError> {
    let replace = || {
        let unfinished = Unfinished::write(path, body)?;
        fs::rename(&unfinished.path, path)?;
        keep_name(path)
    };
    replace().map_err(|error| failed("write", path, error))
}

/// A whole file under a hidden name beside the one it is to get. The hidden name goes with it.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn write(target: &Path, body: &[u8]) -> io::Result<Self> {
        let folder = target.parent().unwrap_or(Path::new("/"));
        make_folder(folder)?;
        let unfinished = Self {
            path: folder.join(hidden_name()),
        };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&unfinished.path)?;
        file.write_all(body)?;
        file.sync_all()?;
        Ok(unfinished)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; and what stays behind is never listed.
        let _ = fs::remove_file(&self.path);
    }
}

/// A name no other process, and no earlier one with the same id, uses.
fn hidden_name() -> String {
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    format!(
        ".tmp-{:x}-{time:x}-{:x}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Makes `folder` and those above it, each one's name kept before it is used.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    match fs::create_dir(folder) {
        // Whoever made it at the same time, or finds it a file, is told by the next step.
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => keep_name(folder),
    }
}

/// Makes the name of `path` last beyond a crash of the machine.
fn keep_name(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
