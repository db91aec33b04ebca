//! How much one rendering may do and build. Counted, not timed: the same row always gives the same answer.

use std::cell::Cell;

use super::fault::{Fault, Outcome};

/// Bytes that a rendering may build.
pub(super) const MAX_BYTES: u64 = 100_000_000;
/// Steps that a rendering may take: nodes, values looked at, texts by length. About what 500 ms allow.
pub(super) const MAX_STEPS: u64 = 50_000_000;
/// Bytes of text that count as one step.
const STEP_BYTES: u64 = 8;

#[derive(Debug, Default)]
pub(super) struct Budget {
    bytes: Cell<u64>,
    steps: Cell<u64>,
}

impl Budget {
    pub(super) fn step(&self, count: u64) -> Outcome<()> {
        spend(&self.steps, count, MAX_STEPS, "template render limit exceeded")
    }

    /// Counts bytes that are looked at.
    pub(super) fn scan(&self, bytes: u64) -> Outcome<()> {
        self.step(bytes / STEP_BYTES)
    }

    pub(super) fn build(&self, bytes: u64) -> Outcome<()> {
        spend(&self.bytes, bytes, MAX_BYTES, "memory alloc limit exceeded")
    }
}

fn spend(spent: &Cell<u64>, count: u64, limit: u64, message: &'static str) -> Outcome<()> {
    let sum = spent.get().saturating_add(count);
    if sum > limit {
        return Err(Fault::new(message));
    }
    spent.set(sum);
    Ok(())
}
