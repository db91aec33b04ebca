//! What can be wrong with the ledger's objects.

use mapping::Action;

use crate::{JobId, RunId};

/// Why an object of the ledger could not be read, written or built.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The text is not the document it should be.
    #[error("{kind} is not readable")]
    Unreadable {
        /// Which document: `plan`, `job`, ….
        kind: &'static str,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// An object of the ledger does not hold what its key says.
    #[error(
        "`{key}` in the ledger: {source}; it was damaged or written by another version: restore it, or start a new run"
    )]
    Object {
        /// The object's key.
        key: String,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// The value cannot be written as JSON.
    #[error("{kind} cannot be written as json")]
    Unwritable {
        /// Which document: `plan`, `job`, ….
        kind: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The document was written in a form that this version does not know.
    #[error("format version {found} is not known; this version reads version 1")]
    UnknownVersion {
        /// The version that the document names.
        found: u32,
    },
    /// A sync's name breaks its pattern. The name itself is left out: it may be anything.
    #[error("a sync's name is 1 to 64 of a-z, 0-9 and -; this one is not")]
    BadSyncName,
    /// A run's id is no UUID of version 7 in its usual spelling.
    #[error("`{text}` is not a run id (a lower-case UUID of version 7)")]
    BadRunId {
        /// What was found instead.
        text: String,
    },
    /// A job's id has not the form `<object>-<chunk>-<action>`.
    #[error("`{text}` is not a job id like 000000-000000-track")]
    BadJobId {
        /// What was found instead.
        text: String,
    },
    /// A key in the ledger bucket names no object of the kind that was expected.
    #[error("key `{key}` is not the key of {kind}")]
    BadKey {
        /// The key as it was given.
        key: String,
        /// What it should name.
        kind: &'static str,
    },
    /// A claim's name is not a hash of an extract.
    #[error("`{text}` is not the identity of an extract (32 hexadecimal digits)")]
    BadIdentity {
        /// What was found instead.
        text: String,
    },
    /// The fates do not add up to the rows.
    #[error("{rows} rows are not {sent} sent + {filtered} filtered + {rejected} rejected")]
    TallyMismatch {
        /// Rows seen.
        rows: u64,
        /// Rows that became accepted calls.
        sent: u64,
        /// Rows that the trigger left out.
        filtered: u64,
        /// Rows rejected, as the sum or as it was written.
        rejected: u64,
    },
    /// The reasons do not add up to the rejected rows.
    #[error("{rejected} rejected rows, but their reasons count {reasons}")]
    ReasonMismatch {
        /// Rows rejected.
        rejected: u64,
        /// Sum over the reasons.
        reasons: u64,
    },
    /// Counts that no run can reach; adding them up would overflow.
    #[error("the counts are too large to be true")]
    CountOverflow,
    /// A mapping has a fate for fewer or more rows than the job read.
    #[error("job {job}: mapping `{mapping}` accounts for {accounted} of {rows} rows")]
    RowsUnaccounted {
        /// The job.
        job: JobId,
        /// The mapping whose tally is off.
        mapping: String,
        /// Rows in its tally.
        accounted: u64,
        /// Rows that the job read.
        rows: u64,
    },
    /// An outcome's tallies are not those of the job's mappings, one each.
    #[error("job {job}: tallies are for {found:?}, but the job has the mappings {expected:?}")]
    WrongMappings {
        /// The job.
        job: JobId,
        /// Names in the outcome.
        found: Vec<String>,
        /// Names in the job or plan.
        expected: Vec<String>,
    },
    /// What a part of a job leaves is not the end of its chunk, or is all of it.
    #[error(
        "job {job}: what is left of the chunk is no end of it behind a row that was sent; this is a fault in backhaul"
    )]
    BadRest {
        /// The job.
        job: JobId,
    },
    /// There is an outcome of a part that the job cannot have, since another part ended it.
    #[error("job {job}: there are outcomes of part {part} and of one that ends the job before or in place of it")]
    UnknownPart {
        /// The job.
        job: JobId,
        /// The part whose outcome came last.
        part: u32,
    },
    /// An outcome's action is not the one in its job's id.
    #[error("job {job}: the outcome is for action `{action}`")]
    WrongAction {
        /// The job.
        job: JobId,
        /// The action that the outcome names.
        action: Action,
    },
    /// The outcome belongs to another run or sync than the plan.
    #[error("job {job} is of run {found}, not of run {expected}")]
    OtherRun {
        /// The job.
        job: JobId,
        /// The outcome's run.
        found: RunId,
        /// The plan's run.
        expected: RunId,
    },
    /// The plan has no such job.
    #[error("run {run} has no job {job}")]
    UnknownJob {
        /// The plan's run.
        run: RunId,
        /// The job.
        job: JobId,
    },
    /// The chunks of an object do not have the rows that the plan counted in it.
    #[error("`{object}` has {planned} rows by the plan, but its jobs read {read}; this is a fault in backhaul")]
    RowsMiscounted {
        /// The object's key.
        object: String,
        /// Rows counted when the run was planned.
        planned: u64,
        /// Rows read by its jobs.
        read: u64,
    },
    /// Two actions read different numbers of rows from the same chunk.
    #[error("job {job} read {rows} rows, another action read {other} from the same chunk")]
    RowsDiffer {
        /// The job that came later.
        job: JobId,
        /// Rows that it read.
        rows: u64,
        /// Rows that the earlier one read.
        other: u64,
    },
    /// Text that should be a distinct-count sketch is none.
    #[error("not a distinct-count sketch: {reason}")]
    BadSketch {
        /// What is wrong with it.
        reason: &'static str,
    },
}
