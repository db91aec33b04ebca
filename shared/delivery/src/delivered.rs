//! What became of a batch.

use crate::DeliveryError;

/// What became of the events of one batch, in the batch's order. Every ticket is in `sent` or in `refused`, up to the first event that
/// was `left`.
#[derive(Debug)]
pub struct Delivered<T> {
    /// Tickets of the events that the API took.
    pub sent: Vec<T>,
    /// Events that the API refused one by one.
    pub refused: Vec<Refused<T>>,
    /// Why the batch was not delivered to its end: it was split, and one of its parts could not be delivered, which may pass. `None`: it was.
    pub left: Option<DeliveryError>,
    /// Requests made, retries and the requests of split batches included.
    pub requests: u64,
    /// Requests that repeated one before.
    pub retries: u64,
    /// Bytes of the requests' bodies before compression.
    pub bytes_json: u64,
    /// Bytes of the requests' bodies as sent.
    pub bytes_wire: u64,
}

/// One event that the API refused although it stood alone in its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused<T> {
    /// What was pushed along with the event.
    pub ticket: T,
    /// The answer's status: 400 or 413.
    pub status: u16,
    /// The API's words: one line, at most 300 characters, never with the write key. They may repeat content of the
    /// event, so they belong with the rejected row and not into logs.
    pub message: String,
}
