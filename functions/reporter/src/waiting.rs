//! What runs wait for, remembered from one look to the next: it is told of every outcome, and most of them close nothing.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures::TryStreamExt;
use ledger::{JobPart, RunId, SyncName, key};
use platform::{Objects, pages};

use crate::ReportError;

/// How many runs are remembered. Those that go on at once are few; of a run that is forgotten the plan is read again.
const MAX_RUNS: usize = 16;

type RunKey = (SyncName, RunId);

/// The jobs, or parts of them, that had no outcome at the last look, by run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<BTreeMap<RunKey, Vec<JobPart>>>>);

impl Waiting {
    /// Whether the run certainly waits for a job: one request about the last one that had no outcome, instead of a listing of all
    /// outcomes. Who writes that one tells of it, so that nothing is missed.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) async fn is_certain(
        &self,
        ledger: &dyn Objects,
        sync: &SyncName,
        run: &RunId,
    ) -> Result<bool, ReportError> {
        let last = {
            let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            runs.get(&(sync.clone(), *run))
                .and_then(|missing| missing.last().copied())
        };
        match last {
            Some(job) => Ok(ledger.head(&key::outcome(sync, run, job)).await?.is_none()),
            None => Ok(false),
        }
    }

    /// Takes the jobs that the run waited for at the last look, if that is remembered.
    pub(crate) fn take(&self, sync: &SyncName, run: &RunId) -> Option<Vec<JobPart>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.remove(&(sync.clone(), *run))
    }

    /// Remembers the jobs that the run waits for.
    pub(crate) fn keep(&self, sync: &SyncName, run: &RunId, missing: Vec<JobPart>) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() >= MAX_RUNS {
            // Which one is forgotten matters little.
            runs.pop_first();
        }
        runs.insert((sync.clone(), *run), missing);
    }
}

/// Leaves those of `jobs` that have no outcome, by a listing of the run's outcomes: none is read. Whether a job that has one goes on in
/// another part, only that outcome tells.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn leave_missing(
    ledger: &dyn Objects,
    sync: &SyncName,
    run: &RunId,
    jobs: &mut Vec<JobPart>,
) -> Result<(), ReportError> {
    let prefix = key::outcome_prefix(sync, run);
    let mut pages = pin!(pages(ledger, &prefix));
    let mut done = HashSet::new();
    while let Some(page) = pages.try_next().await? {
        // What is no outcome's key is an error once the outcomes are read.
        let outcomes = page.iter().filter_map(|object| key::parse_outcome(&object.key).ok());
        done.extend(outcomes.map(|outcome| outcome.job_part()));
    }
    jobs.retain(|job| !done.contains(job));
    Ok(())
}
