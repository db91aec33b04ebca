//! An extract that changes between plan and read.

use std::fs;

use ledger::RunStatus;
use sender::JobEnd;
use support::{Stack, users};

#[tokio::test]
async fn file_that_changes_in_mid_run_fails_its_jobs_with_a_clear_error_and_the_next_run_has_it_whole() {
    let mut stack = Stack::new("", &users(200), 1_000).await.unwrap();
    let first = stack.schedule().await.unwrap();
    fs::write(stack.path("users.csv"), users(201)).unwrap();
    let ends = stack.send(&first.plan).await.unwrap();
    assert!(ends.iter().all(|end| *end == JobEnd::Failed), "{ends:?}");
    let report = stack.report(&first.plan).await.unwrap();
    assert_eq!((report.status, report.rows), (RunStatus::Failed, 0));
    let failure = &report.failures[0];
    assert_eq!(failure.code, "object_changed");
    assert!(
        failure.message.contains("users.csv") && failure.message.contains("new run"),
        "{}",
        failure.message
    );

    let second = stack.schedule().await.unwrap();
    assert_ne!(second.plan.run, first.plan.run);
    stack.send(&second.plan).await.unwrap();
    crate::assert_accounted(&stack.report(&second.plan).await.unwrap(), 201);
    assert_eq!(stack.accepted().await.unwrap().len(), 201 + 164);
}

#[tokio::test]
async fn file_that_vanishes_fails_its_jobs_with_a_clear_error() {
    let stack = Stack::new("", &users(20), 1_000).await.unwrap();
    let run = stack.schedule().await.unwrap();
    fs::remove_file(stack.path("users.csv")).unwrap();
    stack.send(&run.plan).await.unwrap();
    let report = stack.report(&run.plan).await.unwrap();
    assert_eq!(
        (report.status, report.failures[0].code.as_str()),
        (RunStatus::Failed, "object_missing")
    );
}
