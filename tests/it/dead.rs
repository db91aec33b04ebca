//! Jobs that a queue gave up on: they fail, and their run closes.

use std::fs;

use ledger::{Plan, RunStatus, key};
use sender::Terms;
use serde_json::{Value, json};
use support::{Stack, users};

use crate::{messages, notification};

fn of_eventbridge(key: &str) -> Value {
    json!({"detail-type": "Object Created", "detail": {"bucket": {"name": "b"}, "object": {"key": key}}})
}

fn job_keys(plan: &Plan) -> Vec<String> {
    let keys = plan.job_ids().map(|job| key::job(&plan.sync.name, &plan.run, job));
    keys.collect()
}

fn failures(answer: &Value) -> Vec<&str> {
    let items = answer["batchItemFailures"].as_array().unwrap().iter();
    items.map(|item| item["itemIdentifier"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_closes_as_partial_when_its_poisoned_jobs_are_told_of() {
    let stack = Stack::new("", &users(60), 400).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let jobs = job_keys(&plan);
    assert!(jobs.len() > 4);
    for job in &jobs[2..] {
        stack.send_part(job, &Terms::default()).await.unwrap();
    }
    let event = messages(&[notification(&jobs[0]), of_eventbridge(&jobs[1])]);
    assert_eq!(failures(&stack.invoke_reporter(event.clone()).await.unwrap()), [""; 0]);
    let report = stack.report(&plan).await.unwrap();
    assert_eq!((report.status, report.jobs.failed), (RunStatus::Partial, 2));
    assert_eq!(report.failures[0].code, "job_died");
    assert!(report.failures[0].message.contains("backhaul retry"));

    let ledger = stack.ledger().await.unwrap();
    stack.invoke_reporter(event).await.unwrap();
    // One that was carried out by somebody after all has its outcome.
    stack
        .invoke_reporter(messages(&[notification(&jobs[3])]))
        .await
        .unwrap();
    assert_eq!(stack.ledger().await.unwrap(), ledger);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_that_is_no_notification_comes_again_and_the_others_do_not() {
    let stack = Stack::new("", &users(20), 400).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let job = key::job(&plan.sync.name, &plan.run, plan.job_ids().next().unwrap());
    let missing = job.replace("000000-000000", "000000-000099");
    let event = messages(&[
        json!("hello"),
        json!({"Event": "s3:TestEvent"}),
        notification("reports/x.json"),
        notification(&missing),
        notification(&job),
    ]);
    assert_eq!(
        failures(&stack.invoke_reporter(event).await.unwrap()),
        ["m0", "m2", "m3"]
    );
    let ledger = stack.ledger().await.unwrap();
    let outcomes: Vec<&String> = ledger.keys().filter(|key| key.starts_with("outcomes/")).collect();
    assert_eq!(outcomes.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_that_its_caller_gave_up_on_is_known_from_the_plan() {
    let stack = Stack::new("", &users(60), 400).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let jobs = job_keys(&plan);
    // A caller that hands jobs out has the plan alone.
    fs::remove_dir_all(stack.path("ledger/jobs")).unwrap();
    for job in &jobs[1..] {
        stack.send_part(job, &Terms::default()).await.unwrap();
    }
    let told = messages(&[notification(&jobs[0]), notification(&jobs[1])]);
    assert_eq!(failures(&stack.invoke_reporter(told).await.unwrap()), [""; 0]);
    let report = stack.report(&plan).await.unwrap();
    assert_eq!((report.status, report.jobs.failed), (RunStatus::Partial, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_whose_object_cannot_be_read_is_known_from_the_plan() {
    let stack = Stack::new("", &users(20), 400).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let job = key::job(&plan.sync.name, &plan.run, plan.job_ids().next().unwrap());
    fs::write(stack.path(&format!("ledger/{job}")), "{").unwrap();
    let event = messages(&[notification(&job)]);
    assert_eq!(failures(&stack.invoke_reporter(event).await.unwrap()), [""; 0]);
    let ledger = stack.ledger().await.unwrap();
    assert_eq!(ledger.keys().filter(|key| key.starts_with("outcomes/")).count(), 1);
}
