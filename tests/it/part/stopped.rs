//! What a job leaves that stops, that dies, or that cannot deliver.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use ledger::{Document, Job, Outcome, key};
use sender::{Clock, Deadline, GoesOn, JobEnd, SendError, Terms};
use support::Stack;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::{Looks, after, begun_late, looks, one_job, outcome_of, terms};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sender_that_died_before_it_wrote_the_next_part_has_lost_nothing() {
    let (mut stack, plan, job) = one_job("", 50).await;
    // Whose caller goes on writes no job: as if it had died after the outcome.
    let JobEnd::Continued { next } = stack.send_part(&job, &terms(20, GoesOn::Caller)).await.unwrap() else {
        panic!("not stopped")
    };
    assert!(!stack.ledger().await.unwrap().contains_key(&next));
    // Its message comes again, and nobody else has the rest.
    let again = stack.send_part(&job, &terms(20, GoesOn::Queue)).await.unwrap();
    let JobEnd::Continued { next: third } = again else {
        panic!("not stopped")
    };
    let ledger = stack.ledger().await.unwrap();
    assert!(ledger.contains_key(&outcome_of(&next)) && !ledger.contains_key(&next));
    assert!(ledger.contains_key(&third) && !ledger.contains_key(&outcome_of(&third)));
    // And once more, which changes nothing: the rest has a message of its own now.
    let once_more = stack.send_part(&job, &terms(20, GoesOn::Queue)).await.unwrap();
    assert_eq!(once_more, JobEnd::Continued { next: third.clone() });
    assert_eq!(stack.ledger().await.unwrap(), ledger);
    assert_eq!(stack.send_part(&third, &Terms::default()).await.unwrap(), JobEnd::Done);
    stack.send(&plan).await.unwrap();
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 50);
    assert_eq!(stack.accepted().await.unwrap().len(), 50 + 32);
}

/// A clock behind whose looks somebody waits to be let on.
#[derive(Debug)]
struct Gate {
    looks: Looks,
    arrived: UnboundedSender<()>,
    opened: Mutex<mpsc::Receiver<()>>,
}

impl Clock for Gate {
    fn now(&self) -> Instant {
        let now = self.looks.now();
        if now > self.looks.start {
            let _ = self.arrived.send(());
            // Until the other end is dropped.
            let _ = self.opened.lock().unwrap().recv();
        }
        now
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_senders_that_stop_at_different_rows_the_first_to_write_is_gone_on_from() {
    let (stack, plan, job) = one_job("", 60).await;
    let stack = Arc::new(stack);
    let (arrived, mut arrival) = unbounded_channel();
    let (open, opened) = mpsc::channel();
    let gate = Gate {
        looks: looks(40),
        arrived,
        opened: Mutex::new(opened),
    };
    let late = Terms {
        deadline: Some(Deadline::in_time(Duration::from_hours(1), Arc::new(gate))),
        goes_on: GoesOn::Queue,
    };
    let second = tokio::spawn({
        let (stack, job) = (Arc::clone(&stack), job.clone());
        async move { stack.send_part(&job, &late).await }
    });
    arrival.recv().await.unwrap();
    let first = stack.send_part(&job, &terms(20, GoesOn::Caller)).await.unwrap();
    drop(open);
    assert_eq!(second.await.unwrap().unwrap(), first);

    let ledger = stack.ledger().await.unwrap();
    let JobEnd::Continued { next } = first else {
        panic!("not stopped")
    };
    let outcome = Outcome::from_json(&ledger[&outcome_of(&job)]).unwrap();
    let part = Job::from_json(&ledger[&next]).unwrap();
    assert_eq!(part.rows_before, outcome.work.rows);
    stack.send(&plan).await.unwrap();
    assert!(stack.report(&plan).await.is_err(), "the next part is not done");
    assert_eq!(stack.send_part(&next, &Terms::default()).await.unwrap(), JobEnd::Done);
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_that_had_no_time_for_a_row_has_no_outcome() {
    let (stack, _, job) = one_job("", 50).await;
    let before = stack.ledger().await.unwrap();
    let past = Terms {
        deadline: Some(Deadline::in_time(Duration::ZERO, Arc::new(looks(9)))),
        goes_on: GoesOn::Queue,
    };
    assert!(matches!(stack.send_part(&job, &past).await, Err(SendError::OutOfTime)));
    assert_eq!(stack.ledger().await.unwrap(), before);
}

/// Carries a job out, a part after the other, each with a deadline; again where it made no progress. Returns how often it stopped.
async fn to_its_end(stack: &Stack, mut job: String, mut deadline: impl FnMut(u32) -> Deadline) -> usize {
    let (mut stops, mut tries) = (0, 0);
    loop {
        let terms = Terms {
            deadline: Some(deadline(tries)),
            goes_on: GoesOn::Queue,
        };
        match stack.send_part(&job, &terms).await {
            Ok(JobEnd::Continued { next }) => (job, stops, tries) = (next, stops + 1, 0),
            Err(SendError::OutOfTime | SendError::Delivery(_)) => tries += 1,
            end => {
                assert_eq!(end.unwrap(), JobEnd::Done);
                return stops;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_delivered_goes_on_from_the_first_row_that_was_not() {
    let (mut stack, plan, _) = one_job("503:96%,seed:3", 12_000).await;
    let mut stops = 0;
    for job in plan.job_ids() {
        let job = key::job(&plan.sync.name, &plan.run, job);
        stops += to_its_end(&stack, job, |_| after(u64::MAX)).await;
    }
    assert!(stops > 0, "everything was delivered at once");
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 12_000);
    assert_eq!(stack.accepted().await.unwrap().len(), 12_000 + 12_000 * 82 / 100);
}

/// The machine's clock, in an invocation that begins late.
#[derive(Debug, Default)]
struct Late(AtomicBool);

impl Clock for Late {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> Timestamp {
        begun_late(&self.0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_without_an_answer_are_not_waited_for_beyond_the_deadline() {
    let (mut stack, _, job) = one_job("stall:40%,seed:5", 12_000).await;
    let stops = to_its_end(&stack, job, |tries| {
        let left = Duration::from_millis(600) * (tries + 1);
        Deadline::in_time(left, Arc::new(Late::default()))
    });
    assert!(stops.await > 0, "every request was answered");
    assert_eq!(stack.accepted().await.unwrap().len(), 12_000);
}
