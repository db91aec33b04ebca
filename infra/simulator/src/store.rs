use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::SimulatorError;

const EVENTS: &str = "events.jsonl";
const DROPPED: &str = "dropped.jsonl";

/// Bytes read at a time, from the end, in search of the last whole line.
const BLOCK: u64 = 64 * 1024;

/// The two files in which events are kept.
#[derive(Debug)]
pub(crate) struct Store {
    events: Journal,
    dropped: Journal,
}

impl Store {
    /// Opens or makes the files, each ending in a whole line.
    pub(crate) fn open(folder: &Path) -> Result<Store, SimulatorError> {
        fs::create_dir_all(folder).map_err(|source| SimulatorError::File {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Store {
            events: Journal::open(folder.join(EVENTS))?,
            dropped: Journal::open(folder.join(DROPPED))?,
        })
    }

    /// Appends whole lines to both files. Once it returns, the kernel has them: they survive the end of this process,
    /// though not that of the machine.
    ///
    /// # Errors
    /// The files are as they were, unless the disk does not even allow that.
    pub(crate) fn append(&mut self, events: &[u8], dropped: &[u8]) -> io::Result<()> {
        let before = self.events.length;
        self.events.append(events)?;
        self.dropped.append(dropped).inspect_err(|_| self.events.cut(before))
    }

    /// Has both files written to the disk.
    pub(crate) fn sync(&self) -> Result<(), SimulatorError> {
        [&self.events, &self.dropped].into_iter().try_for_each(|journal| {
            journal.file.sync_data().map_err(|source| SimulatorError::File {
                path: journal.path.clone(),
                source,
            })
        })
    }
}

#[cfg(test)]
impl Store {
    /// A store whose disk takes nothing.
    pub(crate) fn broken() -> Store {
        let full = || Journal {
            file: File::open("/dev/null").unwrap(),
            path: PathBuf::new(),
            length: 0,
        };
        Store {
            events: full(),
            dropped: full(),
        }
    }
}

/// A file to which whole lines are appended, by this process alone.
#[derive(Debug)]
struct Journal {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Journal {
    fn open(path: PathBuf) -> Result<Journal, SimulatorError> {
        let opened = OpenOptions::new().create(true).read(true).append(true).open(&path);
        let mut file = opened.map_err(|source| SimulatorError::File {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SimulatorError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(SimulatorError::File { path, source }),
        }
        let repaired = repair(&mut file);
        let length = repaired.map_err(|source| SimulatorError::File {
            path: path.clone(),
            source,
        })?;
        Ok(Journal { file, path, length })
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.file.write_all(lines).inspect_err(|_| self.cut(self.length))?;
        self.length += lines.len() as u64;
        Ok(())
    }

    fn cut(&mut self, length: u64) {
        match self.file.set_len(length) {
            Ok(()) => self.length = length,
            Err(error) => tracing::error!(path = %self.path.display(), %error, "cannot take back a failed write"),
        }
    }
}

/// Cuts off a last line that has no end, as a process killed in mid-write leaves it, and returns the length that is left.
fn repair(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut block)?;
        if let Some(at) = memchr::memrchr(b'\n', &block) {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
        tracing::warn!(bytes = length - end, "cut off a torn last line");
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reopened(before: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(EVENTS);
        fs::write(&path, before).unwrap();
        Store::open(folder.path()).unwrap().append(b"new\n", b"").unwrap();
        fs::read(&path).unwrap()
    }

    #[test]
    fn cuts_off_a_torn_last_line() {
        let block = usize::try_from(BLOCK).unwrap();
        let long = vec![b'x'; 2 * block + 7];
        let table: [(&[u8], &[u8]); 6] = [
            (b"", b"new\n"),
            (b"one\n", b"one\nnew\n"),
            (b"one\ntw", b"one\nnew\n"),
            (b"torn", b"new\n"),
            (b"\n", b"\nnew\n"),
            (&long, b"new\n"),
        ];
        for (before, after) in table {
            assert_eq!(reopened(before), after);
        }
        assert_eq!(reopened(&[b"one\n", long.as_slice()].concat()), b"one\nnew\n");
        assert_eq!(
            reopened(&[long.as_slice(), b"\nx"].concat()),
            [long.as_slice(), b"\nnew\n"].concat()
        );
    }

    #[test]
    fn refuses_a_folder_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let first = Store::open(folder.path()).unwrap();
        assert!(matches!(Store::open(folder.path()), Err(SimulatorError::InUse { .. })));
        drop(first);
        assert!(Store::open(folder.path()).is_ok());
    }

    #[test]
    fn names_a_folder_that_cannot_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("taken");
        fs::write(&file, "").unwrap();
        let error = Store::open(&file.join("out")).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
    }

    #[test]
    fn takes_back_the_events_of_a_batch_that_was_not_kept_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store.append(b"one\n", b"").unwrap();
        store.dropped.file = File::open(folder.path().join(DROPPED)).unwrap();
        assert!(
            store.append(b"two\n", b"bad\n").is_err(),
            "its second file is open for reading only"
        );
        store.dropped = Journal {
            path: PathBuf::new(),
            file: tempfile::tempfile().unwrap(),
            length: 0,
        };
        store.append(b"three\n", b"").unwrap();
        assert_eq!(fs::read(folder.path().join(EVENTS)).unwrap(), b"one\nthree\n");
    }
}
