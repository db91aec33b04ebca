//! How far an open run is, by the keys of its jobs and outcomes.

use std::collections::{BTreeSet, HashSet};
use std::pin::pin;

use futures::TryStreamExt;
use ledger::{JobId, JobPart, Plan, key};
use platform::{Objects, pages};

use crate::ScheduleError;

/// What the ledger has of a run's jobs.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The jobs that were handed out.
    jobs: HashSet<JobId>,
    outcomes: BTreeSet<JobPart>,
    /// When a job was last handed out, in seconds since 1970, where the store tells.
    pub(super) handed_out: Option<i64>,
    /// When the last outcome was written, likewise; `None`, too, if there is none.
    pub(super) heard: Option<i64>,
}

impl Standing {
    /// Lists a run's jobs and outcomes. None is read.
    ///
    /// # Errors
    /// When the ledger cannot be listed.
    pub(super) async fn read(ledger: &dyn Objects, plan: &Plan) -> Result<Self, ScheduleError> {
        let (sync, run) = (&plan.sync.name, &plan.run);
        let mut standing = Self::default();
        for action in plan.actions() {
            let prefix = key::run_job_prefix(action, sync, run);
            let mut pages = pin!(pages(ledger, &prefix));
            while let Some(page) = pages.try_next().await? {
                // What else lies there is nobody's job.
                for object in page {
                    if let Ok(job) = key::parse_job(&object.key) {
                        standing.jobs.insert(job.job);
                        standing.handed_out = standing.handed_out.max(object.modified);
                    }
                }
            }
        }
        let prefix = key::outcome_prefix(sync, run);
        let mut pages = pin!(pages(ledger, &prefix));
        while let Some(page) = pages.try_next().await? {
            for object in page {
                if let Ok(outcome) = key::parse_outcome(&object.key) {
                    standing.outcomes.insert(outcome.job_part());
                    standing.heard = standing.heard.max(object.modified);
                }
            }
        }
        Ok(standing)
    }

    /// Whether a job was handed out, or carried out.
    pub(super) fn is_known(&self, job: JobId) -> bool {
        self.jobs.contains(&job) || self.outcomes.contains(&JobPart::from(job))
    }

    /// Returns the first part of a job that has no outcome, whether or not there is such a part.
    pub(super) fn first_without_outcome(&self, job: JobId) -> JobPart {
        let mut part = JobPart::from(job);
        while self.outcomes.contains(&part) {
            part = part.next();
        }
        part
    }
}
