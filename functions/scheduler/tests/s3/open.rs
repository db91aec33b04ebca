//! An open run.

use std::collections::BTreeSet;

use bytes::Bytes;
use extract::Chunk;
use jiff::{SignedDuration, Timestamp};
use ledger::{Counter, Document, Job, JobPart, MappingTally, Outcome, Plan, Work, key};
use scheduler::sweep;

use crate::bucket::Bucket;

/// A run of two jobs that was just planned, in a bucket.
pub(crate) struct Open {
    pub(crate) bucket: Bucket,
    pub(crate) plan: Plan,
    pub(crate) jobs: Vec<Job>,
}

impl Open {
    pub(crate) async fn new() -> Self {
        let bucket = Bucket::new("object").await;
        bucket.put_users(&["drop/a.csv", "drop/b.csv"]);
        bucket.whole_pass().await;
        let plan = bucket.plan().await;
        let jobs: Vec<Job> = plan.jobs().collect();
        assert_eq!(jobs.len(), 2);
        drop(bucket.calls.calls());
        Self { bucket, plan, jobs }
    }

    pub(crate) fn plan_key(&self) -> String {
        key::plan(&self.plan.sync.name, &self.plan.run)
    }

    pub(crate) fn outcome_key(&self, part: impl Into<JobPart>) -> String {
        key::outcome(&self.plan.sync.name, &self.plan.run, part)
    }

    pub(crate) fn job_key(&self, part: impl Into<JobPart>) -> String {
        key::job(&self.plan.sync.name, &self.plan.run, part)
    }

    pub(crate) async fn conclude(&self, outcome: &Outcome) {
        let key = self.outcome_key(outcome.job_part());
        let json = Bytes::from(outcome.to_json().unwrap());
        self.bucket.ledger.put(&key, json).await.unwrap();
    }

    /// Writes another plan in the place of the one that is there.
    pub(crate) async fn replan(&self, plan: &Plan) {
        let json = Bytes::from(plan.to_json().unwrap());
        self.bucket.ledger.put(&self.plan_key(), json).await.unwrap();
    }

    /// Sweeps as of so many hours from now and returns what was written, in order.
    pub(crate) async fn sweep_in(&self, hours: i64) -> Vec<(&'static str, String)> {
        let now = Timestamp::now() + SignedDuration::from_hours(hours);
        let Self { bucket, plan, .. } = self;
        sweep(&bucket.context, &plan.sync, now, &BTreeSet::new()).await.unwrap();
        bucket.writes()
    }

    /// Returns the keys of the jobs that are put again, in order.
    pub(crate) fn puts(&self) -> Vec<(&'static str, String)> {
        self.jobs.iter().map(|job| ("put", self.job_key(job.id))).collect()
    }

    pub(crate) async fn outcome(&self, part: impl Into<JobPart>) -> Outcome {
        let key = self.outcome_key(part);
        let json = self.bucket.ledger.get(&key).await.unwrap().unwrap();
        Outcome::read(&key, &json).unwrap()
    }
}

/// Returns the outcome of a job without rows.
pub(crate) fn done(job: &Job) -> Outcome {
    Outcome::done(job, Work::nothing(job, Timestamp::now())).unwrap()
}

/// Returns the outcome of a job that was stopped after its first byte.
pub(crate) fn continued(job: &Job) -> Outcome {
    let mut counter = Counter::new();
    counter.sent(1);
    let (name, tally) = (job.mappings[0].name.clone(), counter.finish());
    let work = Work {
        rows: 1,
        mappings: vec![MappingTally { name, tally }],
        ..Work::nothing(job, Timestamp::now())
    };
    let rest = Chunk {
        start: job.chunk.start + 1,
        first_row: None,
        ..job.chunk
    };
    Outcome::continued(job, rest, work).unwrap()
}
