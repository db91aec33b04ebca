//! The runs of a ledger, as their keys and reports tell.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::str::FromStr;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ledger::{Document, JobId, JobPart, Outcome, Plan, Report, RunId, SyncName, key};
use platform::{Objects, pages};

use crate::error::CliError;

/// How many outcomes are read at once: most are small.
const READS_AT_ONCE: usize = 64;

/// A run that has a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) sync: SyncName,
    pub(crate) run: RunId,
    /// Whether it has a report: it is closed.
    pub(crate) is_closed: bool,
}

/// Which run a user means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The newest.
    Latest,
    /// The one with this id.
    Run(RunId),
}

impl FromStr for Choice {
    type Err = ledger::LedgerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "latest" => Self::Latest,
            _ => Self::Run(text.parse()?),
        })
    }
}

/// How far an open run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Jobs in its plan.
    pub(crate) planned: usize,
    /// Jobs that ended. One that goes on in another part has not.
    pub(crate) concluded: usize,
    /// The run that it tries again.
    pub(crate) retry_of: Option<RunId>,
    /// When it was last heard of: when its last outcome was written or, before there is one, when it was planned.
    pub(crate) heard_of: Timestamp,
}

/// Returns the runs of `sync`, or of all syncs, newest first.
///
/// # Errors
/// When the ledger cannot be listed.
pub(crate) async fn list(ledger: &dyn Objects, sync: Option<&SyncName>) -> Result<Vec<Listed>, CliError> {
    let prefix = sync.map_or_else(|| key::RUNS.to_owned(), key::run_prefix);
    let mut runs: BTreeMap<(RunId, String), Listed> = BTreeMap::new();
    let mut planned = BTreeSet::new();
    let mut pages = pin!(pages(ledger, &prefix));
    while let Some(page) = pages.try_next().await? {
        for (sync, run, name) in page.iter().filter_map(|object| key::parse_of_run(&object.key)) {
            let place = (run, sync.to_string());
            if name == key::PLAN {
                planned.insert(place.clone());
            }
            let listed = runs.entry(place).or_insert(Listed {
                sync,
                run,
                is_closed: false,
            });
            listed.is_closed |= name == key::REPORT_JSON;
        }
    }
    runs.retain(|place, _| planned.contains(place));
    Ok(runs.into_values().rev().collect())
}

/// Returns the run that `choice` means, among those of `sync` or of all syncs.
///
/// # Errors
/// [`CliError::NoRun`] if there is none.
pub(crate) async fn find(
    ledger: &dyn Objects,
    name: &str,
    choice: Choice,
    sync: Option<&SyncName>,
) -> Result<Listed, CliError> {
    let runs = list(ledger, sync).await?;
    let mut runs = runs.into_iter();
    let found = match choice {
        Choice::Latest => runs.next(),
        Choice::Run(run) => runs.find(|listed| listed.run == run),
    };
    found.ok_or_else(|| CliError::NoRun {
        ledger: name.to_owned(),
        sync: sync.cloned(),
        run: match choice {
            Choice::Latest => None,
            Choice::Run(run) => Some(run),
        },
    })
}

/// Returns the report of a closed run; `None` if it has none.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn report(ledger: &dyn Objects, listed: &Listed) -> Result<Option<Report>, CliError> {
    let key = key::report_json(&listed.sync, &listed.run);
    let json = ledger.get(&key).await?;
    Ok(json.map(|json| Report::read(&key, &json)).transpose()?)
}

/// Returns a run's plan.
///
/// # Errors
/// When it is not there any more, or cannot be read.
pub(crate) async fn plan(ledger: &dyn Objects, listed: &Listed) -> Result<Plan, CliError> {
    let key = key::plan(&listed.sync, &listed.run);
    let Some(json) = ledger.get(&key).await? else {
        return Err(platform::ObjectError::NotFound { object: key }.into());
    };
    Ok(Plan::read(&key, &json)?)
}

/// Returns how far a run is, from its plan and the last outcome of each job.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn standing(ledger: &dyn Objects, listed: &Listed) -> Result<Standing, CliError> {
    let plan = plan(ledger, listed).await?;
    let prefix = key::outcome_prefix(&listed.sync, &listed.run);
    let (mut parts, mut last) = (BTreeMap::<JobId, JobPart>::new(), None);
    let mut pages = pin!(pages(ledger, &prefix));
    while let Some(page) = pages.try_next().await? {
        for outcome in page {
            let part = key::parse_outcome(&outcome.key)?.job_part();
            let latest = parts.entry(part.job).or_insert(part);
            *latest = part.max(*latest);
            last = last.max(outcome.modified);
        }
    }
    let last = last.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Standing {
        planned: plan.job_count(),
        concluded: concluded(ledger, listed, parts.into_values()).await?,
        retry_of: plan.retry_of,
        heard_of: last.unwrap_or(plan.created_at),
    })
}

/// Returns how many of these parts, each the latest of its job, are their jobs' last: what is left behind the others goes on.
async fn concluded(
    ledger: &dyn Objects,
    listed: &Listed,
    latest: impl Iterator<Item = JobPart>,
) -> Result<usize, CliError> {
    let mut ends = stream::iter(latest)
        .map(|part| async move {
            let key = key::outcome(&listed.sync, &listed.run, part);
            let json = ledger.get(&key).await?;
            let outcome = json.map(|json| Outcome::read(&key, &json)).transpose()?;
            Ok::<_, CliError>(outcome.is_some_and(|outcome| outcome.status.is_last()))
        })
        .buffer_unordered(READS_AT_ONCE);
    let mut concluded = 0;
    while let Some(is_last) = ends.try_next().await? {
        concluded += usize::from(is_last);
    }
    Ok(concluded)
}
