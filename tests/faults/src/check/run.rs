//! A run: closed, with a page, and a report that is the sum of its outcomes.

use std::collections::BTreeSet;

use ledger::{Document, JobId, Plan, Report, key};

use super::Found;
use super::counts::ByMapping;

/// A plan, and what its jobs came to.
pub(super) struct Run<'p> {
    pub(super) plan: &'p Plan,
    /// In which round of retries it was begun; 0: it has extracts of its own.
    pub(super) round: usize,
    pub(super) totals: ByMapping,
    /// Rows of all jobs.
    pub(super) rows: u64,
    /// Jobs that failed, with their codes.
    pub(super) failed: Vec<(JobId, String)>,
    /// Keys of the outcomes of its jobs.
    pub(super) outcomes: BTreeSet<String>,
}

impl Found<'_> {
    pub(super) fn run(&mut self, plan: &Plan, round: usize) {
        let mut run = Run {
            plan,
            round,
            totals: ByMapping::new(),
            rows: 0,
            failed: Vec::new(),
            outcomes: BTreeSet::new(),
        };
        self.figures.runs += 1;
        self.figures.retries += u64::from(round > 0);
        for id in plan.job_ids() {
            self.figures.jobs += 1;
            if let Some(job) = plan.job(id) {
                self.job(&mut run, &job);
            }
        }
        self.count_failed(&run);
        let (sync, id) = (&plan.sync.name, &plan.run);
        for (key, _) in self.world.bucket.all(&key::outcome_prefix(sync, id)) {
            if !run.outcomes.contains(&key) {
                self.say(format!("{key} is no part of its job"));
            }
        }
        if self.world.bucket.get(&key::report_html(sync, id)).is_none() {
            self.say(format!("run {id} has no page"));
        }
        let report_key = key::report_json(sync, id);
        let json = self.world.bucket.get(&report_key);
        match json.map(|object| Report::read(&report_key, &object.body)) {
            None => self.say(format!("run {id} is not closed")),
            Some(Err(error)) => self.say(error.to_string()),
            Some(Ok(report)) => self.report(&run, &report),
        }
    }

    fn count_failed(&mut self, run: &Run<'_>) {
        self.figures.failed += run.failed.len() as u64;
        let of = |codes: &[&str]| {
            let failed = run.failed.iter();
            failed.filter(|(_, code)| codes.contains(&code.as_str())).count() as u64
        };
        self.figures.undeliverable += of(&["undeliverable"]);
        self.figures.lost += of(&["job_lost"]);
        self.figures.stale += of(&["object_changed", "object_missing"]);
    }
}
