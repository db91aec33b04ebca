//! Events that go to the API in one request.

use std::fmt;
use std::mem;
use std::ops::Range;

use crate::buffers::Buffers;

/// Events that fit one request, in the order they were packed, each with the ticket pushed along.
pub struct Batch<T> {
    events: Events,
    tickets: Vec<T>,
}

impl<T> Batch<T> {
    pub(crate) fn new(events: Events, tickets: Vec<T>) -> Self {
        Self { events, tickets }
    }

    /// Returns each event's JSON and its ticket, in order.
    pub fn events(&self) -> impl Iterator<Item = (&[u8], &T)> {
        self.tickets
            .iter()
            .enumerate()
            .map(|(index, ticket)| (self.events.joined(index..index + 1), ticket))
    }

    /// Returns how many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether there is no event. A packer never hands out such a batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// Returns the bytes that the events take in the request's body, separators included and envelope not.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.events.bytes()
    }

    pub(crate) fn into_parts(self) -> (Events, Vec<T>) {
        (self.events, self.tickets)
    }
}

/// Shows sizes alone: events are customers' data.
impl<T> fmt::Debug for Batch<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batch")
            .field("events", &self.len())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// The events of a batch in one buffer, joined as in a JSON array, so that any range of them is one slice.
///
/// Goes back to where its buffers came from when it is dropped.
pub(crate) struct Events {
    buffer: Vec<u8>,
    /// One past each event's last byte; the separator follows.
    ends: Vec<usize>,
    home: Buffers,
}

impl Events {
    /// Returns an empty one with room for `bytes`.
    pub(crate) fn new(home: Buffers, bytes: usize) -> Self {
        let (buffer, ends) = home.take(bytes);
        Self { buffer, ends, home }
    }

    pub(crate) fn push(&mut self, event: &[u8]) {
        if !self.ends.is_empty() {
            self.buffer.push(b',');
        }
        self.buffer.extend_from_slice(event);
        self.ends.push(self.buffer.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Returns the bytes that one more event of `bytes` would bring the whole to.
    pub(crate) fn bytes_with(&self, bytes: usize) -> usize {
        self.buffer.len() + usize::from(!self.ends.is_empty()) + bytes
    }

    /// Returns the events of `range`, joined by commas. An empty range gives nothing.
    pub(crate) fn joined(&self, range: Range<usize>) -> &[u8] {
        if range.is_empty() {
            return &[];
        }
        let start = range.start.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        &self.buffer[start..self.ends[range.end - 1]]
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.home.give((mem::take(&mut self.buffer), mem::take(&mut self.ends)));
    }
}
