//! What one request to the Tracking API may hold.

/// Largest event, in bytes of JSON. Segment says 32 KB without saying which kilo; its Go and PHP libraries read 32,000.
pub const MAX_EVENT_BYTES: usize = 32_000;

/// Largest request body, in bytes of uncompressed JSON, envelope included. Segment says 500 KB; its Python library
/// stops at 475,000, which is safe in every reading.
pub const MAX_BATCH_BYTES: usize = 475_000;

/// Most events of one request. A request with more is answered with 200 and then dropped whole.
pub const MAX_BATCH_EVENTS: usize = 2_500;

/// Bytes of every body kept free for what stands around the events: `context.library`, `sentAt` and `writeKey`.
/// A client whose envelope is larger cannot be built, so a packer need not know the client.
pub const ENVELOPE_BYTES: usize = 1_024;

/// The bounds a [`Packer`](crate::Packer) keeps. The default is the API's; smaller values are kept as they are,
/// larger ones are cut to the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest event, in bytes of JSON.
    pub event_bytes: usize,
    /// Largest request body, in bytes of uncompressed JSON, [`ENVELOPE_BYTES`] included.
    pub batch_bytes: usize,
    /// Most events of one request.
    pub batch_events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_bytes: MAX_EVENT_BYTES,
            batch_bytes: MAX_BATCH_BYTES,
            batch_events: MAX_BATCH_EVENTS,
        }
    }
}

impl Limits {
    /// Returns these limits with none above the API's, and room for at least one event in the count.
    #[must_use]
    pub(crate) fn within_api(self) -> Self {
        Self {
            event_bytes: self.event_bytes.min(MAX_EVENT_BYTES),
            batch_bytes: self.batch_bytes.min(MAX_BATCH_BYTES),
            batch_events: self.batch_events.clamp(1, MAX_BATCH_EVENTS),
        }
    }

    /// Returns how many bytes the events of one request may take, separators included.
    pub(crate) fn room(&self) -> usize {
        self.batch_bytes.saturating_sub(ENVELOPE_BYTES)
    }
}
