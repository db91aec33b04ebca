//! What the jobs of a run left to be tried again.

use std::collections::BTreeMap;
use std::pin::pin;

use futures::{StreamExt, TryStreamExt, stream};
use ledger::{Document, JobId, Outcome, Status, key};
use platform::{ObjectError, Objects, pages};

use crate::error::CliError;
use crate::runs::Listed;

/// How many outcomes are read at once.
const AT_ONCE: usize = 16;

/// What one job left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Whether it failed: all its rows are tried again, since how far it came is not known row by row.
    pub(super) failed: bool,
    /// The mappings that rejected rows, each with the keys of the objects that these rows are in.
    pub(super) rejected: BTreeMap<String, Vec<String>>,
}

/// Returns the jobs of a run that left something to be tried again.
///
/// # Errors
/// When an outcome, or an object with rejected rows, cannot be read or is not there any more.
pub(crate) async fn fates(ledger: &dyn Objects, run: &Listed) -> Result<BTreeMap<JobId, Fate>, CliError> {
    let prefix = key::outcome_prefix(&run.sync, &run.run);
    let mut fates: BTreeMap<JobId, Fate> = BTreeMap::new();
    let mut pages = pin!(pages(ledger, &prefix));
    while let Some(page) = pages.try_next().await? {
        let mut outcomes = stream::iter(page)
            .map(|object| outcome(ledger, object.key))
            .buffered(AT_ONCE);
        while let Some(outcome) = outcomes.try_next().await? {
            let failed = matches!(outcome.status, Status::Failed { .. });
            if !failed && outcome.work.rejected.is_none() {
                continue;
            }
            let fate = fates.entry(outcome.job).or_default();
            fate.failed |= failed;
            if let Some(key) = &outcome.work.rejected {
                let mappings = outcome.work.mappings.iter();
                for mapping in mappings.filter(|mapping| mapping.tally.rejected() > 0) {
                    fate.rejected.entry(mapping.name.clone()).or_default().push(key.clone());
                }
            }
        }
    }
    Ok(fates)
}

async fn outcome(ledger: &dyn Objects, key: String) -> Result<Outcome, CliError> {
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
