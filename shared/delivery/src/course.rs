//! How far a batch came, and what it took.

use crate::DeliveryError;

/// An event that stood alone and was refused.
pub(crate) struct Refusal {
    pub(crate) index: usize,
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// How far a batch came.
pub(crate) struct Course {
    /// Of the events settled, in order.
    pub(crate) refusals: Vec<Refusal>,
    /// So many events are settled, from the first on.
    pub(crate) settled: usize,
    /// Why the others are not.
    pub(crate) left: Option<DeliveryError>,
    pub(crate) tally: Tally,
}

/// What delivering a batch took.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) bytes_json: u64,
    pub(crate) bytes_wire: u64,
}
