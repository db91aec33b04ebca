//! Runs that are open: whatever became of their jobs, passes close them, and leave those alone that go on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ledger::{Document, Job, JobPart, Plan, Status, key};
use scheduler::handle;
use serde_json::json;

use crate::bucket::{BUCKET, Bucket};
use crate::open::{Open, continued, done};

const HOUR: Duration = Duration::from_hours(1);
const DAY: i64 = 24;

/// The template, whose longest times the sweep's are made of.
const TEMPLATE: &str = include_str!("../../../../infra/template.yaml");
const STATE_MACHINE: &str = include_str!("../../../../infra/sync.asl.json");

#[tokio::test]
async fn jobs_that_were_not_handed_out_are_though_their_extract_is_gone() {
    let open = Open::new().await;
    let bucket = &open.bucket;
    let missing = open.job_key(open.jobs[0].id);
    let written = bucket.server.read(BUCKET, &missing).unwrap();
    for key in ["drop/a.csv", "drop/b.csv", &missing] {
        bucket.server.remove(BUCKET, key).unwrap();
    }
    bucket.age(&open.plan_key(), HOUR);
    let error = handle(&bucket.context, json!({"sync": "users"})).await.unwrap_err();
    assert!(error.to_string().contains("no extract"), "{error}");
    assert_eq!(bucket.server.read(BUCKET, &missing).unwrap(), written);
    assert_eq!(bucket.writes(), [("create", missing)]);
}

#[tokio::test]
async fn run_that_is_just_being_planned_is_left_to_whoever_plans_it() {
    let open = Open::new().await;
    open.bucket
        .server
        .remove(BUCKET, &open.job_key(open.jobs[0].id))
        .unwrap();
    assert_eq!(open.sweep_in(0).await, []);
}

#[tokio::test]
async fn jobs_of_an_open_run_that_was_reset_are_handed_out_all_the_same() {
    let open = Open::new().await;
    let bucket = &open.bucket;
    let missing = open.job_key(open.jobs[1].id);
    bucket.server.remove(BUCKET, &missing).unwrap();
    bucket.age(&open.plan_key(), HOUR);
    let reset = json!({"version": 1, "sync": "users", "reset_at": Timestamp::now(), "runs": [open.plan.run]});
    let key = format!("{}{}.json", key::reset_prefix(&open.plan.sync.name), open.plan.run);
    bucket.put(&key, &reset.to_string());
    // The extracts are a new run's; the old one's job is there again, too.
    let runs = bucket.whole_pass().await;
    assert_eq!(runs, [["drop/a.csv", "drop/b.csv"]]);
    assert!(bucket.writes().contains(&("create", missing)));
    assert_ne!(bucket.plan().await.run, open.plan.run);
}

#[tokio::test]
async fn jobs_that_nobody_carries_any_more_are_put_there_again() {
    let open = Open::new().await;
    assert_eq!(open.sweep_in(8).await, []);
    assert_eq!(open.sweep_in(10).await, open.puts());
    // By the clock that the bucket has they were just put there.
    for key in [open.plan_key(), open.job_key(open.jobs[1].id)] {
        open.bucket.age(&key, 10 * HOUR);
    }
    assert_eq!(open.sweep_in(0).await, []);
}

#[test]
fn jobs_are_put_there_again_only_after_all_tries_that_their_queue_gives_them() {
    let numbers = |name: &str| -> Vec<u64> {
        let texts = TEMPLATE.split(name).skip(1);
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        texts.filter_map(|text| digits(text).parse().ok()).collect()
    };
    let visibility = numbers("{Visibility: ").into_iter().max().unwrap();
    let receives = numbers("maxReceiveCount: ").into_iter().max().unwrap();
    let dead = numbers("VisibilityTimeout: ").into_iter().max().unwrap();
    assert!(visibility * receives + dead < 9 * 3_600);
    let timeout = numbers("\n      Timeout: ").into_iter().max().unwrap();
    assert!(timeout <= 15 * 60);
    let kept = TEMPLATE.split("OutcomeDays:\n").nth(1).unwrap();
    assert!(kept.contains("MinValue: 15"), "{kept}");
}

#[tokio::test]
async fn run_of_which_a_job_just_ended_is_left_alone() {
    let open = Open::new().await;
    let old = open.jobs.iter().map(|job| open.job_key(job.id));
    for key in old.chain([open.plan_key()]) {
        open.bucket.age(&key, 20 * HOUR);
    }
    open.conclude(&done(&open.jobs[0])).await;
    assert_eq!(open.sweep_in(0).await, []);
    assert_eq!(open.sweep_in(10).await, open.puts()[1..]);
}

#[tokio::test]
async fn job_that_was_stopped_goes_on_where_its_last_part_ended() {
    let open = Open::new().await;
    let first = continued(&open.jobs[0]);
    open.conclude(&first).await;
    open.conclude(&done(&open.jobs[1])).await;
    // Its message may carry the rest.
    assert_eq!(open.sweep_in(8).await, []);
    let second = first.next_part(&open.jobs[0]).unwrap();
    let key = open.job_key(second.job_part());
    assert_eq!(open.sweep_in(10).await, [("put", key.clone())]);
    let json = open.bucket.server.read(BUCKET, &key).unwrap();
    let written = Job::read(&key, &json).unwrap();
    assert_eq!((written.part, written.chunk), (1, second.chunk));
    // A part that has a job object is that one's.
    open.conclude(&continued(&second)).await;
    let third = second.job_part().next();
    assert_eq!(open.sweep_in(10).await, [("put", open.job_key(third))]);
}

#[tokio::test]
async fn reporter_is_told_again_of_a_run_all_of_whose_jobs_have_ended() {
    let open = Open::new().await;
    for job in &open.jobs {
        open.conclude(&done(job)).await;
    }
    let plan = open.bucket.server.read(BUCKET, &open.plan_key()).unwrap();
    assert_eq!(open.sweep_in(8).await, []);
    assert_eq!(open.sweep_in(10).await, [("put", open.plan_key())]);
    assert_eq!(open.bucket.server.read(BUCKET, &open.plan_key()).unwrap(), plan);
}

#[tokio::test]
async fn jobs_of_which_nothing_comes_for_days_are_lost_with_a_remedy() {
    let open = Open::new().await;
    open.conclude(&continued(&open.jobs[0])).await;
    assert_eq!(open.sweep_in(7 * DAY).await.len(), 2);
    let parts = [JobPart::from(open.jobs[0].id).next(), JobPart::from(open.jobs[1].id)];
    let lost = parts.map(|part| ("create", open.outcome_key(part)));
    assert_eq!(open.sweep_in(9 * DAY).await, lost);
    for part in parts {
        let outcome = open.outcome(part).await;
        let Status::Failed { code, message } = &outcome.status else {
            panic!("{outcome:?}");
        };
        assert_eq!((code.as_str(), outcome.part), ("job_lost", part.part));
        assert!(message.contains("backhaul retry"), "{message}");
    }
    // Nothing is left but to report.
    assert_eq!(open.sweep_in(10 * DAY).await, [("put", open.plan_key())]);
}

#[tokio::test]
async fn outcome_that_a_sender_wrote_after_all_stays() {
    let open = Open::new().await;
    open.conclude(&done(&open.jobs[0])).await;
    let outcome = open.outcome_key(open.jobs[0].id);
    let written = open.bucket.server.read(BUCKET, &outcome).unwrap();
    assert_eq!(
        open.sweep_in(9 * DAY).await,
        [("create", open.outcome_key(open.jobs[1].id))]
    );
    assert_eq!(open.bucket.server.read(BUCKET, &outcome).unwrap(), written);
}

#[tokio::test]
async fn jobs_of_a_run_as_old_as_outcomes_may_be_are_not_handed_out() {
    let open = Open::new().await;
    // One just ended, but what became of those before it nobody can know.
    open.bucket
        .server
        .remove(BUCKET, &open.job_key(open.jobs[1].id))
        .unwrap();
    let plan = Plan {
        created_at: Timestamp::now() - SignedDuration::from_hours(15 * DAY),
        ..open.plan.clone()
    };
    open.replan(&plan).await;
    open.bucket.age(&open.plan_key(), 15 * 24 * HOUR);
    open.conclude(&done(&open.jobs[0])).await;
    assert_eq!(open.sweep_in(1).await, []);
    assert_eq!(open.sweep_in(10).await, [("create", open.outcome_key(open.jobs[1].id))]);
}

#[tokio::test]
async fn jobs_that_a_caller_hands_out_are_its_for_two_days_and_then_the_queues() {
    let bucket = Bucket::new("object").await;
    bucket.put_users(&["drop/a.csv", "drop/b.csv"]);
    let event = json!({"sync": "users", "fan_out": "caller"});
    handle(&bucket.context, event.clone()).await.unwrap();
    let plan = bucket.plan().await;
    let jobs: Vec<Job> = plan.jobs().collect();
    drop(bucket.writes());
    let open = Open { bucket, plan, jobs };
    let timeout = STATE_MACHINE.split("\"TimeoutSeconds\": ").nth(1).unwrap();
    let seconds: i64 = timeout.split(',').next().unwrap().parse().unwrap();
    let hours = seconds / 3600;
    assert_eq!(open.sweep_in(hours).await, []);
    assert_eq!(open.sweep_in(hours + 2).await, open.puts());
    // A caller that is told to hand them out is not joined by the queues.
    let keys = open.jobs.iter().map(|job| open.job_key(job.id));
    let batches = key::batches(&open.plan.sync.name, &open.plan.run);
    for key in keys.chain([open.plan_key(), batches.clone()]) {
        open.bucket.age(&key, 72 * HOUR);
    }
    handle(&open.bucket.context, event).await.unwrap();
    assert_eq!(open.bucket.writes(), [("create", batches)]);
}

#[tokio::test]
async fn sync_that_is_off_hands_out_nothing_and_its_runs_close() {
    let open = Open::new().await;
    open.bucket
        .server
        .remove(BUCKET, &open.job_key(open.jobs[0].id))
        .unwrap();
    let mut sync = open.plan.sync.clone();
    sync.destination.enabled = false;
    let off = Open {
        plan: Plan {
            sync,
            ..open.plan.clone()
        },
        ..open
    };
    assert_eq!(off.sweep_in(1).await, []);
    assert_eq!(off.sweep_in(10).await, []);
    assert_eq!(off.sweep_in(9 * DAY).await.len(), 2);
}

#[tokio::test]
async fn trial_on_one_machine_is_none_of_a_stacks_business() {
    let open = Open::new().await;
    let plan = Plan {
        sent_to: Some("a sink".to_owned()),
        ..open.plan.clone()
    };
    open.replan(&plan).await;
    assert_eq!(open.sweep_in(9 * DAY).await, []);
}

#[tokio::test]
async fn broken_plan_keeps_no_other_run_waiting() {
    let open = Open::new().await;
    let (name, other) = (&open.plan.sync.name, ledger::RunId::new(Timestamp::now(), [1; 10]));
    open.bucket.put(&key::plan(name, &other), "{");
    assert_eq!(open.sweep_in(10).await, open.puts());
}

#[tokio::test]
async fn nothing_of_closed_runs_is_read() {
    let open = Open::new().await;
    open.bucket
        .put(&key::report_json(&open.plan.sync.name, &open.plan.run), "{}");
    assert_eq!(open.sweep_in(9 * DAY).await, []);
    let calls = open.bucket.calls.calls();
    assert_eq!(calls.iter().filter(|call| call.method == "get").count(), 0, "{calls:?}");
}

#[tokio::test]
async fn object_that_is_told_of_sweeps_nothing() {
    let open = Open::new().await;
    open.bucket.age(&open.plan_key(), 10 * HOUR);
    for job in &open.jobs {
        open.bucket.age(&open.job_key(job.id), 10 * HOUR);
    }
    open.bucket.tell("drop/a.csv").await;
    assert_eq!(open.bucket.writes(), []);
    open.bucket.whole_pass().await;
    assert_eq!(open.bucket.writes(), open.puts());
}
