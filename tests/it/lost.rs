//! What is lost on the way: answers of the store, and jobs.

use std::sync::Arc;

use ledger::{RunStatus, key};
use support::{Lossy, Stack, users};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_whose_answers_are_lost_count() {
    let rows = format!("{},nobody,30\n", users(299));
    let mut stack = Stack::new("", &rows, 2_000).await.unwrap();
    stack.replace(|ledger| Arc::new(Lossy(ledger))).unwrap();
    let run = stack.schedule().await.unwrap();
    let report = stack.carry_out(&run).await.unwrap();
    crate::assert_accounted(&report, 300);
    let rejected: u64 = report.mappings.iter().map(|mapping| mapping.rejected).sum();
    assert!(rejected > 0, "no row was rejected");
    // Each once: no object is taken for another's.
    assert_eq!(stack.rejected().await.unwrap().len() as u64, rejected);
    assert_eq!(stack.accepted().await.unwrap().len() as u64, report.api_calls);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_whose_jobs_are_lost_closes_and_the_rest_of_it_counts() {
    let stack = Stack::new("", &users(60), 700).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let jobs: Vec<_> = plan.job_ids().collect();
    stack.send_job(&plan, jobs[0]).await.unwrap();
    stack.sweep_in(10).await.unwrap();
    assert!(stack.report(&plan).await.is_err(), "jobs are left");
    stack.sweep_in(9 * 24).await.unwrap();
    let outcomes = jobs[1..]
        .iter()
        .map(|job| key::outcome(&plan.sync.name, &plan.run, *job));
    let outcomes: Vec<String> = outcomes.collect();
    stack
        .notify_reporter(outcomes.iter().map(String::as_str))
        .await
        .unwrap();
    let report = stack.report(&plan).await.unwrap();
    let lost = jobs.len() as u64 - 1;
    assert_eq!((report.status, report.jobs.failed), (RunStatus::Partial, lost));
    assert_eq!(report.failures[0].code, "job_lost");
    // Whoever comes too late changes nothing.
    let ledger = stack.ledger().await.unwrap();
    stack.send(&plan).await.unwrap();
    stack.sweep_in(20 * 24).await.unwrap();
    assert_eq!(stack.ledger().await.unwrap(), ledger);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_reporters_at_once_write_one_report() {
    let stack = Stack::new("", &users(60), 700).await.unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    let (one, other) = tokio::join!(stack.report(&run.plan), stack.report(&run.plan));
    assert_eq!(one.unwrap(), other.unwrap());
}
