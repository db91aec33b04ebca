//! Which rows of its chunk a job is for: all of them, or those that an earlier run rejected.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use extract::{BadRow, Row};
use flate2::write::GzDecoder;
use futures::TryStreamExt;
use ledger::{Job, LedgerError, RejectedRow};
use platform::{Meta, ObjectError, Objects};

use crate::SendError;

/// The rows, by where they begin; `None`: all.
pub(crate) struct Only(Option<HashSet<u64>>);

impl Only {
    /// Returns the rows that `job` is for, from the objects that it names. Takes 8 bytes or so for each.
    ///
    /// # Errors
    /// When one of these objects cannot be read.
    pub(crate) async fn of_job(ledger: &dyn Objects, job: &Job) -> Result<Self, SendError> {
        if job.only.is_empty() {
            return Ok(Self(None));
        }
        let mut offsets = HashSet::new();
        for key in &job.only {
            read(ledger, key, job, &mut offsets).await?;
        }
        Ok(Self(Some(offsets)))
    }

    /// Whether the job is for this row.
    pub(crate) fn has(&self, row: &Result<Row<'_>, BadRow>) -> bool {
        let Some(offsets) = &self.0 else { return true };
        let offset = match row {
            Ok(row) => row.offset,
            Err(bad) => bad.offset,
        };
        offsets.contains(&offset)
    }
}

impl fmt::Debug for Only {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.as_ref().map(HashSet::len);
        out.debug_struct("Only").field("rows", &rows).finish()
    }
}

/// Adds the rows of one object with rejected rows that one of the job's mappings rejected.
async fn read(ledger: &dyn Objects, key: &str, job: &Job, offsets: &mut HashSet<u64>) -> Result<(), SendError> {
    let broken = |error: io::Error| wrong(key, unreadable(error));
    let found = ledger.head(key).await?;
    let found = found.ok_or_else(|| ObjectError::NotFound { object: key.to_owned() })?;
    // By its etag, not its version: to read a version by name takes a right of its own, which senders have for extracts only.
    let meta = Meta { version: None, ..found };
    let mut blocks = ledger.read(&meta, 0..meta.size).await?;
    let mut text = GzDecoder::new(Vec::new());
    while let Some(block) = blocks.try_next().await? {
        text.write_all(&block).map_err(broken)?;
        take(text.get_mut(), job, offsets).map_err(|error| wrong(key, error))?;
    }
    let mut rest = text.finish().map_err(broken)?;
    Ok(take(&mut rest, job, offsets).map_err(|error| wrong(key, error))?)
}

/// Takes whole lines from the beginning of `text`.
fn take(text: &mut Vec<u8>, job: &Job, offsets: &mut HashSet<u64>) -> Result<(), LedgerError> {
    let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else {
        return Ok(());
    };
    for line in String::from_utf8_lossy(&text[..end]).lines() {
        let row = RejectedRow::from_line(line)?;
        let is_meant = row
            .mapping
            .as_ref()
            .is_none_or(|name| job.mappings.iter().any(|mapping| mapping.name == *name));
        if is_meant {
            offsets.insert(row.offset);
        }
    }
    text.drain(..=end);
    Ok(())
}

fn unreadable(error: io::Error) -> LedgerError {
    LedgerError::Unreadable {
        kind: "rejected rows",
        source: serde_json::Error::io(error),
    }
}

fn wrong(key: &str, source: LedgerError) -> LedgerError {
    LedgerError::Object {
        key: key.to_owned(),
        source: Box::new(source),
    }
}
