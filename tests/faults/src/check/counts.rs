//! Counts of a mapping's rows.

use std::collections::BTreeMap;

use ledger::{Outcome, Tally};

use crate::extract::Fate;

/// Counts of one mapping: rows, sent, filtered, rejected by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) rows: u64,
    pub(super) sent: u64,
    pub(super) filtered: u64,
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Counts by mapping.
pub(super) type ByMapping = BTreeMap<String, Counts>;

impl Counts {
    pub(super) fn count(&mut self, fate: Fate) {
        self.rows += 1;
        match fate {
            Fate::Sent => self.sent += 1,
            Fate::Filtered => self.filtered += 1,
            Fate::Rejected(code) | Fate::Bad(code) => *self.reasons.entry(code.to_owned()).or_default() += 1,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.sent += other.sent;
        self.filtered += other.filtered;
        for (code, count) in &other.reasons {
            *self.reasons.entry(code.clone()).or_default() += count;
        }
    }

    fn of(tally: &Tally) -> Self {
        Self {
            rows: tally.rows(),
            sent: tally.sent(),
            filtered: tally.filtered(),
            reasons: tally.reasons().clone(),
        }
    }
}

/// Returns what an outcome counts.
pub(super) fn counted(outcome: &Outcome) -> ByMapping {
    let mappings = outcome.work.mappings.iter();
    mappings
        .map(|mapping| (mapping.name.clone(), Counts::of(&mapping.tally)))
        .collect()
}
