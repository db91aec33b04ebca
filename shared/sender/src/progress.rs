//! Counts of the work under way, for whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the jobs of this process have done so far. Only ever grows; a job that is repeated counts again.
#[derive(Debug, Default)]
pub struct Progress {
    rows: AtomicU64,
    calls: AtomicU64,
    bytes: AtomicU64,
}

impl Progress {
    /// Returns the rows read.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// Returns the calls that the Tracking API took.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Returns the bytes of extracts read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn read(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, calls: u64) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
    }
}
