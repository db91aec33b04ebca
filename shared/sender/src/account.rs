//! What became of every row of a job: the counts, the first errors, the rejected rows.

use extract::Chunk;
use jiff::Timestamp;
use ledger::{Bytes, Distinct, Job, LedgerError, RejectedRow, RowError, Work};

use crate::routes::Reason;
use crate::totals::Totals;
use crate::window::{Facts, Fates, Rejection, RowId, Window};

/// Rejected rows that wait for rows before them take about this much memory at most; then what is under way is waited for.
const WAITING_BYTES: usize = 4 << 20;

/// Where a row is in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Which call of which row an event is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) row: RowId,
    pub(crate) mapping: usize,
    /// Hash of whom it is about.
    pub(crate) user: u64,
}

/// The running account of one job. Mappings go by their index in the job.
///
/// Rows count from the chunk's beginning on, or from where the last part was closed, up to the first one that has a call without a
/// fate: what is known of rows behind it waits in the window, and is forgotten if the job stops there.
#[derive(Debug)]
pub(crate) struct Account {
    object: String,
    names: Vec<String>,
    /// Whether rows are numbered within the object.
    is_numbered: bool,
    rows_before: u64,
    totals: Totals,
    window: Window,
    /// The row that was read last, what is known of it, and how many calls it became.
    last: Place,
    facts: Facts,
    calls: usize,
    rows_read: u64,
    users: Distinct,
    started_at: Timestamp,
    requests: u64,
    retries: u64,
    bytes: Bytes,
    /// Calls taken by the API that no closed part covers.
    taken: u64,
    /// Bytes of the extract that closed parts have counted.
    read_before: u64,
}

impl Account {
    /// Opens the account of `job`.
    pub(crate) fn open(job: &Job) -> Self {
        let names: Vec<String> = job.mappings.iter().map(|mapping| mapping.name.clone()).collect();
        let mappings = names.len();
        let is_numbered = job.chunk.first_row.is_some();
        Self {
            object: job.object.key.clone(),
            names,
            is_numbered,
            rows_before: if is_numbered { 0 } else { job.rows_before },
            totals: Totals::new(mappings),
            window: Window::default(),
            last: Place {
                number: 0,
                offset: job.chunk.start,
                length: 0,
            },
            facts: Facts {
                fates: vec![Fates::default(); mappings],
                ..Facts::default()
            },
            calls: 0,
            rows_read: 0,
            users: Distinct::new(),
            started_at: Timestamp::now(),
            requests: 0,
            retries: 0,
            bytes: Bytes::default(),
            taken: 0,
            read_before: 0,
        }
    }

    /// Returns the rows read.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Begins a row, as its decoder numbers it. Every mapping owes it a fate or a call from now on.
    pub(crate) fn begin(&mut self, number: u64, offset: u64, length: u64) {
        self.rows_read += 1;
        self.facts.rows = 1;
        self.last = Place {
            number: number + self.rows_before,
            offset,
            length,
        };
    }

    /// The trigger of `mapping` left the row out that was begun.
    pub(crate) fn filtered(&mut self, mapping: usize) {
        self.facts.fates[mapping].filtered += 1;
    }

    /// The row that was begun cannot become the call of `mapping`, or of any mapping if it is `None`.
    pub(crate) fn rejected(
        &mut self,
        mapping: Option<usize>,
        reason: Reason,
        row: Kept<'_>,
    ) -> Result<(), LedgerError> {
        let rejection = self.rejection(mapping, self.last, reason, row)?;
        self.facts.rejections.push(rejection);
        Ok(())
    }

    /// Returns the ticket of the call of `mapping` for the row that was begun; `identity` is the id of whom it is about, as the
    /// call spells it.
    pub(crate) fn ticket(&self, mapping: usize, identity: &[u8]) -> Ticket {
        Ticket {
            row: self.window.next_id(),
            mapping,
            user: xxhash_rust::xxh3::xxh3_64(identity),
        }
    }

    /// A call of the row that was begun is on its way.
    pub(crate) fn called(&mut self) {
        self.calls += 1;
    }

    /// Ends the row that was begun.
    pub(crate) fn end(&mut self) -> Result<(), LedgerError> {
        match std::mem::take(&mut self.calls) {
            0 => self.window.follow(&mut self.facts),
            calls => self.window.push(self.last, calls, &mut self.facts),
        }
        if self.facts.rows > 0 {
            self.totals.take(&mut self.facts)?;
        }
        Ok(())
    }

    /// Returns where the row of a call is.
    pub(crate) fn place(&self, ticket: Ticket) -> Option<Place> {
        self.window.place(ticket.row)
    }

    /// The API took a call.
    pub(crate) fn sent(&mut self, ticket: Ticket) {
        self.window.sent(ticket.row, ticket.mapping);
        self.users.insert(ticket.user);
        self.taken += 1;
    }

    /// The API refused a call of the row at `place`.
    pub(crate) fn refused(
        &mut self,
        ticket: Ticket,
        place: Place,
        reason: Reason,
        row: Kept<'_>,
    ) -> Result<(), LedgerError> {
        let rejection = self.rejection(Some(ticket.mapping), place, reason, row)?;
        self.window.refused(ticket.row, rejection);
        Ok(())
    }

    /// Counts the rows that have all their fates by now, up to the first one that has not.
    pub(crate) fn settle(&mut self) -> Result<(), LedgerError> {
        let mut settled = Ok(());
        self.window.settle(|facts| {
            let taken = self.totals.take(facts);
            if settled.is_ok() {
                settled = taken;
            }
        });
        settled
    }

    /// Whether so many rejected rows wait that calls under way should be waited for.
    pub(crate) fn is_crowded(&self) -> bool {
        self.window.rejected_bytes() > WAITING_BYTES
    }

    /// Returns how many rows with calls are not counted yet.
    pub(crate) fn waiting(&self) -> usize {
        self.window.len()
    }

    /// Returns how many calls were taken by the API that a sender would send again which knows closed parts alone.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Returns how many calls of the rows counted were taken.
    pub(crate) fn sent_calls(&self) -> u64 {
        self.totals.sent()
    }

    /// Returns how many of those taken are behind the rows counted.
    pub(crate) fn ahead(&self) -> u64 {
        self.taken.saturating_sub(self.totals.sent())
    }

    /// Whether all rows read have all their fates.
    pub(crate) fn is_settled(&self) -> bool {
        self.window.low_water().is_none()
    }

    /// Returns the rows counted.
    pub(crate) fn rows(&self) -> u64 {
        self.totals.rows()
    }

    /// Returns what is left of `chunk` behind the rows counted.
    pub(crate) fn rest(&self, chunk: &Chunk) -> Chunk {
        let behind = Place {
            number: self.last.number + 1,
            offset: self.last.offset + self.last.length,
            length: 0,
        };
        let next = self.window.low_water().unwrap_or(behind);
        Chunk {
            start: next.offset,
            end: chunk.end,
            first_row: self.is_numbered.then_some(next.number),
        }
    }

    /// Adds what a batch cost.
    pub(crate) fn traffic(&mut self, requests: u64, retries: u64, json: u64, wire: u64) {
        self.requests += requests;
        self.retries += retries;
        self.bytes.add(&Bytes { read: 0, json, wire });
    }

    /// Closes the part that ends behind the rows counted, after `read` bytes of the extract: the work for its outcome, and its rejected
    /// rows. The account goes on with the next part. Rows keep their numbers, and what was sent, read or asked so far is in this part alone.
    pub(crate) fn close_part(&mut self, read: u64) -> Result<(Work, Option<bytes::Bytes>), LedgerError> {
        let now = platform::clock::now();
        let bytes = Bytes {
            read: read - std::mem::replace(&mut self.read_before, read),
            ..std::mem::take(&mut self.bytes)
        };
        let mut work = Work {
            rows: 0,
            mappings: Vec::new(),
            requests: std::mem::take(&mut self.requests),
            retries: std::mem::take(&mut self.retries),
            bytes,
            users: std::mem::take(&mut self.users),
            errors: Vec::new(),
            rejected: None,
            started_at: std::mem::replace(&mut self.started_at, now),
            finished_at: now,
        };
        self.taken = self.ahead();
        let totals = std::mem::replace(&mut self.totals, Totals::new(self.names.len()));
        let rejected = totals.finish(&self.names, &mut work)?;
        Ok((work, rejected))
    }

    fn rejection(
        &self,
        mapping: Option<usize>,
        place: Place,
        reason: Reason,
        row: Kept<'_>,
    ) -> Result<Rejection, LedgerError> {
        let error = RowError {
            mapping: mapping.map(|mapping| self.names[mapping].clone()),
            object: self.object.clone(),
            row: place.number,
            offset: place.offset,
            code: reason.code,
            message: reason.message,
            field: reason.field,
        };
        let mut told = error.clone();
        // Content of rows stands beside the row and nowhere else.
        if let Some(detail) = reason.detail {
            told.message = format!("{}: {detail}", told.message);
        }
        let number = self.is_numbered.then_some(place.number);
        let row = match row {
            Kept::Record(json) => RejectedRow::decoded(told, number, json)?,
            Kept::Text(text) => RejectedRow::undecoded(told, number, text)?,
        };
        let mut line = Vec::new();
        row.write_line(&mut line)?;
        Ok(Rejection { mapping, error, line })
    }
}
