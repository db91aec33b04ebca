//! Samples of what went wrong: the first of each kind, whatever the order in which outcomes come.

use crate::{Failure, JobId, Outcome, ReportedError, RowError};

/// Most rejected rows that a report describes one by one; all of them are in `rejected/`.
pub const MAX_REPORT_ERRORS: usize = 100;

/// Most failed jobs that a report describes one by one.
pub const MAX_REPORT_FAILURES: usize = 100;

/// The errors and failures that a report will show.
#[derive(Debug, Default)]
pub(super) struct Sample {
    errors: Vec<(JobId, RowError)>,
    failures: Vec<Failure>,
}

impl Sample {
    pub(super) fn add(&mut self, outcome: &Outcome) {
        let job = outcome.job;
        self.errors
            .extend(outcome.work.errors.iter().map(|error| (job, error.clone())));
        // A row that cannot be decoded is met by the job of each action; it is one row all the same.
        let place = |(job, error): &(JobId, RowError)| (job.object(), error.offset);
        // Offsets come before row numbers: within a job both rise together, and only offsets compare across jobs.
        self.errors
            .sort_by_key(|(job, error)| (job.object(), error.offset, job.action()));
        self.errors.dedup_by(|next, first| {
            next.1.mapping.is_none() && first.1.mapping.is_none() && place(next) == place(first)
        });
        self.errors.truncate(MAX_REPORT_ERRORS);
    }

    pub(super) fn add_failure(&mut self, failure: Failure) {
        self.failures.push(failure);
        self.failures.sort_by_key(|failure| failure.job);
        self.failures.truncate(MAX_REPORT_FAILURES);
    }

    /// Returns the samples; `absolute` turns a row's number in its job into the one in its object.
    pub(super) fn finish(self, absolute: impl Fn(JobId, u64) -> Option<u64>) -> (Vec<ReportedError>, Vec<Failure>) {
        let reported = |(job, error): (JobId, RowError)| ReportedError {
            row: absolute(job, error.row),
            job,
            mapping: error.mapping,
            object: error.object,
            offset: error.offset,
            code: error.code,
            message: error.message,
            field: error.field,
        };
        (self.errors.into_iter().map(reported).collect(), self.failures)
    }
}
