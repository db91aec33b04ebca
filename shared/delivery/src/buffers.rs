//! Buffers of batches that are done, for batches to come.

use std::sync::{Arc, Mutex, PoisonError};

/// Most buffers kept: more are idle only after a burst.
const KEPT: usize = 8;

/// A place to take a batch's buffers from and to give them back to. Batches are large and short-lived: without it a process
/// asks its allocator for half a megabyte hundreds of times a second, from one thread, and frees it on another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Pair>>>);

/// The bytes of a batch's events and where each of them ends.
pub(crate) type Pair = (Vec<u8>, Vec<usize>);

impl Buffers {
    /// Returns empty buffers, the bytes with room for `bytes`.
    pub(crate) fn take(&self, bytes: usize) -> Pair {
        let (mut text, ends) = self.lock(Vec::pop).unwrap_or_default();
        text.reserve(bytes);
        (text, ends)
    }

    /// Takes buffers back.
    pub(crate) fn give(&self, (mut text, mut ends): Pair) {
        text.clear();
        ends.clear();
        self.lock(|idle| {
            if idle.len() < KEPT {
                idle.push((text, ends));
            }
        });
    }

    /// The lock is held for the exchange alone, and a panic elsewhere leaves nothing half-done in the list.
    fn lock<R>(&self, exchange: impl FnOnce(&mut Vec<Pair>) -> R) -> R {
        exchange(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_empty_and_with_their_room() {
        let buffers = Buffers::default();
        let (mut text, mut ends) = buffers.take(1_000);
        text.extend_from_slice(b"{}");
        ends.push(2);
        let room = text.capacity();
        buffers.give((text, ends));
        let (text, ends) = buffers.take(1_000);
        assert_eq!((text.len(), ends.len(), text.capacity()), (0, 0, room));
    }

    #[test]
    fn no_more_buffers_are_kept_than_work_needs() {
        let buffers = Buffers::default();
        (0..KEPT * 2).for_each(|_| buffers.give(Pair::default()));
        assert_eq!(buffers.lock(|idle| idle.len()), KEPT);
    }
}
