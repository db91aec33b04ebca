//! Jobs whose outcome comes in parts.

use std::collections::{BTreeMap, BTreeSet};

use crate::{JobId, LedgerError, Outcome, Status};

/// What is known of the parts of one job.
#[derive(Debug, Clone, Default)]
pub(super) struct PartsState {
    seen: BTreeSet<u32>,
    /// The part that ends the job, and whether it is done with it.
    last: Option<(u32, bool)>,
    rows: u64,
}

impl PartsState {
    /// Returns the state once an outcome is added, or `None` if that was added before.
    pub(super) fn with(mut self, outcome: &Outcome) -> Result<Option<Self>, LedgerError> {
        let part = outcome.part;
        if !self.seen.insert(part) {
            return Ok(None);
        }
        if outcome.status.is_last() {
            let is_second = self.last.is_some();
            if is_second || self.seen.last() > Some(&part) {
                return Err(Self::unknown(outcome));
            }
            self.last = Some((part, outcome.status == Status::Done));
        } else if self.last.is_some_and(|(last, _)| part > last) {
            return Err(Self::unknown(outcome));
        }
        self.rows = self.rows.saturating_add(outcome.work.rows);
        Ok(Some(self))
    }

    /// Returns the rows of all parts and whether the job is done with them; `None` as long as a part is missing.
    pub(super) fn whole(&self) -> Option<(u64, bool)> {
        let (last, done) = self.last?;
        (self.seen.len() as u64 > u64::from(last)).then_some((self.rows, done))
    }

    /// Returns the first part that was not added.
    pub(super) fn first_missing(&self) -> u32 {
        let mut next = 0;
        while self.seen.contains(&next) {
            next += 1;
        }
        next
    }

    /// Whether the job has this part and no other: nothing of it need be kept.
    pub(super) fn is_single(&self) -> bool {
        self.last.is_some_and(|(last, _)| last == 0)
    }

    fn unknown(outcome: &Outcome) -> LedgerError {
        LedgerError::UnknownPart {
            job: outcome.job,
            part: outcome.part,
        }
    }
}

/// The jobs that have several parts; those of one, which most are, take no room.
#[derive(Debug, Default)]
pub(super) struct Parts(BTreeMap<JobId, PartsState>);

impl Parts {
    /// Returns what is known of a job's parts; `is_concluded`: its last one was added.
    pub(super) fn get(&self, job: JobId, is_concluded: bool) -> PartsState {
        let single = || PartsState {
            seen: BTreeSet::from([0]),
            last: Some((0, true)),
            rows: 0,
        };
        match self.0.get(&job) {
            Some(state) => state.clone(),
            None if is_concluded => single(),
            None => PartsState::default(),
        }
    }

    pub(super) fn set(&mut self, job: JobId, state: PartsState) {
        if !state.is_single() {
            self.0.insert(job, state);
        }
    }
}
