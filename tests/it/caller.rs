//! A caller that hands jobs out itself, by a run's batches.

use std::collections::BTreeSet;

use ledger::key;
use scheduler::FanOut;
use serde_json::Value;
use support::{Stack, users};

fn jobs(batch: &Value) -> Vec<String> {
    let jobs = batch["jobs"].as_array().unwrap().iter();
    jobs.map(|job| job.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn batches_hold_every_job_once_and_jobs_of_one_action_only() {
    let stack = Stack::new("", &users(500), 2_000).await.unwrap();
    let run = stack.schedule_as("users.csv", FanOut::Caller).await.unwrap();
    let ledger = stack.ledger().await.unwrap();
    assert!(
        !ledger.keys().any(|key| key.starts_with("jobs/")),
        "job objects were written"
    );

    let batches: Vec<Value> = serde_json::from_slice(&ledger[run.batches.as_deref().unwrap()]).unwrap();
    let mut seen = BTreeSet::new();
    for batch in &batches {
        let action = batch["action"].as_str().unwrap();
        for job in jobs(batch) {
            assert!(job.starts_with(&format!("jobs/{action}/")), "{batch}");
            assert!(seen.insert(job), "a job is in two batches");
        }
    }
    let plan = &run.plan;
    let planned = plan.job_ids().map(|id| key::job(&plan.sync.name, &plan.run, id));
    assert_eq!(seen, planned.collect());
}

#[tokio::test]
async fn small_jobs_share_a_batch_up_to_a_chunks_worth() {
    let stack = Stack::new("", "", 2_000).await.unwrap();
    let files: Vec<(String, String)> = (0..50).map(|n| (format!("{n}.csv"), users(5 + n))).collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, rows)| (name.as_str(), rows.as_str()))
        .collect();
    stack.drop_files(&files).unwrap();
    let run = stack.schedule_as("drop", FanOut::Caller).await.unwrap();
    let ledger = stack.ledger().await.unwrap();
    let batches: Vec<Value> = serde_json::from_slice(&ledger[run.batches.as_deref().unwrap()]).unwrap();
    assert!(batches.len() < run.plan.job_count() / 2, "{} batches", batches.len());
    assert!(batches.iter().all(|batch| jobs(batch).len() <= 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_without_objects_are_carried_out_and_a_second_pass_writes_nothing_new() {
    let stack = Stack::new("", &users(500), 2_000).await.unwrap();
    let run = stack.schedule_as("users.csv", FanOut::Caller).await.unwrap();
    let ledger = stack.ledger().await.unwrap();
    let again = stack.schedule_as("users.csv", FanOut::Caller).await.unwrap();
    assert_eq!((again.plan.run, &again.batches), (run.plan.run, &run.batches));
    assert_eq!(stack.ledger().await.unwrap(), ledger);

    let report = stack.carry_out(&run).await.unwrap();
    assert_eq!((report.rows, report.api_calls), (500, 910));
    let finished = stack.schedule_as("users.csv", FanOut::Caller).await.unwrap();
    assert!(finished.finished && finished.batches.is_none());
}
