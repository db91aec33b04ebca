//! The counts, first errors and rejected rows of what a job is done with.

use bytes::Bytes;
use ledger::{Counter, LedgerError, MAX_OUTCOME_ERRORS, MappingTally, RowError, Work};

use crate::rejected::RejectedRows;
use crate::window::{Facts, Fates, Rejection};

/// Sums up rows that have all their fates, in the order of the chunk.
#[derive(Debug)]
pub(crate) struct Totals {
    rows: u64,
    sent: u64,
    counters: Vec<Counter>,
    errors: Vec<RowError>,
    rejected: RejectedRows,
}

impl Totals {
    /// Returns the totals of no row, for so many mappings.
    pub(crate) fn new(mappings: usize) -> Self {
        Self {
            rows: 0,
            sent: 0,
            counters: (0..mappings).map(|_| Counter::new()).collect(),
            errors: Vec::new(),
            rejected: RejectedRows::default(),
        }
    }

    /// Returns the rows summed up.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the calls of these rows that the API took.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Adds facts, which are empty then.
    pub(crate) fn take(&mut self, facts: &mut Facts) -> Result<(), LedgerError> {
        self.rows += std::mem::take(&mut facts.rows);
        for (counter, fates) in self.counters.iter_mut().zip(&mut facts.fates) {
            self.sent += fates.sent;
            counter.sent(fates.sent);
            counter.filtered(fates.filtered);
            *fates = Fates::default();
        }
        // What the API refuses comes after what was rejected at once.
        facts
            .rejections
            .sort_by_key(|rejection| (rejection.error.offset, rejection.mapping));
        facts
            .rejections
            .drain(..)
            .try_for_each(|rejection| self.reject(rejection))
    }

    fn reject(&mut self, rejection: Rejection) -> Result<(), LedgerError> {
        let Rejection { mapping, error, line } = rejection;
        match mapping {
            Some(mapping) => self.counters[mapping].rejected(&error.code, 1),
            None => self
                .counters
                .iter_mut()
                .for_each(|counter| counter.rejected(&error.code, 1)),
        }
        if self.errors.len() < MAX_OUTCOME_ERRORS {
            self.errors.push(error);
        }
        self.rejected.add(&line)
    }

    /// Enters the counts into `work`, whose mappings have these names, and returns the rejected rows as one object.
    pub(crate) fn finish(self, names: &[String], work: &mut Work) -> Result<Option<Bytes>, LedgerError> {
        work.rows = self.rows;
        let tallies = names.iter().cloned().zip(self.counters);
        let tallies = tallies.map(|(name, counter)| MappingTally {
            name,
            tally: counter.finish(),
        });
        work.mappings = tallies.collect();
        work.errors = self.errors;
        self.rejected.finish()
    }
}
