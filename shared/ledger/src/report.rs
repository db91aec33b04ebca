//! Reports: what became of a run.

mod builder;
mod chunk;
mod parts;
mod sample;

use std::collections::BTreeMap;

use jiff::Timestamp;
use mapping::Action;
use serde::{Deserialize, Serialize};

use crate::{Bytes, Document, JobId, Outcome, Plan, RunId, SyncName};

pub use builder::{FoldError, Open, ReportBuilder};
pub use sample::{MAX_REPORT_ERRORS, MAX_REPORT_FAILURES};

/// What became of a run: the names are those of `sync --json` and `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncName,
    /// The run whose rejected and failed rows it tried again, if it did. Then its rows are those alone, counted for each mapping that
    /// tried them, but for failed jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<RunId>,
    /// How it ended.
    pub status: RunStatus,
    /// When it was planned.
    pub started_at: Timestamp,
    /// When its last job ended; when it was planned, if it had none.
    pub finished_at: Timestamp,
    /// Rows read from the extract, each counted once, however many actions read it.
    pub rows: u64,
    /// What became of each enabled mapping's rows, in the order of the sync document.
    pub mappings: Vec<MappingReport>,
    /// Requests made to the API, retries included.
    pub requests: u64,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// Calls that count at Segment: one for each event sent.
    pub api_calls: u64,
    /// Different user or anonymous ids in the calls sent; estimated beyond 1,024.
    pub users: u64,
    /// Bytes moved.
    pub bytes: Bytes,
    /// How many jobs there were and how they ended.
    pub jobs: JobCounts,
    /// The first rejected rows, at most [`MAX_REPORT_ERRORS`], in the order of the extract.
    pub errors: Vec<ReportedError>,
    /// The first failed jobs, at most [`MAX_REPORT_FAILURES`], in the order of the plan.
    pub failures: Vec<Failure>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Every job is done and no row was rejected.
    Succeeded,
    /// Some rows were rejected, or some jobs failed but not all.
    Partial,
    /// There were jobs and all of them failed.
    Failed,
}

/// What became of one mapping's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingReport {
    /// The mapping's name.
    pub name: String,
    /// Which call it makes.
    pub action: Action,
    /// Rows that it saw: sent + filtered + rejected.
    pub rows: u64,
    /// Rows that became accepted calls.
    pub sent: u64,
    /// Rows that its trigger left out.
    pub filtered: u64,
    /// Rows that could not become an accepted call.
    pub rejected: u64,
    /// The rejected rows by reason code.
    pub reasons: BTreeMap<String, u64>,
}

/// A run's jobs in numbers; planned = done + failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobCounts {
    /// Jobs in the plan.
    pub planned: u64,
    /// Jobs that were carried out.
    pub done: u64,
    /// Jobs that ended early.
    pub failed: u64,
}

/// One rejected row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportedError {
    /// The job that met it.
    pub job: JobId,
    /// The mapping that rejected it; `None`: the row could not be decoded, so every mapping of the action lost it.
    pub mapping: Option<String>,
    /// Key of the object that the row is in.
    pub object: String,
    /// The row's number within the object, from 1; `None` if a failed job left the rows before it uncounted.
    pub row: Option<u64>,
    /// The row's first byte in the object.
    pub offset: u64,
    /// A stable word for the reason.
    pub code: String,
    /// What is wrong with it.
    pub message: String,
    /// The field or column it is about.
    pub field: Option<String>,
}

/// One failed job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The job.
    pub job: JobId,
    /// A stable word for the kind of failure.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

impl Report {
    /// Returns the report of a run, all of whose outcomes are at hand. Their order does not matter.
    ///
    /// # Errors
    /// [`FoldError::Open`] if a job has no outcome, [`FoldError::Ledger`] if an outcome does not fit the plan.
    pub fn fold(plan: &Plan, outcomes: impl IntoIterator<Item = Outcome>) -> Result<Self, FoldError> {
        let mut builder = ReportBuilder::new(plan);
        for outcome in outcomes {
            builder.add(&outcome)?;
        }
        builder.finish()
    }
}

impl Document for Report {
    const KIND: &'static str = "report";
}
