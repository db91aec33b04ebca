//! Parts whose queue gave up on them.

use ledger::{Document, Outcome, Status, key};
use mapping::Action;
use sender::{GoesOn, JobEnd, Terms};

use super::{one_job, outcome_of, terms};
use crate::{messages, notification};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_that_dies_in_a_later_part_fails_with_the_rows_that_were_sent() {
    let (stack, plan, job) = one_job("", 60).await;
    let JobEnd::Continued { next } = stack.send_part(&job, &terms(20, GoesOn::Queue)).await.unwrap() else {
        panic!("not stopped")
    };
    // It died again and again after it had written the next part: that one is under way, and nothing is wrong with it.
    stack.invoke_reporter(messages(&[notification(&job)])).await.unwrap();
    assert!(!stack.ledger().await.unwrap().contains_key(&outcome_of(&next)));
    stack.invoke_reporter(messages(&[notification(&next)])).await.unwrap();
    for job in plan.job_ids().filter(|job| job.action() == Action::Track) {
        let job = key::job(&plan.sync.name, &plan.run, job);
        assert_eq!(stack.send_part(&job, &Terms::default()).await.unwrap(), JobEnd::Done);
    }
    let report = stack.report(&plan).await.unwrap();
    assert_eq!(
        (report.jobs.done, report.jobs.failed, report.failures[0].code.as_str()),
        (1, 1, "job_died")
    );
    let sent = Outcome::from_json(&stack.ledger().await.unwrap()[&outcome_of(&job)])
        .unwrap()
        .work
        .rows;
    assert_eq!(report.mappings[0].sent, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn part_that_no_sender_came_to_write_is_what_died() {
    let (stack, plan, job) = one_job("", 60).await;
    let JobEnd::Continued { next } = stack.send_part(&job, &terms(20, GoesOn::Caller)).await.unwrap() else {
        panic!("not stopped")
    };
    stack.send_part(&next, &terms(10, GoesOn::Caller)).await.unwrap();
    let next = key::job(
        &plan.sync.name,
        &plan.run,
        key::parse_job(&next).unwrap().job_part().next(),
    );
    stack.invoke_reporter(messages(&[notification(&job)])).await.unwrap();
    let outcome = Outcome::from_json(&stack.ledger().await.unwrap()[&outcome_of(&next)]).unwrap();
    assert!(matches!(outcome.status, Status::Failed { .. }) && outcome.part == 2);
    assert!(stack.report(&plan).await.is_err(), "the other action's job is left");
}
