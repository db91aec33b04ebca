//! What the jobs of a run left to be tried again.

use std::collections::BTreeMap;
use std::pin::pin;

use extract::Chunk;
use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Document, JobId, Outcome, RunId, Status, SyncName, key};
use platform::{ObjectError, Objects, pages};

use crate::ScheduleError;

/// How many outcomes are read at once.
const AT_ONCE: usize = 16;

/// What one job left.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The part that it failed in, if it did: all rows of that are tried again, since how far it came is not known row by row.
    failed: Option<u32>,
    /// What the last part that was stopped left, with its number: rows before that have a fate.
    rest: Option<(u32, Chunk)>,
    /// The mappings that rejected rows, each with the keys of the objects that these rows are in, by part.
    rejected: BTreeMap<String, BTreeMap<u32, String>>,
}

impl Left {
    /// Whether it failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Returns what the part that failed was to read of the planned `chunk`.
    pub(super) fn left_of(&self, chunk: Chunk) -> Chunk {
        self.rest.map_or(chunk, |(_, rest)| rest)
    }

    /// Returns the mappings whose rejected rows no other entry tries again, each with the keys of the objects that these are in. Those of the part that
    /// failed are among its rows.
    pub(super) fn rejected(&self) -> impl Iterator<Item = (&String, Vec<String>)> {
        let before = self.failed.unwrap_or(u32::MAX);
        let all = self.rejected.iter();
        all.map(move |(mapping, keys)| (mapping, keys.range(..before).map(|(_, key)| key.clone()).collect()))
            .filter(|(_, keys): &(_, Vec<String>)| !keys.is_empty())
    }

    fn add(&mut self, outcome: &Outcome) {
        match outcome.status {
            Status::Failed { .. } => self.failed = Some(outcome.part),
            // The last one, in whatever order they come.
            Status::Continued { rest, .. } if self.rest.is_none_or(|(part, _)| part < outcome.part) => {
                self.rest = Some((outcome.part, rest));
            }
            Status::Done | Status::Continued { .. } => {}
        }
        let Some(key) = &outcome.work.rejected else { return };
        let mappings = outcome.work.mappings.iter();
        for mapping in mappings.filter(|mapping| mapping.tally.rejected() > 0) {
            let keys = self.rejected.entry(mapping.name.clone()).or_default();
            keys.insert(outcome.part, key.clone());
        }
    }
}

/// Returns the jobs of a run that left something to be tried again.
///
/// # Errors
/// When an outcome, or an object with rejected rows, cannot be read or is not there any more.
pub async fn left(ledger: &dyn Objects, sync: &SyncName, run: &RunId) -> Result<BTreeMap<JobId, Left>, ScheduleError> {
    let prefix = key::outcome_prefix(sync, run);
    let mut left: BTreeMap<JobId, Left> = BTreeMap::new();
    let mut pages = pin!(pages(ledger, &prefix));
    while let Some(page) = pages.try_next().await? {
        let mut outcomes = stream::iter(page)
            .map(|object| outcome(ledger, object.key))
            .buffered(AT_ONCE);
        while let Some(outcome) = outcomes.try_next().await? {
            if outcome.status != Status::Done || outcome.work.rejected.is_some() {
                left.entry(outcome.job).or_default().add(&outcome);
            }
        }
    }
    Ok(left)
}

async fn outcome(ledger: &dyn Objects, key: String) -> Result<Outcome, ScheduleError> {
    let not_found = |object: &str| ObjectError::NotFound {
        object: object.to_owned(),
    };
    let json = ledger.get(&key).await?.ok_or_else(|| not_found(&key))?;
    let outcome = Outcome::read(&key, &json)?;
    // Rejected rows are kept for some time only: better told now than by every job.
    if let Some(rejected) = &outcome.work.rejected
        && ledger.head(rejected).await?.is_none()
    {
        return Err(not_found(rejected).into());
    }
    Ok(outcome)
}
