//! Rows that were read and do not have all their fates, in the order of the chunk.

use std::collections::VecDeque;

use ledger::RowError;

use crate::account::Place;

/// The number of a row with calls, counting those in the order of the chunk.
pub(crate) type RowId = u64;

/// One rejection: of a row by a mapping, or by all if it is `None`.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) mapping: Option<usize>,
    pub(crate) error: RowError,
    /// The line of the `rejected/` object.
    pub(crate) line: Vec<u8>,
}

impl Rejection {
    /// Returns about how many bytes it takes.
    fn bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.line.len()
    }
}

/// What is known of a stretch of rows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// How many rows they are.
    pub(crate) rows: u64,
    /// Rows that became accepted calls and rows that the trigger left out, for each mapping.
    pub(crate) fates: Vec<Fates>,
    pub(crate) rejections: Vec<Rejection>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fates {
    pub(crate) sent: u64,
    pub(crate) filtered: u64,
}

impl Facts {
    /// Adds the facts of the rows behind these, and leaves `next` empty.
    pub(crate) fn append(&mut self, next: &mut Self) {
        self.rows += std::mem::take(&mut next.rows);
        self.fates
            .resize(self.fates.len().max(next.fates.len()), Fates::default());
        for (fates, next) in self.fates.iter_mut().zip(&mut next.fates) {
            fates.sent += next.sent;
            fates.filtered += next.filtered;
            *next = Fates::default();
        }
        self.rejections.append(&mut next.rejections);
    }
}

/// The rows from the first on that has a call under way. Rows without calls go with the row before them: the window is never
/// longer than the calls that are under way.
#[derive(Debug, Default)]
pub(crate) struct Window {
    open: VecDeque<Open>,
    /// The number of the first row.
    first: RowId,
    rejected_bytes: usize,
    /// Facts that are empty, for rows to come.
    spare: Vec<Facts>,
}

/// A row with calls, and the rows without any behind it.
#[derive(Debug)]
struct Open {
    place: Place,
    /// Calls without a fate.
    calls: usize,
    facts: Facts,
}

/// Most facts kept for rows to come.
const SPARE: usize = 1 << 14;

impl Window {
    /// Returns the number that the next row with calls will have.
    pub(crate) fn next_id(&self) -> RowId {
        self.first + self.open.len() as u64
    }

    /// Takes a row with calls in; `facts` are empty then.
    pub(crate) fn push(&mut self, place: Place, calls: usize, facts: &mut Facts) {
        let mut own = self.spare.pop().unwrap_or_default();
        self.note(facts);
        own.append(facts);
        self.open.push_back(Open {
            place,
            calls,
            facts: own,
        });
    }

    /// Takes a row without calls in, unless all rows before it have their fates; `facts` are empty if so.
    pub(crate) fn follow(&mut self, facts: &mut Facts) {
        if self.open.is_empty() {
            return;
        }
        self.note(facts);
        if let Some(last) = self.open.back_mut() {
            last.facts.append(facts);
        }
    }

    fn note(&mut self, facts: &Facts) {
        self.rejected_bytes += facts.rejections.iter().map(Rejection::bytes).sum::<usize>();
    }

    /// Returns where a row with calls is.
    pub(crate) fn place(&self, row: RowId) -> Option<Place> {
        Some(self.open.get(self.index(row)?)?.place)
    }

    /// A call of `mapping` was taken by the API.
    pub(crate) fn sent(&mut self, row: RowId, mapping: usize) {
        if let Some(open) = self.decided(row) {
            open.facts
                .fates
                .resize(open.facts.fates.len().max(mapping + 1), Fates::default());
            open.facts.fates[mapping].sent += 1;
        }
    }

    /// A call was refused by the API.
    pub(crate) fn refused(&mut self, row: RowId, rejection: Rejection) {
        let bytes = rejection.bytes();
        if let Some(open) = self.decided(row) {
            open.facts.rejections.push(rejection);
            self.rejected_bytes += bytes;
        }
    }

    fn decided(&mut self, row: RowId) -> Option<&mut Open> {
        let index = self.index(row)?;
        let open = self.open.get_mut(index)?;
        open.calls = open.calls.checked_sub(1)?;
        Some(open)
    }

    fn index(&self, row: RowId) -> Option<usize> {
        usize::try_from(row.checked_sub(self.first)?).ok()
    }

    /// Hands the facts of the first rows on, as far as all of them have their fates.
    pub(crate) fn settle(&mut self, mut take: impl FnMut(&mut Facts)) {
        while let Some(mut open) = self.open.pop_front_if(|open| open.calls == 0) {
            self.first += 1;
            let bytes = open.facts.rejections.iter().map(Rejection::bytes).sum::<usize>();
            self.rejected_bytes -= bytes;
            take(&mut open.facts);
            if self.spare.len() < SPARE {
                self.spare.push(open.facts);
            }
        }
    }

    /// Returns how many rows with calls it has.
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Returns where the first row is that lacks a fate; `None`: all have theirs.
    pub(crate) fn low_water(&self) -> Option<Place> {
        Some(self.open.front()?.place)
    }

    /// Returns about how many bytes the rejections take that wait for rows before them.
    pub(crate) fn rejected_bytes(&self) -> usize {
        self.rejected_bytes
    }
}

#[cfg(test)]
mod tests;
