//! A CSV object, scanned in ranges of which several are on their way at once.

use std::ops::Range;

use extract::{CsvRange, CsvSplitter, Dialect};
use futures::{StreamExt, TryStreamExt, stream};
use platform::{Meta, ObjectError, Objects};
use tokio::sync::Semaphore;

/// Bytes of a range: S3's guide to performance reads large objects in ranges of 8 to 16 MB, and what a request costs is little
/// beside that. An object of no more is read in one.
const RANGE_BYTES: u64 = 16 << 20;

/// Ranges of all objects of a run that are on their way at once. S3 gives 85 to 90 MB/s a request (same guide), so these fill any
/// function's network; each holds no more than the block that has come last.
const RANGES_AT_ONCE: usize = 16;

/// How the objects of a run are scanned.
#[derive(Debug)]
pub(crate) struct Scan {
    range_bytes: u64,
    room: Semaphore,
}

impl Default for Scan {
    fn default() -> Self {
        Self::in_ranges_of(RANGE_BYTES)
    }
}

impl Scan {
    fn in_ranges_of(bytes: u64) -> Self {
        Self {
            range_bytes: bytes,
            room: Semaphore::new(RANGES_AT_ONCE),
        }
    }

    /// Scans the whole object, unless its header cannot be read.
    ///
    /// # Errors
    /// When the object is not what it was when it was listed, or the store fails.
    pub(crate) async fn split(
        &self,
        objects: &dyn Objects,
        meta: &Meta,
        dialect: &Dialect,
        chunk_bytes: u64,
    ) -> Result<CsvSplitter, ObjectError> {
        let mut splitter = CsvSplitter::new(dialect.clone(), chunk_bytes);
        let mut ranges = self.ranges(meta.size);
        // A header ends in the first, but for an object that begins with so many empty lines.
        while !splitter.is_past_header()
            && let Some(range) = ranges.next()
        {
            self.read(objects, meta, range, |block| splitter.push(block)).await?;
        }
        if splitter.failure().is_some() {
            return Ok(splitter);
        }
        let mut scans = stream::iter(ranges)
            .map(|range| async {
                let mut scan = CsvRange::new(dialect, chunk_bytes, range.start);
                self.read(objects, meta, range, |block| scan.push(block)).await?;
                Ok(scan)
            })
            .buffered(RANGES_AT_ONCE);
        while let Some(range) = scans.try_next().await? {
            splitter.append(&range);
        }
        drop(scans);
        Ok(splitter)
    }

    /// The ranges that tile an object.
    fn ranges(&self, size: u64) -> impl Iterator<Item = Range<u64>> {
        let bytes = self.range_bytes;
        (0..size.div_ceil(bytes)).map(move |index| index * bytes..size.min((index + 1) * bytes))
    }

    async fn read(
        &self,
        objects: &dyn Objects,
        meta: &Meta,
        range: Range<u64>,
        mut push: impl FnMut(&[u8]),
    ) -> Result<(), ObjectError> {
        // Nobody closes it; without it the read is right all the same.
        let _room = self.room.acquire().await;
        let mut blocks = objects.read(meta, range).await?;
        while let Some(block) = blocks.try_next().await? {
            push(&block);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
