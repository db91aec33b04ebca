//! A Tracking API that cannot be reached: jobs wait for it, for a day.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use ledger::{Document, Job, Outcome, RunStatus, Status, key};
use mapping::Action;
use sender::{Clock, Deadline, GoesOn, JobEnd, Terms};
use serde_json::{Value, json};
use support::Stack;
use tokio::time::Instant;

use super::{one_job, outcome_of};
use crate::{messages, notification};

/// A clock that stands still during an invocation of five minutes.
#[derive(Debug)]
struct Still {
    start: Instant,
    wall: Mutex<Timestamp>,
}

impl Clock for Still {
    fn now(&self) -> Instant {
        self.start
    }

    fn wall(&self) -> Timestamp {
        *self.wall.lock().unwrap()
    }
}

impl Still {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            wall: Mutex::new(Timestamp::now()),
        })
    }

    fn pass(&self, time: Duration) {
        *self.wall.lock().unwrap() += time;
    }

    fn deadline(self: &Arc<Self>) -> Deadline {
        Deadline::in_time(Duration::from_mins(5), Arc::clone(self) as _)
    }

    fn terms(self: &Arc<Self>, goes_on: GoesOn) -> Terms {
        Terms {
            deadline: Some(self.deadline()),
            goes_on,
        }
    }
}

/// One job of 50 users, and an API that answers nothing but 503.
async fn unreachable() -> (Stack, ledger::Plan, String) {
    let (mut stack, plan, job) = one_job("503:100%", 50).await;
    stack.tune(|options| options.retry.max_tries = 2).unwrap();
    (stack, plan, job)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_that_cannot_be_delivered_goes_on_later_as_another_message() {
    let (stack, _, job) = unreachable().await;
    let clock = Still::new();
    let event = messages(&[notification(&job)]);
    let answer = stack
        .invoke_sender(Action::Identify, event, Some(clock.deadline()))
        .await
        .unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let ledger = stack.ledger().await.unwrap();
    let outcome = Outcome::from_json(&ledger[&outcome_of(&job)]).unwrap();
    assert!(matches!(outcome.status, Status::Continued { .. }) && outcome.work.rows == 0);
    let next = ledger
        .keys()
        .find(|key| key::parse_job(key).is_ok_and(|job| job.part == 1))
        .unwrap();
    let part = Job::from_json(&ledger[next]).unwrap();
    let first = Job::from_json(&ledger[&job]).unwrap();
    let waits = part.undelivered.unwrap();
    assert_eq!((part.chunk, part.rows_before), (first.chunk, 0));
    assert_eq!(waits.not_before, waits.since + Duration::from_mins(1));

    clock.pass(Duration::from_mins(1));
    let second = stack.send_part(next, &clock.terms(GoesOn::Queue)).await.unwrap();
    assert!(matches!(second, JobEnd::Continued { .. }));
    clock.pass(Duration::from_mins(3));
    let JobEnd::Continued { next: third } = stack.send_part(next, &clock.terms(GoesOn::Queue)).await.unwrap() else {
        panic!("not left to its message")
    };
    let fourth = stack.send_part(&third, &clock.terms(GoesOn::Queue)).await.unwrap();
    let JobEnd::Continued { next: fourth } = fourth else {
        panic!("no fourth part")
    };
    // A message comes at once, and a wait of four minutes is no work for a function: it comes again.
    let before = stack.ledger().await.unwrap();
    let event = messages(&[notification(&fourth)]);
    let answer = stack
        .invoke_sender(Action::Identify, event, Some(clock.deadline()))
        .await
        .unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m0"}]}));
    assert_eq!(stack.ledger().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_is_told_how_long_to_wait() {
    let (stack, _, job) = unreachable().await;
    let clock = Still::new();
    let ask = async |job: &str| {
        let answer = stack
            .invoke_sender(Action::Identify, json!({"jobs": [job]}), Some(clock.deadline()))
            .await;
        answer.unwrap()
    };
    let answer = ask(&job).await;
    let next = answer["jobs"][0]["next"].as_str().unwrap();
    let told = |answer: &Value| {
        (
            answer["jobs"][0]["end"].clone(),
            answer["after_seconds"].as_u64().unwrap(),
        )
    };
    assert_eq!(told(&answer), (json!("continued"), 61));
    assert_eq!(answer["jobs"][0]["after_seconds"], 61);
    // Who does not wait is told the same part again.
    clock.pass(Duration::from_secs(20));
    let early = ask(next).await;
    assert_eq!((early["jobs"][0]["next"].as_str(), told(&early).1), (Some(next), 41));
    let ledger = stack.ledger().await.unwrap();
    assert!(!ledger.contains_key(next) && !ledger.contains_key(&outcome_of(next)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_closes_after_a_day_without_an_api_and_not_before() {
    let (stack, plan, _) = unreachable().await;
    let clock = Still::new();
    let first = clock.wall();
    for job in plan.job_ids() {
        let mut part = key::job(&plan.sync.name, &plan.run, job);
        let since = clock.wall();
        let day = Duration::from_hours(24);
        loop {
            match stack.send_part(&part, &clock.terms(GoesOn::Caller)).await.unwrap() {
                JobEnd::Waiting { next, after } => {
                    assert!(after <= Duration::from_mins(30) && clock.wall() < since + day);
                    part = next;
                    clock.pass(after);
                }
                end => {
                    assert_eq!(end, JobEnd::Failed);
                    assert!(clock.wall() >= since + day);
                    break;
                }
            }
        }
    }
    assert!(clock.wall() < first + Duration::from_hours(50));
    let report = stack.report(&plan).await.unwrap();
    assert_eq!((report.status, report.jobs.failed), (RunStatus::Failed, 2));
    assert!(report.failures.iter().all(|failure| failure.code == "undeliverable"));
    assert!(report.failures[0].message.contains("backhaul retry"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn api_without_any_answer_is_waited_for_however_short_the_function() {
    let (stack, _, job) = one_job("stall:100%", 50).await;
    let deadline = Deadline::of_invocation(SystemTime::now() + Duration::from_secs(3));
    let event = messages(&[notification(&job)]);
    let answer = stack.invoke_sender(Action::Identify, event, deadline).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let ledger = stack.ledger().await.unwrap();
    let outcome = Outcome::from_json(&ledger[&outcome_of(&job)]).unwrap();
    assert_eq!(outcome.work.rows, 0);
    let next = outcome.next_part(&Job::from_json(&ledger[&job]).unwrap()).unwrap();
    assert!(next.undelivered.is_some());
}
