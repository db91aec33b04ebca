use std::collections::BTreeMap;

use serde::Serialize;

/// What a simulator has seen since it was started.
///
/// Of events that were taken, `accepted + duplicates + sum(dropped)` is their number; an empty batch counts one
/// `empty_batch` among the dropped. Of requests, those neither answered nor unanswered are still being served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests whose head has arrived, whatever became of them.
    pub requests: u64,
    /// Answers by status.
    pub answered: BTreeMap<u16, u64>,
    /// Requests that got no answer: a fault on order, or a client that went away.
    pub unanswered: u64,
    /// Events accepted, each `messageId` once within the window.
    pub accepted: u64,
    /// Accepted events by `type`.
    pub events: BTreeMap<&'static str, u64>,
    /// Valid events left out because their `messageId` had been accepted within the window.
    pub duplicates: u64,
    /// Different `messageId`s among the duplicates: so many events were sent twice or more often.
    pub sent_again: u64,
    /// Events dropped although the answer was 200, by reason code.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Bytes of the request bodies that were taken.
    pub bytes: Bytes,
}

/// Sizes of the request bodies that were answered 200, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bytes {
    /// As they came over the wire, compressed or not.
    pub wire: u64,
    /// As JSON, after decompression.
    pub json: u64,
}

impl Counts {
    /// All events dropped, whatever the reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().sum()
    }
}
