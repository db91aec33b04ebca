//! Objects that cannot be read: they fail their jobs, the others are sent, and a mistake in the document claims nothing.

use std::fs;

use ledger::RunStatus;
use sender::JobEnd;
use support::{Stack, users};

/// No `id` column, which the sync names.
const NO_ID: &str = "key,name,age\nu1,Ada,36\n";
/// Neither a name nor a content that tells its format.
const NO_TEXT: &[u8] = b"\0\0\0";

async fn stack(files: &[(&str, &[u8])]) -> Stack {
    let stack = Stack::new("", &users(1), 1_000).await.unwrap();
    stack.drop_files(files).unwrap();
    stack
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn object_that_cannot_be_read_fails_its_jobs_and_the_others_are_sent() {
    let (good, bad) = (users(20), NO_ID.as_bytes());
    let mut stack = stack(&[("a.csv", bad), ("b.csv", good.as_bytes()), ("c", NO_TEXT)]).await;
    let run = stack.schedule_file("drop").await.unwrap();
    let report = stack.carry_out(&run).await.unwrap();
    assert_eq!((report.status, report.rows), (RunStatus::Partial, 20));
    assert_eq!((report.jobs.planned, report.jobs.done, report.jobs.failed), (6, 2, 4));
    let failure = &report.failures[0];
    assert_eq!(failure.code, "object_unreadable");
    for part in ["`drop/a.csv`", "`id`", "key, name, age", "put it there again"] {
        assert!(failure.message.contains(part), "{}", failure.message);
    }
    assert!(report.failures[2].message.contains("first bytes tell"), "{report:?}");
    assert_eq!(stack.accepted().await.unwrap().len(), 20 + 2);
}

#[tokio::test]
async fn mended_object_is_a_new_extract_and_the_failed_one_is_not_tried_again() {
    let good = users(20);
    let stack = stack(&[("a.csv", NO_ID.as_bytes()), ("b.csv", good.as_bytes())]).await;
    let first = stack.schedule_file("drop").await.unwrap();
    stack.carry_out(&first).await.unwrap();
    let again = stack.schedule_file("drop").await.unwrap();
    assert!(again.finished && again.plan.run == first.plan.run);

    stack.drop_files(&[("a.csv", users(7).as_bytes())]).unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    let second = runs.iter().find(|run| !run.finished).unwrap();
    crate::assert_accounted(&stack.carry_out(second).await.unwrap(), 7);
}

#[tokio::test]
async fn same_fault_in_all_objects_is_the_documents_and_claims_nothing() {
    let mut stack = stack(&[("a.csv", NO_ID.as_bytes()), ("b.csv", NO_ID.as_bytes()), ("c.csv", b"")]).await;
    let error = stack.schedule_file("drop").await.unwrap_err().to_string();
    assert!(error.contains("a.csv` has no column `id`"), "{error}");
    let objects: Vec<String> = stack.ledger().await.unwrap().into_keys().collect();
    assert!(objects.iter().all(|key| !key.starts_with("runs/")), "{objects:?}");

    stack.edit(|sync| sync.source.id = Some("key".into()));
    let run = stack.schedule_file("drop").await.unwrap();
    stack.send(&run.plan).await.unwrap();
    assert_eq!(stack.report(&run.plan).await.unwrap().rows, 2);
}

#[tokio::test]
async fn different_faults_in_all_objects_are_the_objects_and_fail_the_run() {
    let stack = stack(&[("a.csv", NO_ID.as_bytes()), ("b", NO_TEXT)]).await;
    let run = stack.schedule_file("drop").await.unwrap();
    let ends = stack.send(&run.plan).await.unwrap();
    assert_eq!(ends, vec![JobEnd::Failed; 4]);
    let report = stack.report(&run.plan).await.unwrap();
    assert_eq!((report.status, report.rows), (RunStatus::Failed, 0));
    assert_eq!(report.jobs.failed, 4);
}

#[tokio::test]
async fn object_alone_is_at_fault_where_the_document_has_fitted_others() {
    let stack = stack(&[("a.csv", users(3).as_bytes())]).await;
    let first = stack.schedule_file("drop").await.unwrap();
    stack.carry_out(&first).await.unwrap();
    stack.drop_files(&[("b.csv", NO_ID.as_bytes())]).unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    let second = runs.iter().find(|run| !run.finished).unwrap();
    assert_eq!(stack.carry_out(second).await.unwrap().status, RunStatus::Failed);
}

#[tokio::test]
async fn object_that_the_store_does_not_give_stops_the_pass_and_nothing_is_planned() {
    let stack = stack(&[("a.csv", NO_ID.as_bytes()), ("b.csv", users(3).as_bytes())]).await;
    std::os::unix::fs::symlink("loop.csv", stack.path("drop/loop.csv")).unwrap();
    assert!(stack.schedule_file("drop").await.is_err());
    fs::remove_file(stack.path("drop/loop.csv")).unwrap();
    let run = stack.schedule_file("drop").await.unwrap();
    assert_eq!(run.plan.objects.len(), 2);
}

#[tokio::test]
async fn objects_without_rows_are_done_at_once_and_a_last_line_needs_no_newline() {
    let files: [(&str, &[u8]); 5] = [
        ("a.csv", b""),
        ("b", b""),
        ("c.csv", b"id,name,age\n"),
        ("d.csv", b"id,name,age\nu1,Ada,36"),
        ("e.csv", b"id,name,age\nu2,Grace,45\n"),
    ];
    let stack = stack(&files).await;
    let run = stack.schedule_file("drop").await.unwrap();
    assert_eq!(run.plan.job_count(), 4);
    crate::assert_accounted(&stack.carry_out(&run).await.unwrap(), 2);
}
