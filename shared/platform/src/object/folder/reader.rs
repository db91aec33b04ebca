//! Reads a range of a pinned file block by block, and looks after each block whether the file is still the pinned one.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;

use super::{failed, find, version};
use crate::ObjectError;
use crate::object::{BLOCK_BYTES, Meta, changed};

#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    pin: Meta,
    file: File,
    left: u64,
}

impl Reader {
    /// Opens the file and goes to the range's start.
    pub(super) fn open(path: PathBuf, pin: Meta, range: Range<u64>) -> Result<Self, ObjectError> {
        // Looked at before it is opened: opening a pipe would wait for its writer.
        let gone = || ObjectError::NotFound {
            object: path.display().to_string(),
        };
        let found = find(&path)?.ok_or_else(gone)?;
        check(&path, &pin, &found)?;
        let file = File::open(&path).and_then(|mut file| file.seek(SeekFrom::Start(range.start)).map(|_| file));
        let file = file.map_err(|error| failed("read", &path, error))?;
        let reader = Self {
            path,
            pin,
            file,
            left: range.end - range.start,
        };
        reader.check().map(|()| reader)
    }

    /// The next block, or `None` after the range's end. A block is handed on only if the file was still the pinned one
    /// after it had been read.
    pub(super) fn next(mut self) -> Result<Option<(Bytes, Self)>, ObjectError> {
        if self.left == 0 {
            return Ok(None);
        }
        let wanted = self.left.min(BLOCK_BYTES as u64);
        let mut block = Vec::with_capacity(BLOCK_BYTES.min(usize::try_from(wanted).unwrap_or(BLOCK_BYTES)));
        let read = (&self.file).take(wanted).read_to_end(&mut block);
        read.map_err(|error| failed("read", &self.path, error))?;
        self.check()?;
        if (block.len() as u64) < wanted {
            let missing = self.left - block.len() as u64;
            let cause = "the file ended early".to_owned();
            return Err(ObjectError::Interrupted {
                object: self.path.display().to_string(),
                missing,
                cause,
            });
        }
        self.left -= wanted;
        Ok(Some((block.into(), self)))
    }

    fn check(&self) -> Result<(), ObjectError> {
        let found = self
            .file
            .metadata()
            .map_err(|error| failed("read", &self.path, error))?;
        check(&self.path, &self.pin, &found)
    }
}

fn check(path: &std::path::Path, pin: &Meta, found: &Metadata) -> Result<(), ObjectError> {
    let found = version::meta(pin.key.clone(), found);
    if found.etag == pin.etag {
        return Ok(());
    }
    Err(changed(path.display().to_string(), pin, Some(&found)))
}
