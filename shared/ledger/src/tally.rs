//! Tallies: what became of a mapping's rows, in counts that add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::LedgerError;

/// What became of the rows that one mapping saw. Always: rows = sent + filtered + rejected, and the reasons count
/// exactly the rejected rows. A tally that breaks this can neither be built nor read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "TallyFields")]
pub struct Tally {
    rows: u64,
    sent: u64,
    filtered: u64,
    rejected: u64,
    reasons: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyFields {
    rows: u64,
    sent: u64,
    filtered: u64,
    rejected: u64,
    reasons: BTreeMap<String, u64>,
}

impl TryFrom<TallyFields> for Tally {
    type Error = LedgerError;

    fn try_from(fields: TallyFields) -> Result<Self, LedgerError> {
        let TallyFields {
            rows,
            sent,
            filtered,
            rejected,
            reasons,
        } = fields;
        let tally = Self::new(rows, sent, filtered, reasons)?;
        if tally.rejected == rejected {
            Ok(tally)
        } else {
            Err(LedgerError::ReasonMismatch {
                rejected,
                reasons: tally.rejected,
            })
        }
    }
}

impl Tally {
    /// Returns the tally of `rows` rows; the rejected ones are those that `reasons` counts.
    ///
    /// # Errors
    /// [`LedgerError::TallyMismatch`] if the fates are not exactly as many as the rows.
    pub fn new(rows: u64, sent: u64, filtered: u64, mut reasons: BTreeMap<String, u64>) -> Result<Self, LedgerError> {
        reasons.retain(|_, count| *count > 0);
        let rejected = sum(reasons.values().copied())?;
        if sum([sent, filtered, rejected])? == rows {
            Ok(Self {
                rows,
                sent,
                filtered,
                rejected,
                reasons,
            })
        } else {
            Err(LedgerError::TallyMismatch {
                rows,
                sent,
                filtered,
                rejected,
            })
        }
    }

    /// Returns the rows that the mapping saw.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the rows that became calls which the API accepted.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Returns the rows that the mapping's trigger left out.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.filtered
    }

    /// Returns the rows that could not become an accepted call.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Returns the rejected rows by reason code; no count is 0.
    #[must_use]
    pub fn reasons(&self) -> &BTreeMap<String, u64> {
        &self.reasons
    }

    /// Adds the rows of another part of the same work.
    ///
    /// # Errors
    /// [`LedgerError::CountOverflow`] beyond 2^64 rows; the tally is as it was then.
    pub fn add(&mut self, other: &Self) -> Result<(), LedgerError> {
        let rows = sum([self.rows, other.rows])?;
        // The parts are no larger than the rows, so they cannot overflow where the rows did not.
        self.rows = rows;
        self.sent += other.sent;
        self.filtered += other.filtered;
        self.rejected += other.rejected;
        for (code, count) in &other.reasons {
            bump(&mut self.reasons, code, *count);
        }
        Ok(())
    }
}

fn sum(counts: impl IntoIterator<Item = u64>) -> Result<u64, LedgerError> {
    counts
        .into_iter()
        .try_fold(0u64, u64::checked_add)
        .ok_or(LedgerError::CountOverflow)
}

fn bump(reasons: &mut BTreeMap<String, u64>, code: &str, count: u64) {
    if count == 0 {
        return;
    }
    // Looked up first: a code is copied once per job, not once per row.
    match reasons.get_mut(code) {
        Some(known) => *known += count,
        None => {
            reasons.insert(code.to_owned(), count);
        }
    }
}

/// Counts fates row by row and ends in a [`Tally`].
#[derive(Debug, Clone, Default)]
pub struct Counter(Tally);

impl Counter {
    /// Returns a counter that has seen no row.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts rows that became accepted calls.
    pub fn sent(&mut self, rows: u64) {
        self.0.rows += rows;
        self.0.sent += rows;
    }

    /// Counts rows that the trigger left out.
    pub fn filtered(&mut self, rows: u64) {
        self.0.rows += rows;
        self.0.filtered += rows;
    }

    /// Counts rows that were rejected for the reason `code`.
    pub fn rejected(&mut self, code: &str, rows: u64) {
        self.0.rows += rows;
        self.0.rejected += rows;
        bump(&mut self.0.reasons, code, rows);
    }

    /// Returns the rows counted so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.rows
    }

    /// Returns the tally so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.0
    }

    /// Returns the tally.
    #[must_use]
    pub fn finish(self) -> Tally {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Fate {
        Sent,
        Filtered,
        Rejected(&'static str),
    }

    fn fates() -> impl Strategy<Value = Vec<Fate>> {
        let codes = prop::sample::select(&["bad_json", "missing_identity", "too_large"][..]);
        let fate = prop_oneof![Just(Fate::Sent), Just(Fate::Filtered), codes.prop_map(Fate::Rejected)];
        prop::collection::vec(fate, 0..200)
    }

    fn count(fates: &[Fate]) -> Tally {
        let mut counter = Counter::new();
        for fate in fates {
            match fate {
                Fate::Sent => counter.sent(1),
                Fate::Filtered => counter.filtered(1),
                Fate::Rejected(code) => counter.rejected(code, 1),
            }
        }
        counter.finish()
    }

    proptest! {
        #[test]
        fn every_counted_row_has_exactly_one_fate(fates in fates()) {
            let tally = count(&fates);
            prop_assert_eq!(tally.rows(), fates.len() as u64);
            prop_assert_eq!(tally.rows(), tally.sent() + tally.filtered() + tally.rejected());
            prop_assert_eq!(tally.rejected(), tally.reasons().values().sum::<u64>());
            let json = serde_json::to_string(&tally).unwrap();
            prop_assert_eq!(serde_json::from_str::<Tally>(&json).unwrap(), tally);
        }

        #[test]
        fn tally_of_the_whole_is_the_sum_of_its_parts(fates in fates(), cut in 0usize..200) {
            let (left, right) = fates.split_at(cut.min(fates.len()));
            let mut sum = count(left);
            sum.add(&count(right)).unwrap();
            prop_assert_eq!(sum, count(&fates));
        }

        #[test]
        fn counts_that_do_not_add_up_cannot_be_built(rows: u64, sent: u64, filtered: u64, rejected: u64) {
            let built = Tally::new(rows, sent, filtered, BTreeMap::from([("code".to_owned(), rejected)]));
            let sum = u128::from(sent) + u128::from(filtered) + u128::from(rejected);
            prop_assert_eq!(built.is_ok(), sum == u128::from(rows));
        }
    }

    #[test]
    fn rejected_rows_without_their_reasons_cannot_be_read() {
        let json = r#"{"rows":3,"sent":1,"filtered":0,"rejected":2,"reasons":{"a":1}}"#;
        assert!(serde_json::from_str::<Tally>(json).is_err());
        assert!(serde_json::from_str::<Tally>(&json.replace("\"a\":1", "\"a\":1,\"b\":1")).is_ok());
        assert!(serde_json::from_str::<Tally>(&json.replace("\"rows\":3", "\"rows\":2")).is_err());
    }

    #[test]
    fn sum_that_overflows_leaves_the_tally_as_it_was() {
        let mut tally = Tally::new(u64::MAX, u64::MAX, 0, BTreeMap::new()).unwrap();
        let before = tally.clone();
        assert!(tally.add(&Tally::new(1, 0, 1, BTreeMap::new()).unwrap()).is_err());
        assert_eq!(tally, before);
    }

    #[test]
    fn nothing_counted_leaves_no_reason() {
        let mut counter = Counter::new();
        counter.rejected("code", 0);
        assert_eq!(counter.finish(), Tally::default());
    }
}
