//! What became of every row of a job: the counts, the first errors, the rejected rows.

use jiff::Timestamp;
use ledger::{
    Bytes, Counter, Distinct, Job, LedgerError, MAX_OUTCOME_ERRORS, MappingTally, RejectedRow, RowError, Work,
};

use crate::rejected::RejectedRows;
use crate::routes::Reason;

/// Where a row is in its object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// A rejected row as the ledger keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kept<'r> {
    /// The row as JSON.
    Record(&'r str),
    /// The text of a row that could not be decoded.
    Text(&'r str),
}

/// The running account of one job. Mappings go by their index in the job.
#[derive(Debug)]
pub(crate) struct Account {
    object: String,
    names: Vec<String>,
    counters: Vec<Counter>,
    rejected: RejectedRows,
    rows: u64,
    users: Distinct,
    errors: Vec<RowError>,
    /// Whether rows are numbered within the object.
    is_numbered: bool,
    started_at: Timestamp,
    requests: u64,
    retries: u64,
    bytes: Bytes,
}

impl Account {
    /// Opens the account of `job`.
    pub(crate) fn open(job: &Job) -> Self {
        let names: Vec<String> = job.mappings.iter().map(|mapping| mapping.name.clone()).collect();
        Self {
            object: job.object.key.clone(),
            counters: names.iter().map(|_| Counter::new()).collect(),
            names,
            rejected: RejectedRows::default(),
            rows: 0,
            users: Distinct::new(),
            errors: Vec::new(),
            is_numbered: job.chunk.first_row.is_some(),
            started_at: Timestamp::now(),
            requests: 0,
            retries: 0,
            bytes: Bytes::default(),
        }
    }

    /// Returns the rows read.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Counts a row as read. Every mapping owes it a fate from now on.
    pub(crate) fn read(&mut self) {
        self.rows += 1;
    }

    /// The trigger of `mapping` left the row out.
    pub(crate) fn filtered(&mut self, mapping: usize) {
        self.counters[mapping].filtered(1);
    }

    /// The API took the row's call.
    pub(crate) fn sent(&mut self, mapping: usize) {
        self.counters[mapping].sent(1);
    }

    /// Notes whom a call is about; `identity` is the id as the call spells it.
    pub(crate) fn user(&mut self, identity: &[u8]) {
        self.users.insert(xxhash_rust::xxh3::xxh3_64(identity));
    }

    /// The row cannot become the call of `mapping`, or of any mapping if it is `None`: it could not be read.
    pub(crate) fn rejected(
        &mut self,
        mapping: Option<usize>,
        place: Place,
        reason: Reason,
        row: Kept<'_>,
    ) -> Result<(), LedgerError> {
        match mapping {
            Some(mapping) => self.counters[mapping].rejected(&reason.code, 1),
            None => self
                .counters
                .iter_mut()
                .for_each(|counter| counter.rejected(&reason.code, 1)),
        }
        let mut error = RowError {
            mapping: mapping.map(|mapping| self.names[mapping].clone()),
            object: self.object.clone(),
            row: place.number,
            offset: place.offset,
            code: reason.code,
            message: reason.message,
            field: reason.field,
        };
        if self.errors.len() < MAX_OUTCOME_ERRORS {
            self.errors.push(error.clone());
        }
        // Content of rows stands beside the row and nowhere else.
        if let Some(detail) = reason.detail {
            error.message = format!("{}: {detail}", error.message);
        }
        let number = self.is_numbered.then_some(place.number);
        self.rejected.add(&match row {
            Kept::Record(json) => RejectedRow::decoded(error, number, json)?,
            Kept::Text(text) => RejectedRow::undecoded(error, number, text)?,
        })
    }

    /// Adds what a batch cost.
    pub(crate) fn traffic(&mut self, requests: u64, retries: u64, json: u64, wire: u64) {
        self.requests += requests;
        self.retries += retries;
        self.bytes.add(&Bytes { read: 0, json, wire });
    }

    /// Closes the account after `read` bytes of the extract: the work for the outcome, and the rejected rows.
    pub(crate) fn close(self, read: u64) -> Result<(Work, Option<bytes::Bytes>), LedgerError> {
        let tallies = self.names.into_iter().zip(self.counters);
        let work = Work {
            rows: self.rows,
            mappings: tallies
                .map(|(name, counter)| MappingTally {
                    name,
                    tally: counter.finish(),
                })
                .collect(),
            requests: self.requests,
            retries: self.retries,
            bytes: Bytes { read, ..self.bytes },
            users: self.users,
            errors: self.errors,
            rejected: None,
            started_at: self.started_at,
            finished_at: Timestamp::now(),
        };
        Ok((work, self.rejected.finish()?))
    }
}
