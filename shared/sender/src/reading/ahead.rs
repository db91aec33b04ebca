//! Blocks of a range, fetched ahead of whoever takes them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use platform::{Meta, ObjectError, Objects};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// How many bytes wait to be taken at most, besides one block: 40 ms of a fast connection (100 MB/s), which is what S3 takes to
/// answer a request.
pub(super) const READ_AHEAD_BYTES: u32 = 4 << 20;

/// A block, and its share of the room for those that wait. The share is free again once the block is taken.
type Waiting = (Bytes, OwnedSemaphorePermit);

/// A range on its way. What still comes is dropped with it.
pub(super) struct Ahead {
    blocks: UnboundedReceiver<Result<Waiting, ObjectError>>,
    fetching: JoinHandle<()>,
}

impl Ahead {
    /// Begins to read a range of `object`.
    pub(super) fn read(store: Arc<dyn Objects>, object: Meta, range: Range<u64>) -> Self {
        let (sender, blocks) = unbounded_channel();
        Self {
            blocks,
            fetching: tokio::spawn(async move {
                if let Err(error) = fetch(&*store, &object, range, &sender).await {
                    // Nobody waits for it any more: then the range is not wanted.
                    let _ = sender.send(Err(error));
                }
            }),
        }
    }

    /// Returns the next block; `None` at the range's end.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, ObjectError>> {
        let block = self.blocks.recv().await?;
        Some(block.map(|(block, _room)| block))
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.fetching.abort();
    }
}

async fn fetch(
    store: &dyn Objects,
    object: &Meta,
    range: Range<u64>,
    sender: &UnboundedSender<Result<Waiting, ObjectError>>,
) -> Result<(), ObjectError> {
    let room = Arc::new(Semaphore::new(READ_AHEAD_BYTES as usize));
    let mut blocks = store.read(object, range).await?;
    while let Some(block) = blocks.next().await {
        let block = block?;
        let share = u32::try_from(block.len()).map_or(READ_AHEAD_BYTES, |bytes| bytes.min(READ_AHEAD_BYTES));
        // Neither happens while the reader is there: nobody closes the room.
        let Ok(share) = Arc::clone(&room).acquire_many_owned(share).await else {
            return Ok(());
        };
        if sender.send(Ok((block, share))).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
