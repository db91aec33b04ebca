//! Keys of the ledger bucket's objects. All of them are made and read here, from checked parts only.

use std::fmt::Display;

use mapping::Action;

use crate::{ExtractIdentity, JobId, JobPart, LedgerError, RunId, SyncName};

const JOB_SUFFIX: &str = ".json";

/// The prefix of all runs of all syncs: their plans and reports.
pub const RUNS: &str = "runs/";

/// The name of a run's plan under its prefix.
pub const PLAN: &str = "plan.json";

/// The name of a run's jobs in batches under its prefix.
pub const BATCHES: &str = "batches.json";

/// The name of a run's report for programs under its prefix.
pub const REPORT_JSON: &str = "report.json";

/// Returns the key of a sync document: `syncs/<sync>.yaml`.
#[must_use]
pub fn sync_document(sync: &SyncName) -> String {
    format!("syncs/{sync}.yaml")
}

/// Returns the prefix under which a sync's extracts land, if they land in the ledger bucket.
#[must_use]
pub fn extract_prefix(sync: &SyncName) -> String {
    format!("extracts/{sync}/")
}

/// Returns the key of the claim on an object, of which `object` is the identity as an extract of its own.
#[must_use]
pub fn claim(sync: &SyncName, object: &ExtractIdentity) -> String {
    format!("{}{object}", claim_prefix(sync))
}

/// Returns the key of a later claim on an object, `number` from 1: the run that the claim before it names has a plan without it.
#[must_use]
pub fn later_claim(first: &str, number: u32) -> String {
    format!("{first}.{number}")
}

/// Returns the key of the claim on an object for calls that go to another destination than Segment; `destination` is a hash of
/// what tells it from others.
#[must_use]
pub fn claim_for(sync: &SyncName, object: &ExtractIdentity, destination: u64) -> String {
    format!("{}-{destination:016x}", claim(sync, object))
}

/// Returns the prefix of a sync's claims.
#[must_use]
pub fn claim_prefix(sync: &SyncName) -> String {
    format!("claims/{sync}/")
}

/// Returns the prefix of a sync's resets, in the order of time.
#[must_use]
pub fn reset_prefix(sync: &SyncName) -> String {
    format!("resets/{sync}/")
}

/// Returns the key of a reset; `id` is made as a run's is, so that resets sort by time.
#[must_use]
pub fn reset(sync: &SyncName, id: &RunId) -> String {
    format!("{}{id}.json", reset_prefix(sync))
}

/// Returns the prefix of a sync's runs: their plans and reports, in the order of time.
#[must_use]
pub fn run_prefix(sync: &SyncName) -> String {
    format!("runs/{sync}/")
}

/// Returns the key of a run's plan.
#[must_use]
pub fn plan(sync: &SyncName, run: &RunId) -> String {
    of_run("runs", sync, run, PLAN)
}

/// Returns the run of a sync that a plan's key is of: the inverse of [`plan`]; `None` for any other key.
#[must_use]
pub fn run_of_plan(sync: &SyncName, key: &str) -> Option<RunId> {
    run_of_file(sync, key, "/plan.json")
}

fn run_of_file(sync: &SyncName, key: &str, file: &str) -> Option<RunId> {
    key.strip_prefix(&run_prefix(sync))?.strip_suffix(file)?.parse().ok()
}

/// Returns the run of a sync that a report's key is of, the one for programs: the inverse of [`report_json`]; `None` for any other key.
#[must_use]
pub fn run_of_report(sync: &SyncName, key: &str) -> Option<RunId> {
    run_of_file(sync, key, "/report.json")
}

/// Returns the sync and the run that a plan's key is of; `None` for any other key.
#[must_use]
pub fn parse_plan(key: &str) -> Option<(SyncName, RunId)> {
    let (sync, _) = key.strip_prefix("runs/")?.split_once('/')?;
    let sync = sync.parse().ok()?;
    let run = run_of_plan(&sync, key)?;
    Some((sync, run))
}

/// Returns the key of a run's jobs in batches, for a caller that hands them out itself.
#[must_use]
pub fn batches(sync: &SyncName, run: &RunId) -> String {
    of_run("runs", sync, run, BATCHES)
}

/// Returns what the key of an object under [`RUNS`] says: the sync, the run, and the object's name in its run; `None` for any
/// other key.
#[must_use]
pub fn parse_of_run(key: &str) -> Option<(SyncName, RunId, &str)> {
    let (sync, rest) = key.strip_prefix(RUNS)?.split_once('/')?;
    let (run, name) = rest.split_once('/')?;
    Some((sync.parse().ok()?, run.parse().ok()?, name))
}

/// Returns the key of a run's report, the one for programs.
#[must_use]
pub fn report_json(sync: &SyncName, run: &RunId) -> String {
    of_run("runs", sync, run, REPORT_JSON)
}

/// Returns the key of a run's report, the one for people.
#[must_use]
pub fn report_html(sync: &SyncName, run: &RunId) -> String {
    of_run("runs", sync, run, "report.html")
}

/// Returns the prefix that triggers an action's queue.
#[must_use]
pub fn job_prefix(action: Action) -> String {
    format!("jobs/{action}/")
}

/// Returns the prefix of a run's jobs of one action.
#[must_use]
pub fn run_job_prefix(action: Action, sync: &SyncName, run: &RunId) -> String {
    format!("jobs/{action}/{sync}/{run}/")
}

/// Returns the key of a job, or of a later part of it.
#[must_use]
pub fn job(sync: &SyncName, run: &RunId, part: impl Into<JobPart>) -> String {
    let part = part.into();
    format!("{}{part}{JOB_SUFFIX}", run_job_prefix(part.job.action(), sync, run))
}

/// Returns the prefix of a run's outcomes.
#[must_use]
pub fn outcome_prefix(sync: &SyncName, run: &RunId) -> String {
    of_run("outcomes", sync, run, "")
}

/// Returns the key of the outcome of a job, or of a later part of it.
#[must_use]
pub fn outcome(sync: &SyncName, run: &RunId, part: impl Into<JobPart>) -> String {
    of_run("outcomes", sync, run, format_args!("{}{JOB_SUFFIX}", part.into()))
}

/// Returns the prefix of a run's rejected rows.
#[must_use]
pub fn rejected_prefix(sync: &SyncName, run: &RunId) -> String {
    of_run("rejected", sync, run, "")
}

/// Returns the key of the rejected rows of a job, or of a later part of it.
#[must_use]
pub fn rejected(sync: &SyncName, run: &RunId, part: impl Into<JobPart>) -> String {
    of_run("rejected", sync, run, format_args!("{}.jsonl.gz", part.into()))
}

/// Returns the key of the rejected rows of a second try of a job, where the first left others; `content` is a hash of them.
#[must_use]
pub fn rejected_again(sync: &SyncName, run: &RunId, part: impl Into<JobPart>, content: u64) -> String {
    of_run(
        "rejected",
        sync,
        run,
        format_args!("{}-{content:016x}.jsonl.gz", part.into()),
    )
}

/// Returns the prefix of a sync's snapshots.
#[must_use]
pub fn snapshot_prefix(sync: &SyncName) -> String {
    format!("snapshots/{sync}/")
}

fn of_run(area: &str, sync: &SyncName, run: &RunId, rest: impl Display) -> String {
    format!("{area}/{sync}/{run}/{rest}")
}

/// What the key of a job, or of its outcome, says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobKey {
    /// The sync.
    pub sync: SyncName,
    /// The run.
    pub run: RunId,
    /// The job.
    pub job: JobId,
    /// Which part of it, from 0.
    pub part: u32,
}

impl JobKey {
    /// Returns the part of the job.
    #[must_use]
    pub fn job_part(&self) -> JobPart {
        let Self { job, part, .. } = *self;
        JobPart { job, part }
    }
}

/// Returns what a job's key says: the inverse of [`job`]. S3 encodes keys in notifications; decode them first.
///
/// # Errors
/// [`LedgerError::BadKey`] if it is no job's key.
pub fn parse_job(key: &str) -> Result<JobKey, LedgerError> {
    let read = || {
        let (action, rest) = key.strip_prefix("jobs/")?.split_once('/')?;
        read_job_key(rest).filter(|found| found.job.action().as_str() == action)
    };
    read().ok_or_else(|| LedgerError::BadKey {
        key: key.to_owned(),
        kind: "a job",
    })
}

/// Returns what an outcome's key says: the inverse of [`outcome`]. S3 encodes keys in notifications; decode them first.
///
/// # Errors
/// [`LedgerError::BadKey`] if it is no outcome's key.
pub fn parse_outcome(key: &str) -> Result<JobKey, LedgerError> {
    let found = key.strip_prefix("outcomes/").and_then(read_job_key);
    found.ok_or_else(|| LedgerError::BadKey {
        key: key.to_owned(),
        kind: "an outcome",
    })
}

/// Reads `<sync>/<run>/<job>.json`.
fn read_job_key(rest: &str) -> Option<JobKey> {
    let (sync, rest) = rest.split_once('/')?;
    let (run, file) = rest.split_once('/')?;
    let JobPart { job, part } = file.strip_suffix(JOB_SUFFIX)?.parse().ok()?;
    Some(JobKey {
        sync: sync.parse().ok()?,
        run: run.parse().ok()?,
        job,
        part,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn parts() -> (SyncName, RunId, JobId) {
        let run = RunId::new(Timestamp::from_millisecond(1_764_000_000_000).unwrap(), [1; 10]);
        ("customers".parse().unwrap(), run, JobId::new(3, 14, Action::Identify))
    }

    #[test]
    fn keys_are_those_of_the_design() {
        let (sync, run, job_id) = parts();
        let identity = ExtractIdentity::of([]);
        assert_eq!(sync_document(&sync), "syncs/customers.yaml");
        assert_eq!(claim(&sync, &identity), format!("claims/customers/{identity}"));
        assert_eq!(plan(&sync, &run), format!("runs/customers/{run}/plan.json"));
        assert_eq!(batches(&sync, &run), format!("runs/customers/{run}/batches.json"));
        assert_eq!(report_json(&sync, &run), format!("runs/customers/{run}/report.json"));
        assert_eq!(report_html(&sync, &run), format!("runs/customers/{run}/report.html"));
        assert_eq!(
            job(&sync, &run, job_id),
            format!("jobs/identify/customers/{run}/000003-000014-identify.json")
        );
        assert_eq!(
            outcome(&sync, &run, job_id),
            format!("outcomes/customers/{run}/000003-000014-identify.json")
        );
        assert_eq!(
            rejected(&sync, &run, job_id),
            format!("rejected/customers/{run}/000003-000014-identify.jsonl.gz")
        );
        let next = JobPart::from(job_id).next();
        assert_eq!(
            outcome(&sync, &run, next),
            format!("outcomes/customers/{run}/000003-000014-identify.1.json")
        );
        assert_eq!(
            rejected(&sync, &run, next),
            format!("rejected/customers/{run}/000003-000014-identify.1.jsonl.gz")
        );
        assert_eq!(snapshot_prefix(&sync), "snapshots/customers/");
        assert_eq!(reset(&sync, &run), format!("resets/customers/{run}.json"));
    }

    #[test]
    fn every_key_lies_under_its_prefix() {
        let (sync, run, id) = parts();
        assert!(job(&sync, &run, id).starts_with(&job_prefix(Action::Identify)));
        assert!(job(&sync, &run, id).starts_with(&run_job_prefix(Action::Identify, &sync, &run)));
        assert!(outcome(&sync, &run, id).starts_with(&outcome_prefix(&sync, &run)));
        assert!(rejected(&sync, &run, id).starts_with(&rejected_prefix(&sync, &run)));
        assert!(plan(&sync, &run).starts_with(&run_prefix(&sync)));
        assert!(claim(&sync, &ExtractIdentity::of([])).starts_with(&claim_prefix(&sync)));
    }

    #[test]
    fn job_and_outcome_keys_are_read_back() {
        let (sync, run, id) = parts();
        for part in [0, 1, 12] {
            let expected = JobKey {
                sync: sync.clone(),
                run,
                job: id,
                part,
            };
            let part = expected.job_part();
            assert_eq!(parse_job(&job(&sync, &run, part)).unwrap(), expected);
            assert_eq!(parse_outcome(&outcome(&sync, &run, part)).unwrap(), expected);
        }
    }

    #[test]
    fn run_is_read_from_the_key_of_its_plan_or_report_only() {
        let (sync, run, _) = parts();
        assert_eq!(run_of_plan(&sync, &plan(&sync, &run)), Some(run));
        assert_eq!(run_of_plan(&sync, &report_json(&sync, &run)), None);
        assert_eq!(run_of_report(&sync, &report_json(&sync, &run)), Some(run));
        assert_eq!(run_of_report(&sync, &report_html(&sync, &run)), None);
        assert_eq!(parse_plan(&plan(&sync, &run)), Some((sync.clone(), run)));
        assert_eq!(parse_plan(&report_json(&sync, &run)), None);
        assert_eq!(run_of_plan(&"users".parse().unwrap(), &plan(&sync, &run)), None);
        assert_eq!(parse_of_run(&plan(&sync, &run)), Some((sync.clone(), run, PLAN)));
        assert_eq!(parse_of_run(&report_json(&sync, &run)), Some((sync, run, REPORT_JSON)));
        assert_eq!(parse_of_run("runs/customers/x/plan.json"), None);
    }

    #[test]
    fn keys_of_anything_else_are_refused() {
        let (sync, run, id) = parts();
        for bad in [
            job(&sync, &run, id).replace("jobs/identify", "jobs/track"),
            job(&sync, &run, id).replace("customers", ".."),
            job(&sync, &run, id).replace(".json", ".json.gz"),
            job(&sync, &run, id).replace(".json", ".0.json"),
            format!("jobs/identify/customers/{run}/../{id}.json"),
            rejected(&sync, &run, id),
            String::from("jobs/"),
            String::new(),
        ] {
            assert!(parse_job(&bad).is_err(), "{bad}");
            assert!(parse_outcome(&bad).is_err(), "{bad}");
        }
        assert!(parse_outcome(&job(&sync, &run, id)).is_err());
    }
}
