//! A chunk's bytes, from the store into its decoder, in spite of broken connections.

mod ahead;

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use extract::Decoder;
use ledger::ObjectPin;
use platform::{Meta, ObjectError, Objects};

use ahead::Ahead;

/// How often in a row a read may break before the job is given up; any byte that arrives starts the count anew.
const MAX_BROKEN_READS: u32 = 5;

/// The wait before a broken read is taken up again, times the breaks in a row.
const READ_PAUSE: Duration = Duration::from_millis(200);

/// How many ranges are fetched at the same time, where a decoder knows several: then their blocks wait while one of them is read.
const READS_AT_ONCE: usize = 8;

/// Reads what a decoder wants, block by block. The next blocks are fetched while rows are mapped and posted.
pub struct Reading {
    store: Arc<dyn Objects>,
    object: Meta,
    /// The range that is being read.
    open: Option<Ahead>,
    /// Those that will be read after it, each with its first byte.
    next: VecDeque<(u64, Ahead)>,
    broken: u32,
    bytes: u64,
}

impl Reading {
    /// Returns a reading of `object`, pinned to its ETag. Nothing is asked of the store yet.
    #[must_use]
    pub fn new(store: Arc<dyn Objects>, pin: &ObjectPin) -> Self {
        let ObjectPin {
            key,
            size,
            etag,
            version,
            ..
        } = pin.clone();
        Self {
            store,
            object: Meta {
                key,
                size,
                etag,
                version,
                modified: None,
            },
            open: None,
            next: VecDeque::new(),
            broken: 0,
            bytes: 0,
        }
    }

    /// Returns the bytes that went into decoders so far; what was fetched beyond that does not count.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Pushes one more block into `decoder` and returns whether there was one: `false` means that the chunk is complete.
    /// The decoder's rows must have been taken before.
    ///
    /// # Errors
    /// When the object is not the pinned one any more, is gone, or breaks off too often.
    pub async fn advance(&mut self, decoder: &mut Decoder) -> Result<bool, ObjectError> {
        loop {
            let Some(mut blocks) = self.open.take() else {
                let Some(range) = decoder.wants() else { return Ok(false) };
                self.open = Some(self.start(range, decoder.upcoming()));
                continue;
            };
            match blocks.next().await {
                Some(Ok(block)) if block.is_empty() => self.open = Some(blocks),
                Some(Ok(block)) => {
                    decoder.push(&block);
                    self.bytes += block.len() as u64;
                    self.broken = 0;
                    self.open = Some(blocks);
                    return Ok(true);
                }
                Some(Err(error)) => {
                    self.next.clear();
                    self.pause(error).await?;
                }
                // The range is over; if the store gave less than it, the decoder wants the rest.
                None => {}
            }
        }
    }

    /// Begins to read a range, if that has not begun yet, and some of those that come after it.
    fn start(&mut self, range: Range<u64>, upcoming: impl Iterator<Item = Range<u64>>) -> Ahead {
        let read = |range| Ahead::read(Arc::clone(&self.store), self.object.clone(), range);
        let begun = self.next.pop_front().filter(|(start, _)| *start == range.start);
        if begun.is_none() {
            // A range broke off, or the decoder went another way.
            self.next.clear();
        }
        let open = begun.map_or_else(|| read(range), |(_, ahead)| ahead);
        for range in upcoming.take(READS_AT_ONCE - 1).skip(self.next.len()) {
            self.next.push_back((range.start, read(range)));
        }
        open
    }

    /// Waits before the read is taken up again, or gives the error back when that cannot help.
    async fn pause(&mut self, error: ObjectError) -> Result<(), ObjectError> {
        self.broken += 1;
        if !error.is_retryable() || self.broken > MAX_BROKEN_READS {
            return Err(error);
        }
        tracing::warn!(
            key = self.object.key,
            broken = self.broken,
            "read broke off, going on where it stopped"
        );
        tokio::time::sleep(READ_PAUSE * self.broken).await;
        Ok(())
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reading")
            .field("object", &self.object)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
