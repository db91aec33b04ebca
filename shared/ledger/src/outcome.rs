//! Outcomes: what a job ended in.

use std::ops::Deref;

use extract::Chunk;
use jiff::Timestamp;
use mapping::Action;
use serde::{Deserialize, Serialize};

use crate::job::is_zero;
use crate::{
    Distinct, Document, FormatVersion, Job, JobId, JobPart, LedgerError, RunId, Status, SyncName, Tally, Undelivered,
};

/// Most rows that an outcome describes one by one; all of them are in the job's `rejected/` object.
pub const MAX_OUTCOME_ERRORS: usize = 20;

/// What a job, or a part of it, ended in. Unless it failed, every mapping's tally accounts for every row read; an outcome that
/// does not add up can neither be built nor read. Its fields are those of [`OutcomeFields`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OutcomeFields", into = "OutcomeFields")]
pub struct Outcome(OutcomeFields);

/// The fields of an [`Outcome`], readable through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeFields {
    /// Form of this document.
    pub version: FormatVersion,
    /// The job.
    pub job: JobId,
    /// Which part of the job, from 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub part: u32,
    /// Its run.
    pub run: RunId,
    /// Its sync.
    pub sync: SyncName,
    /// Its action.
    pub action: Action,
    /// Whether it was carried out.
    pub status: Status,
    /// What it did.
    pub work: Work,
}

/// What a job did, in counts. [`Work::nothing`] is the work of a job that could not begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    /// Rows read from the chunk, undecodable ones included.
    pub rows: u64,
    /// One tally for each of the job's mappings, in the job's order.
    pub mappings: Vec<MappingTally>,
    /// Requests made to the API, retries included.
    pub requests: u64,
    /// Requests that repeated an earlier one.
    pub retries: u64,
    /// Bytes moved.
    pub bytes: Bytes,
    /// Different user or anonymous ids in the calls sent.
    pub users: Distinct,
    /// The first rejected rows, at most [`MAX_OUTCOME_ERRORS`].
    pub errors: Vec<RowError>,
    /// Key of the object with all rejected rows; `None`: there are none. Another try of the same job may have left one
    /// beside it: this is the one that the counts are of.
    pub rejected: Option<String>,
    /// When the job began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// What became of one mapping's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingTally {
    /// The mapping's name.
    pub name: String,
    /// Its counts.
    pub tally: Tally,
}

/// Bytes moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bytes {
    /// Read from the extract.
    pub read: u64,
    /// Calls as JSON, before compression.
    pub json: u64,
    /// Request bodies as they went over the wire.
    pub wire: u64,
}

impl Bytes {
    /// Adds the bytes of other work, up to the largest number there is.
    pub fn add(&mut self, other: &Self) {
        self.read = self.read.saturating_add(other.read);
        self.json = self.json.saturating_add(other.json);
        self.wire = self.wire.saturating_add(other.wire);
    }
}

/// One rejected row, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowError {
    /// The mapping that rejected it; `None`: the row could not be decoded, so every mapping lost it.
    pub mapping: Option<String>,
    /// Key of the object that the row is in.
    pub object: String,
    /// The row's number, from 1: within the object if the chunk's first row is known, else within the planned chunk.
    pub row: u64,
    /// The row's first byte in the object.
    pub offset: u64,
    /// A stable word for the reason.
    pub code: String,
    /// What is wrong with it.
    pub message: String,
    /// The field or column it is about.
    pub field: Option<String>,
}

impl Work {
    /// Returns the work of a job that could not begin: no row, no request, an empty tally for each mapping.
    #[must_use]
    pub fn nothing(job: &Job, at: Timestamp) -> Self {
        let tally = |name: &String| MappingTally {
            name: name.clone(),
            tally: Tally::default(),
        };
        Self {
            rows: 0,
            mappings: job.mappings.iter().map(|mapping| tally(&mapping.name)).collect(),
            requests: 0,
            retries: 0,
            bytes: Bytes::default(),
            users: Distinct::new(),
            errors: Vec::new(),
            rejected: None,
            started_at: at,
            finished_at: at,
        }
    }

    /// Returns the calls that count at Segment: one for each event sent.
    #[must_use]
    pub fn api_calls(&self) -> u64 {
        self.mappings
            .iter()
            .fold(0, |calls, mapping| calls.saturating_add(mapping.tally.sent()))
    }
}

impl Outcome {
    /// Returns the outcome of a job that was carried out to its chunk's last row.
    ///
    /// # Errors
    /// [`LedgerError::RowsUnaccounted`] if a tally's rows are not the rows read,
    /// [`LedgerError::WrongMappings`] if the tallies are not those of the job's mappings.
    pub fn done(job: &Job, work: Work) -> Result<Self, LedgerError> {
        Self::of(job, Status::Done, work)
    }

    /// Returns the outcome of a job that ended early, with the work that was done by then.
    ///
    /// # Errors
    /// [`LedgerError::RowsUnaccounted`] if a tally has more rows than were read,
    /// [`LedgerError::WrongMappings`] if the tallies are not those of the job's mappings.
    pub fn failed(
        job: &Job,
        code: impl Into<String>,
        message: impl Into<String>,
        work: Work,
    ) -> Result<Self, LedgerError> {
        Self::of(
            job,
            Status::Failed {
                code: code.into(),
                message: message.into(),
            },
            work,
        )
    }

    /// Returns the outcome of a part of a job that ends before `rest`, with the work up to there.
    ///
    /// # Errors
    /// [`LedgerError::BadRest`] if `rest` is not the end of the job's chunk or no row lies before it; the others as with
    /// [`Outcome::done`].
    pub fn continued(job: &Job, rest: Chunk, work: Work) -> Result<Self, LedgerError> {
        let is_shorter = job.chunk.start < rest.start && rest.start < rest.end && rest.end == job.chunk.end;
        if !is_shorter || work.rows == 0 {
            return Err(LedgerError::BadRest { job: job.id });
        }
        Self::before(job, rest, None, work)
    }

    /// Returns the outcome of a part of a job that ends before `rest`, since its call could not be delivered for now. Of one without a row
    /// all of its chunk is the rest.
    ///
    /// # Errors
    /// As with [`Outcome::continued`].
    pub fn undelivered(job: &Job, rest: Chunk, undelivered: Undelivered, work: Work) -> Result<Self, LedgerError> {
        if work.rows > 0 {
            Self::continued(job, rest, work.clone())?;
        } else if rest != job.chunk {
            return Err(LedgerError::BadRest { job: job.id });
        }
        Self::before(job, rest, Some(undelivered), work)
    }

    fn before(job: &Job, rest: Chunk, undelivered: Option<Undelivered>, work: Work) -> Result<Self, LedgerError> {
        let rows_before = job.rows_before.saturating_add(work.rows);
        let status = Status::Continued {
            rest,
            rows_before,
            undelivered,
        };
        Self::of(job, status, work)
    }

    /// Returns the job of the part that goes on from this outcome, made of any part of the same job; `None` if the job has ended.
    #[must_use]
    pub fn next_part(&self, job: &Job) -> Option<Job> {
        let Status::Continued {
            rest,
            rows_before,
            undelivered,
        } = self.status
        else {
            return None;
        };
        Some(Job {
            part: self.job_part().next().part,
            chunk: rest,
            rows_before,
            undelivered,
            ..job.clone()
        })
    }

    /// Returns which part of which job this is of.
    #[must_use]
    pub fn job_part(&self) -> JobPart {
        JobPart {
            job: self.job,
            part: self.part,
        }
    }

    /// Returns the outcome as its fields, to be read or changed; [`Outcome::try_from`] checks them again.
    #[must_use]
    pub fn into_fields(self) -> OutcomeFields {
        self.0
    }

    fn of(job: &Job, status: Status, mut work: Work) -> Result<Self, LedgerError> {
        let expected: Vec<&str> = job.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
        check_names(job.id, &work, &expected)?;
        work.errors.truncate(MAX_OUTCOME_ERRORS);
        let (run, sync, action) = (job.run, job.sync.clone(), job.action);
        Self::try_from(OutcomeFields {
            version: FormatVersion,
            job: job.id,
            part: job.part,
            run,
            sync,
            action,
            status,
            work,
        })
    }
}

/// Refuses work whose tallies are not one for each name of `expected`, in that order.
pub(crate) fn check_names(job: JobId, work: &Work, expected: &[&str]) -> Result<(), LedgerError> {
    if work
        .mappings
        .iter()
        .map(|mapping| mapping.name.as_str())
        .eq(expected.iter().copied())
    {
        return Ok(());
    }
    Err(LedgerError::WrongMappings {
        job,
        found: work.mappings.iter().map(|mapping| mapping.name.clone()).collect(),
        expected: expected.iter().map(|&name| name.to_owned()).collect(),
    })
}

impl TryFrom<OutcomeFields> for Outcome {
    type Error = LedgerError;

    fn try_from(fields: OutcomeFields) -> Result<Self, LedgerError> {
        let (job, rows) = (fields.job, fields.work.rows);
        if fields.action != job.action() {
            return Err(LedgerError::WrongAction {
                job,
                action: fields.action,
            });
        }
        for mapping in &fields.work.mappings {
            let accounted = mapping.tally.rows();
            let fits = match fields.status {
                Status::Done | Status::Continued { .. } => accounted == rows,
                Status::Failed { .. } => accounted <= rows,
            };
            if !fits {
                return Err(LedgerError::RowsUnaccounted {
                    job,
                    mapping: mapping.name.clone(),
                    accounted,
                    rows,
                });
            }
        }
        Ok(Self(fields))
    }
}

impl From<Outcome> for OutcomeFields {
    fn from(outcome: Outcome) -> Self {
        outcome.0
    }
}

impl Deref for Outcome {
    type Target = OutcomeFields;

    fn deref(&self) -> &OutcomeFields {
        &self.0
    }
}

impl Document for Outcome {
    const KIND: &'static str = "outcome";
}
