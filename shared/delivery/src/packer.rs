//! Events into batches that keep the API's limits.

use std::fmt;
use std::mem;

use crate::batch::Events;
use crate::buffers::Buffers;
use crate::{Batch, Limits, TooLarge};

/// Collects events until a request is full. Order is kept and nothing is copied twice: events lie in the batch's one
/// buffer as they will in the body.
pub struct Packer<T> {
    limits: Limits,
    buffers: Buffers,
    events: Events,
    tickets: Vec<T>,
}

impl<T> Packer<T> {
    /// Returns an empty packer. Limits above the API's are cut to the API's.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_buffers(limits, Buffers::default())
    }

    pub(crate) fn with_buffers(limits: Limits, buffers: Buffers) -> Self {
        let limits = limits.within_api();
        Self {
            events: Events::new(buffers.clone(), limits.room()),
            limits,
            buffers,
            tickets: Vec::new(),
        }
    }

    /// Adds one event, the JSON text of one call, and what should come back with it. Returns the batch before it when
    /// the event did not fit there any more; the event is then the first of the next.
    ///
    /// # Errors
    /// [`TooLarge`] with the ticket when the event alone breaks a limit. The packer is as it was.
    pub fn push(&mut self, event: &[u8], ticket: T) -> Result<Option<Batch<T>>, TooLarge<T>> {
        let limit = self.limits.event_bytes.min(self.limits.room());
        if event.len() > limit {
            return Err(TooLarge {
                ticket,
                bytes: event.len(),
                limit,
            });
        }
        let full =
            self.tickets.len() >= self.limits.batch_events || self.events.bytes_with(event.len()) > self.limits.room();
        let batch = if full { self.finish() } else { None };
        self.events.push(event);
        self.tickets.push(ticket);
        Ok(batch)
    }

    /// Returns the batch collected so far, or `None` when there is nothing. The packer is empty then and can go on.
    pub fn finish(&mut self) -> Option<Batch<T>> {
        if self.tickets.is_empty() {
            return None;
        }
        let next = Events::new(self.buffers.clone(), self.limits.room());
        let tickets = Vec::with_capacity(self.tickets.capacity());
        Some(Batch::new(
            mem::replace(&mut self.events, next),
            mem::replace(&mut self.tickets, tickets),
        ))
    }

    /// Returns how many events wait for the next batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether no event waits for the next batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }
}

/// Shows sizes alone: events are customers' data.
impl<T> fmt::Debug for Packer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Packer")
            .field("limits", &self.limits)
            .field("events", &self.len())
            .field("bytes", &self.events.bytes())
            .finish_non_exhaustive()
    }
}
