//! What a sender function answers near its deadline.

use ledger::key;
use mapping::Action;
use serde_json::{Value, json};
use support::{Stack, users};

use super::{after, one_job, outcome_of};
use crate::{messages, notification};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_named_directly_are_answered_with_where_to_go_on() {
    let mut stack = Stack::new("", &users(60), 300).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let jobs = plan.job_ids().filter(|job| job.action() == Action::Identify);
    let mut left: Vec<String> = jobs.map(|job| key::job(&plan.sync.name, &plan.run, job)).collect();
    let (mut requests, mut parts) = (0, 0);
    while !left.is_empty() {
        let event = json!({"jobs": left});
        let answer = stack
            .invoke_sender(Action::Identify, event, Some(after(15)))
            .await
            .unwrap();
        let ends = answer["jobs"].as_array().unwrap();
        assert_eq!(ends.len(), left.len());
        for (end, job) in ends.iter().zip(&left) {
            assert_eq!(end["job"], **job);
            assert!(end["end"] == "done" || end["next"].is_string(), "{end}");
            parts += usize::from(end["next"].is_string() && end["next"] != end["job"]);
        }
        left = ends
            .iter()
            .filter_map(|end| Some(end["next"].as_str()?.to_owned()))
            .collect();
        requests += 1;
    }
    assert!(requests > 3 && parts > 0, "{requests} requests, {parts} parts");
    let ledger = stack.ledger().await.unwrap();
    assert!(
        !ledger
            .keys()
            .any(|key| key.starts_with("jobs/") && key.contains(".1.json")),
        "the caller goes on"
    );
    stack.send(&plan).await.unwrap();
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 60);
    assert_eq!(stack.accepted().await.unwrap().len(), 60 + 42);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_no_time_is_left_for_come_again_and_stopped_jobs_do_not() {
    let stack = Stack::new("", &users(60), 300).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let jobs: Vec<Value> = plan
        .job_ids()
        .filter(|job| job.action() == Action::Identify)
        .map(|job| notification(&key::job(&plan.sync.name, &plan.run, job)))
        .collect();
    assert!(jobs.len() > 2);
    let answer = stack
        .invoke_sender(Action::Identify, messages(&jobs), Some(after(5)))
        .await
        .unwrap();
    let failed: Vec<&str> = answer["batchItemFailures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["itemIdentifier"].as_str().unwrap())
        .collect();
    let others: Vec<String> = (1..jobs.len()).map(|place| format!("m{place}")).collect();
    assert_eq!(failed, others);
    let next = key::parse_job(jobs[0]["Records"][0]["s3"]["object"]["key"].as_str().unwrap())
        .unwrap()
        .job_part()
        .next();
    assert!(
        stack
            .ledger()
            .await
            .unwrap()
            .contains_key(&key::job(&plan.sync.name, &plan.run, next))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn error_of_a_job_named_directly_names_the_job() {
    let (stack, _, job) = one_job("", 5).await;
    let missing = job.replace("000000-000000", "000007-000000");
    let event = json!({"jobs": [job, missing]});
    let error = stack.invoke_sender(Action::Identify, event, None).await.unwrap_err();
    assert!(error.to_string().contains(&format!("`{missing}`")), "{error}");
    assert!(stack.ledger().await.unwrap().contains_key(&outcome_of(&job)));
}
