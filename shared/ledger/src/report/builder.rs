//! Folding a run's outcomes into its report, one at a time.

use jiff::Timestamp;

use super::chunk::{ChunkState, Chunks};
use super::parts::Parts;
use super::sample::Sample;
use super::{Failure, JobCounts, MappingReport, Report, RunStatus};
use crate::outcome::check_names;
use crate::{Bytes, Distinct, JobId, JobPart, LedgerError, Mapping, Outcome, Plan, RunId, Status, Tally};

/// Folds a run's outcomes. It holds a count for each chunk, a bit for each job and the numbers of the parts of those that were
/// continued, but no outcome.
#[derive(Debug)]
pub struct ReportBuilder<'p> {
    plan: &'p Plan,
    mappings: Vec<&'p Mapping>,
    tallies: Vec<Tally>,
    chunks: Chunks,
    parts: Parts,
    finished_at: Timestamp,
    requests: u64,
    retries: u64,
    bytes: Bytes,
    users: Distinct,
    jobs: JobCounts,
    sample: Sample,
}

/// A run that cannot be reported on yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("run {run} is open: {} of its jobs have no outcome yet", missing.len())]
pub struct Open {
    /// The run.
    pub run: RunId,
    /// The jobs that have not ended, in the order of the plan, each with its first part without an outcome.
    pub missing: Vec<JobPart>,
}

/// Why outcomes do not make a report.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// Some are not there yet.
    #[error(transparent)]
    Open(#[from] Open),
    /// One of them does not fit the plan.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl<'p> ReportBuilder<'p> {
    /// Returns a builder that has seen no outcome of the plan's run.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Self {
        let mappings: Vec<&Mapping> = plan.sync.enabled_mappings().collect();
        Self {
            plan,
            tallies: vec![Tally::default(); mappings.len()],
            mappings,
            chunks: Chunks::of(plan),
            parts: Parts::default(),
            finished_at: plan.created_at,
            requests: 0,
            retries: 0,
            bytes: Bytes::default(),
            users: Distinct::new(),
            jobs: JobCounts {
                planned: plan.job_count() as u64,
                ..JobCounts::default()
            },
            sample: Sample::default(),
        }
    }

    /// Adds one outcome, of a job or of a part of it. Returns whether it was new; of one that is there already nothing is
    /// counted.
    ///
    /// # Errors
    /// [`LedgerError`] if it is not the outcome of a job of this plan, or contradicts another one. Nothing is counted
    /// then.
    pub fn add(&mut self, outcome: &Outcome) -> Result<bool, LedgerError> {
        let job = outcome.job;
        let chunk = self.chunk_of(outcome)?;
        let parts = self.parts.get(job, chunk.has_seen(job.action()));
        let Some(parts) = parts.with(outcome)? else {
            return Ok(false);
        };
        let whole = match parts.whole() {
            Some((rows, done)) => Some((chunk.with(job, rows, done)?, done)),
            None => None,
        };
        self.add_tallies(outcome)?;
        self.parts.set(job, parts);
        if let Some((chunk, done)) = whole {
            self.chunks.set(job, chunk);
            self.jobs.done += u64::from(done);
            self.jobs.failed += u64::from(!done);
        }
        if let Status::Failed { code, message } = &outcome.status {
            self.sample.add_failure(Failure {
                job,
                code: code.clone(),
                message: message.clone(),
            });
        }
        self.sample.add(outcome);
        let work = &outcome.work;
        self.finished_at = self.finished_at.max(work.finished_at);
        self.requests = self.requests.saturating_add(work.requests);
        self.retries = self.retries.saturating_add(work.retries);
        self.bytes.add(&work.bytes);
        self.users.merge(&work.users);
        Ok(true)
    }

    /// Returns whether every job of the plan has its outcome, with all its parts.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.jobs.done + self.jobs.failed == self.jobs.planned
    }

    /// Returns the jobs that have not ended, in the order of the plan, each with its first part without an outcome.
    pub fn missing(&self) -> impl Iterator<Item = JobPart> + '_ {
        let is_open = |job: &JobId| self.chunks.get(*job).is_some_and(|chunk| !chunk.has_seen(job.action()));
        let jobs = self.plan.job_ids().filter(is_open);
        jobs.map(|job| JobPart {
            job,
            part: self.parts.get(job, false).first_missing(),
        })
    }

    /// Returns the report.
    ///
    /// # Errors
    /// [`FoldError::Open`] if a job has no outcome yet, [`FoldError::Ledger`] if an object's rows are not those that the plan
    /// counted.
    pub fn finish(self) -> Result<Report, FoldError> {
        if !self.is_complete() {
            let missing = self.missing().collect();
            return Err(Open {
                run: self.plan.run,
                missing,
            }
            .into());
        }
        self.chunks.check_rows(self.plan)?;
        let status = self.status();
        let rows = self.chunks.rows();
        let Self {
            plan,
            mappings,
            tallies,
            chunks,
            sample,
            ..
        } = self;
        let (errors, failures) = sample.finish(|job, row| chunks.absolute_row(plan, job, row));
        let api_calls = tallies
            .iter()
            .fold(0, |calls: u64, tally| calls.saturating_add(tally.sent()));
        Ok(Report {
            run: plan.run,
            sync: plan.sync.name.clone(),
            retry_of: plan.retry_of,
            status,
            started_at: plan.created_at,
            finished_at: self.finished_at,
            rows,
            mappings: mappings
                .into_iter()
                .zip(tallies)
                .map(|(mapping, tally)| of_mapping(mapping, &tally))
                .collect(),
            requests: self.requests,
            retries: self.retries,
            api_calls,
            users: self.users.estimate(),
            bytes: self.bytes,
            jobs: self.jobs,
            errors,
            failures,
        })
    }

    /// Returns what is known of the outcome's chunk.
    fn chunk_of(&self, outcome: &Outcome) -> Result<ChunkState, LedgerError> {
        let (job, run) = (outcome.job, self.plan.run);
        if outcome.run != run || outcome.sync != self.plan.sync.name {
            return Err(LedgerError::OtherRun {
                job,
                found: outcome.run,
                expected: run,
            });
        }
        let planned = self.plan.mappings_of_job(job).next().is_some();
        let chunk = self.chunks.get(job).filter(|_| planned);
        chunk.ok_or(LedgerError::UnknownJob { run, job })
    }

    fn add_tallies(&mut self, outcome: &Outcome) -> Result<(), LedgerError> {
        let meant: Vec<&Mapping> = self.plan.mappings_of_job(outcome.job).collect();
        let is_meant = |mapping: &Mapping| meant.iter().any(|meant| meant.name == mapping.name);
        let own: Vec<usize> = (0..self.mappings.len())
            .filter(|&i| is_meant(self.mappings[i]))
            .collect();
        let names: Vec<&str> = own.iter().map(|&i| self.mappings[i].name.as_str()).collect();
        check_names(outcome.job, &outcome.work, &names)?;
        let mut sums = own.iter().map(|&i| self.tallies[i].clone()).collect::<Vec<_>>();
        for (sum, mapping) in sums.iter_mut().zip(&outcome.work.mappings) {
            sum.add(&mapping.tally)?;
        }
        for (&i, sum) in own.iter().zip(sums) {
            self.tallies[i] = sum;
        }
        Ok(())
    }

    fn status(&self) -> RunStatus {
        let rejected = self.tallies.iter().any(|tally| tally.rejected() > 0);
        match self.jobs {
            JobCounts { planned, failed, .. } if planned > 0 && failed == planned => RunStatus::Failed,
            JobCounts { failed: 0, .. } if !rejected => RunStatus::Succeeded,
            _ => RunStatus::Partial,
        }
    }
}

fn of_mapping(mapping: &Mapping, tally: &Tally) -> MappingReport {
    MappingReport {
        name: mapping.name.clone(),
        action: mapping.action,
        rows: tally.rows(),
        sent: tally.sent(),
        filtered: tally.filtered(),
        rejected: tally.rejected(),
        reasons: tally.reasons().clone(),
    }
}
