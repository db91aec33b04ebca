//! Everything a second time: the ledger ends the same, and only ids already sent are sent.

use std::fs;

use sender::JobEnd;
use support::{Stack, users};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_scheduler_sender_and_reporter_change_nothing() {
    let mut stack = Stack::new("", &users(500), 2_000).await.unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    stack.report(&run.plan).await.unwrap();
    let ledger = stack.ledger().await.unwrap();

    let again = stack.schedule().await.unwrap();
    assert!(again.finished);
    assert_eq!(again.plan.run, run.plan.run);
    let ends = stack.send(&again.plan).await.unwrap();
    assert!(ends.iter().all(|end| *end == JobEnd::AlreadyDone), "{ends:?}");
    stack.report(&again.plan).await.unwrap();
    assert_eq!(stack.ledger().await.unwrap(), ledger);
    assert_eq!(stack.accepted().await.unwrap().len(), 500 + 410);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_schedulers_at_once_make_one_run() {
    let stack = Stack::new("", &users(500), 500).await.unwrap();
    let (one, other) = tokio::join!(stack.schedule(), stack.schedule());
    assert_eq!(one.unwrap().plan.run, other.unwrap().plan.run);
    let plans = stack
        .ledger()
        .await
        .unwrap()
        .keys()
        .filter(|key| key.ends_with("plan.json"))
        .count();
    assert_eq!(plans, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extract_that_another_scheduler_left_out_of_its_plan_is_planned_all_the_same() {
    let stack = Stack::new("", &users(20), 500).await.unwrap();
    let first = stack.schedule().await.unwrap();
    // As if the second file had been claimed for the first run while that was being planned without it.
    fs::write(stack.path("more.csv"), users(30)).unwrap();
    let claim = stack
        .ledger()
        .await
        .unwrap()
        .into_iter()
        .find(|(key, _)| key.starts_with("claims/"))
        .unwrap();
    let second = stack.schedule_file("more.csv").await.unwrap();
    let key = stack
        .ledger()
        .await
        .unwrap()
        .into_keys()
        .rfind(|key| key.starts_with("claims/") && *key != claim.0)
        .unwrap();
    for object in ["runs", "jobs"] {
        let _ = fs::remove_dir_all(stack.path(&format!("ledger/{object}/users/{}", second.plan.run)));
    }
    fs::write(stack.path(&format!("ledger/{key}")), claim.1).unwrap();

    let third = stack.schedule_file("more.csv").await.unwrap();
    assert_ne!(third.plan.run, first.plan.run);
    assert_eq!(third.plan.objects[0].rows, Some(30));
}

#[tokio::test]
async fn file_named_in_two_ways_is_one_extract() {
    let stack = Stack::new("", &users(20), 500).await.unwrap();
    fs::create_dir(stack.path("sub")).unwrap();
    fs::write(stack.path("sub/a.csv"), users(20)).unwrap();
    let alone = stack.schedule_file("sub/a.csv").await.unwrap();
    let in_folder = stack.schedule_file("sub").await.unwrap();
    assert_eq!(alone.plan.run, in_folder.plan.run);
    let both = stack.schedule_files(&["sub", "sub/a.csv"]).await.unwrap();
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].plan.objects.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_senders_of_the_same_jobs_send_the_same_ids_and_one_outcome_counts() {
    let mut stack = Stack::new("", &users(500), 2_000).await.unwrap();
    let run = stack.schedule().await.unwrap();
    let (one, other) = tokio::join!(stack.send(&run.plan), stack.send(&run.plan));
    one.unwrap();
    other.unwrap();
    crate::assert_accounted(&stack.report(&run.plan).await.unwrap(), 500);
    assert_eq!(stack.accepted().await.unwrap().len(), 500 + 410);
}

#[tokio::test]
async fn run_with_a_job_left_stays_open_and_closes_when_it_is_done() {
    let stack = Stack::new("", &users(50), 200).await.unwrap();
    let run = stack.schedule().await.unwrap();
    let error = stack.report(&run.plan).await.unwrap_err().to_string();
    assert!(error.contains("is open"), "{error}");
    stack.send(&run.plan).await.unwrap();
    crate::assert_accounted(&stack.report(&run.plan).await.unwrap(), 50);
}
