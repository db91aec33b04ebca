//! A folder that stands for a bucket: each object a file, each key its path.

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, StreamExt};

use super::{Blocks, Created, MAX_SMALL_OBJECT, Meta, Objects, Pages, key, within};
use crate::ObjectError;

mod listing;
mod reader;
mod version;
mod writing;

use listing::Walk;
use reader::Reader;

/// Objects in a folder of this machine. Files are seen where they lie; links to files are followed.
///
/// Names that begin with `.` are not listed and cannot be written: unfinished files have such names. The folder is made
/// by the first write and may be read-only for reading.
#[derive(Debug, Clone)]
pub struct FolderObjects {
    root: PathBuf,
}

impl FolderObjects {
    /// The objects in the folder `root`, which need not exist yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, key: &str) -> Result<PathBuf, ObjectError> {
        key::check(key).map(|()| self.root.join(key))
    }

    fn path_to_write(&self, key: &str) -> Result<PathBuf, ObjectError> {
        let path = self.path(key)?;
        if key.split('/').any(is_hidden) {
            let problem = "names that begin with `.` are never listed and so cannot be written";
            return Err(ObjectError::InvalidKey {
                key: key.to_owned(),
                problem,
            });
        }
        Ok(path)
    }
}

#[async_trait]
impl Objects for FolderObjects {
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        let path = self.path(key)?;
        let key = key.to_owned();
        blocking(move || Ok(find(&path)?.map(|metadata| version::meta(key, &metadata)))).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        let path = self.path(key)?;
        blocking(move || get(&path)).await
    }

    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        let path = self.path(&pin.key)?;
        let Some(range) = within(pin, range) else {
            return Ok(stream::empty().boxed());
        };
        let pin = pin.clone();
        let reader = blocking(move || Reader::open(path, pin, range)).await?;
        let next = |reader: Reader| blocking(move || reader.next());
        Ok(stream::try_unfold(reader, next).boxed())
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        key::check_prefix(prefix)?;
        let mut walk = Walk::new(self.root.clone(), prefix, after);
        blocking(move || walk.page()).await
    }

    fn list_pages<'o>(&'o self, prefix: &'o str, after: Option<String>) -> Pages<'o> {
        // One walk for all pages: a page of its own reads a folder of a hundred thousand files a hundred times.
        let walk = key::check_prefix(prefix).map(|()| Walk::new(self.root.clone(), prefix, after.as_deref()));
        let next = |walk: Result<Walk, ObjectError>| async {
            let mut walk = walk?;
            let (page, walk) = blocking(move || walk.page().map(|page| (page, walk))).await?;
            Ok((!page.is_empty()).then_some((page, Ok(walk))))
        };
        stream::try_unfold(walk, next).boxed()
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        let path = self.path_to_write(key)?;
        blocking(move || writing::create(&path, &body)).await
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        let path = self.path_to_write(key)?;
        blocking(move || writing::put(&path, &body)).await
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// The file at `path`, links followed, or `None` if there is none: neither nothing, nor a folder or device, is one.
fn find(path: &Path) -> Result<Option<fs::Metadata>, ObjectError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata).filter(fs::Metadata::is_file)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

fn get(path: &Path) -> Result<Option<Bytes>, ObjectError> {
    let Some(metadata) = find(path)? else { return Ok(None) };
    if metadata.len() > MAX_SMALL_OBJECT {
        let object = path.display().to_string();
        return Err(ObjectError::TooLarge {
            object,
            size: metadata.len(),
            limit: MAX_SMALL_OBJECT,
        });
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

/// Whether an error says that nothing is there. A file where the key has a folder is such a nothing.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The error for what the file system refused.
fn failed(doing: &'static str, path: &Path, source: io::Error) -> ObjectError {
    let remedy = match source.kind() {
        ErrorKind::PermissionDenied => "; check its permissions and owner",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "; free space there, then run again",
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            "; a file and a folder want the same name there: move one away"
        }
        ErrorKind::Unsupported => "; its file system has no hard links: use a folder on another one",
        _ => "",
    };
    ObjectError::File {
        object: path.display().to_string(),
        doing,
        remedy,
        source,
    }
}

/// Does file work where it may wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ObjectError> + Send + 'static,
) -> Result<T, ObjectError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only at the runtime's end, when nobody waits any more.
            Err(cancelled) => Err(failed(
                "finish work on",
                Path::new("a file"),
                io::Error::other(cancelled),
            )),
        },
    }
}
