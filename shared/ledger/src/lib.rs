#![doc = include_str!("../README.md")]

mod claim;
mod distinct;
mod document;
mod error;
mod identity;
mod job;
mod job_id;
mod job_part;
pub mod key;
mod name;
mod outcome;
mod plan;
mod rejected;
mod report;
mod reset;
mod retry;
mod run;
mod status;
pub mod sync;
mod tally;
mod undelivered;
mod version;

pub use claim::Claim;
pub use distinct::Distinct;
pub use document::Document;
pub use error::LedgerError;
pub use identity::ExtractIdentity;
pub use job::{Job, JobSource, ObjectPin};
pub use job_id::JobId;
pub use job_part::JobPart;
pub use key::JobKey;
pub use name::{MAX_NAME_BYTES, SyncName};
pub use outcome::{Bytes, MAX_OUTCOME_ERRORS, MappingTally, Outcome, OutcomeFields, RowError, Work};
pub use plan::{Plan, PlannedObject};
pub use rejected::RejectedRow;
pub use report::{
    Failure, FoldError, JobCounts, MAX_REPORT_ERRORS, MAX_REPORT_FAILURES, MappingReport, Open, Report, ReportBuilder,
    ReportedError, RunStatus,
};
pub use reset::{Reset, is_named};
pub use retry::Retried;
pub use run::RunId;
pub use status::Status;
pub use sync::{
    Changes, ColumnChanges, Complete, CsvOptions, DEFAULT_EVENTS_PER_SECOND, Destination, Fields, FilePattern,
    FormatChoice, MAX_MAPPINGS, Mapping, Problem, Region, Review, Rows, Severity, Source, Sync, WriteKeySource,
};
#[cfg(feature = "schema")]
pub use sync::{json_schema, json_value};
pub use tally::{Counter, Tally};
pub use undelivered::Undelivered;
pub use version::FormatVersion;
