//! A report: what its run's outcomes add up to.

use ledger::{Report, RunStatus};

use super::Found;
use super::counts::Counts;
use super::run::Run;

/// How many failed jobs a report tells of one by one.
const MOST_TOLD: usize = 100;

impl Found<'_> {
    pub(super) fn report(&mut self, run: &Run<'_>, report: &Report) {
        let id = report.run;
        if report.retry_of != run.plan.retry_of {
            self.say(format!("run {id}: told as a retry of {:?}", report.retry_of));
        }
        for mapping in &report.mappings {
            let told = Counts {
                rows: mapping.rows,
                sent: mapping.sent,
                filtered: mapping.filtered,
                reasons: mapping.reasons.clone(),
            };
            let sum = run.totals.get(&mapping.name).cloned().unwrap_or_default();
            if told != sum || told.rows != told.sent + told.filtered + mapping.rejected {
                self.say(format!(
                    "run {id}: report of {} {told:?}, outcomes {sum:?}",
                    mapping.name
                ));
            }
        }
        self.rows_told(run, report);
        self.jobs_told(run, report);
        if run.failed.is_empty() {
            self.whole(run, report);
        }
        let sent: u64 = report.mappings.iter().map(|mapping| mapping.sent).sum();
        if report.api_calls != sent {
            self.say(format!("run {id}: {} api calls of {sent} sent", report.api_calls));
        }
    }

    /// The rejected rows that a report tells of are where it says, and have the number that it says.
    fn rows_told(&mut self, run: &Run<'_>, report: &Report) {
        for error in &report.errors {
            let objects = run.plan.objects.iter();
            let mut files = objects
                .filter(|object| object.key == error.object)
                .filter_map(|object| self.world.source.file(&object.key, &object.etag));
            let place = files.find_map(|file| file.rows.iter().position(|row| row.offset == error.offset));
            let number = place.map(|place| place as u64 + 1);
            if number.is_none() || error.row.is_some_and(|told| Some(told) != number) {
                self.say(format!(
                    "{}: row {:?} at {} is number {number:?}",
                    error.object, error.row, error.offset
                ));
            }
        }
    }

    /// How many jobs there were, how many failed, which and why, and what that makes the run.
    fn jobs_told(&mut self, run: &Run<'_>, report: &Report) {
        let (id, planned, failed) = (report.run, run.plan.job_count() as u64, run.failed.len() as u64);
        let jobs = report.jobs;
        if (jobs.planned, jobs.failed, jobs.done) != (planned, failed, planned - failed) {
            self.say(format!("run {id}: {jobs:?}, but {failed} of {planned} jobs failed"));
        }
        let told = report
            .failures
            .iter()
            .map(|failure| (failure.job, failure.code.clone()));
        let told: Vec<_> = told.collect();
        let expected: Vec<_> = run.failed.iter().take(MOST_TOLD).cloned().collect();
        if told != expected {
            self.say(format!("run {id}: failed jobs {expected:?} are told as {told:?}"));
        }
        let rejected: u64 = report.mappings.iter().map(|mapping| mapping.rejected).sum();
        let status = match failed {
            0 if rejected == 0 => RunStatus::Succeeded,
            failed if failed == planned && planned > 0 => RunStatus::Failed,
            _ => RunStatus::Partial,
        };
        if report.status != status {
            self.say(format!("run {id}: told as {:?}, is {status:?}", report.status));
        }
    }

    /// Where no job failed, every row of the run's objects is in the report, once for each mapping. A retry's rows are those that it
    /// tries, once for each of its jobs.
    fn whole(&mut self, run: &Run<'_>, report: &Report) {
        let files = run.plan.objects.iter();
        let files = files.filter_map(|object| self.world.source.file(&object.key, &object.etag));
        let of_objects: u64 = files.map(|file| file.rows.len() as u64).sum();
        let counted = report.mappings.iter().map(|mapping| mapping.rows);
        let (rows, counted): (u64, Vec<u64>) = match run.plan.retry_of {
            None => (of_objects, counted.chain([report.rows]).collect()),
            Some(_) => (run.rows, vec![report.rows]),
        };
        if counted.iter().any(|count| *count != rows) {
            self.say(format!(
                "run {}: {counted:?} rows are told, there are {rows}",
                report.run
            ));
        }
    }
}
