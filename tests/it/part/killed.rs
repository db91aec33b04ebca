//! Senders that are killed: whoever has their message begins at the last checkpoint.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use ledger::{Document, Outcome, Plan, Status, key};
use proptest::prelude::*;
use sender::{GoesOn, JobEnd, SendError, Terms};
use support::{Call, Stack, users};
use tokio::sync::Notify;

use super::tiling::{FORMATS, Sums, WHOLE, block_on, check_tiling, comparable, extract, rejected};
use super::{one_job, outcome_of, terms};
use crate::{messages, notification};

/// Requests under way at once, and calls of each.
const IN_FLIGHT: usize = 2;
const BATCH: usize = 4;

/// When a sender is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// Before this call of the ledger.
    AtCall(u64),
    /// When it was woken so many times: what it waits for is the API most of the time.
    AtWake(u64),
}

/// A sender that does not outlive so many polls.
struct Mortal<W>(Pin<Box<W>>, u64);

impl<W: Future> Future for Mortal<W> {
    type Output = Option<W::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.1.checked_sub(1) else {
            return Poll::Ready(None);
        };
        self.1 = left;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// What comes before a sender's calls of the ledger.
#[derive(Debug)]
struct Killer {
    calls_left: AtomicU64,
    now: Notify,
}

impl Killer {
    fn in_front_of(stack: &mut Stack) -> Arc<Self> {
        let killer = Arc::new(Self {
            calls_left: AtomicU64::new(u64::MAX),
            now: Notify::new(),
        });
        let own = Arc::clone(&killer);
        let before = move |_: Call| {
            let killer = Arc::clone(&own);
            async move {
                if killer.calls_left.fetch_sub(1, Ordering::Relaxed) == 0 {
                    killer.now.notify_one();
                    std::future::pending::<()>().await;
                }
            }
        };
        stack.interpose_sender(before).unwrap();
        killer
    }

    /// Carries a part out; `None`: it was killed.
    async fn send(
        &self,
        stack: &Stack,
        part: &str,
        terms: &Terms,
        kill: Option<Kill>,
    ) -> Option<Result<JobEnd, SendError>> {
        let (calls, wakes) = match kill {
            None => (u64::MAX, u64::MAX),
            Some(Kill::AtCall(calls)) => (calls, u64::MAX),
            Some(Kill::AtWake(wakes)) => (u64::MAX, wakes),
        };
        self.calls_left.store(calls, Ordering::Relaxed);
        tokio::select! {
            biased;
            () = self.now.notified() => None,
            end = Mortal(Box::pin(stack.send_part(part, terms)), wakes) => end,
        }
    }
}

fn tune(stack: &mut Stack, checkpoint_calls: u64) {
    let options = |options: &mut sender::Options| {
        options.requests_in_flight = IN_FLIGHT;
        options.batch_events = BATCH;
        options.checkpoint_calls = checkpoint_calls;
    };
    stack.tune(options).unwrap();
}

/// Calls that are sent again for one kill at most: those since the last checkpoint, and what was or could have been under way, and the
/// batch that fills up.
fn cost_of_a_kill(checkpoint_calls: u64) -> u64 {
    checkpoint_calls + (2 * IN_FLIGHT as u64 + 1) * BATCH as u64
}

/// The job objects of later parts: S3 tells the queue of these.
async fn later_parts(stack: &Stack) -> BTreeSet<String> {
    let is_later = |key: &String| key::parse_job(key).is_ok_and(|job| job.part > 0);
    stack.ledger().await.unwrap().into_keys().filter(is_later).collect()
}

/// Carries the jobs of a plan out as a queue hands them out: a message whose sender was killed comes again. Each sender in turn is
/// killed, and has a deadline after so many looks at the clock, as `fates` say; then they live on. Returns how many were killed, and
/// how many stopped with calls under way.
async fn by_queue(stack: &Stack, killer: &Killer, plan: &Plan, fates: &[(Option<Kill>, Option<u64>)]) -> u64 {
    let first = plan.job_ids().map(|job| key::job(&plan.sync.name, &plan.run, job));
    let mut queue: VecDeque<String> = first.collect();
    let (mut told, mut cut, mut fates) = (BTreeSet::new(), 0, fates.iter());
    while let Some(message) = queue.pop_front() {
        let (kill, looks) = fates.next().copied().unwrap_or_default();
        let terms = looks.map_or_else(Terms::default, |looks| terms(looks, GoesOn::Queue));
        let end = killer.send(stack, &message, &terms, kill).await;
        match &end {
            Some(Ok(end)) => cut += u64::from(matches!(end, JobEnd::Continued { .. })),
            None | Some(Err(SendError::OutOfTime)) => {
                cut += 1;
                queue.push_front(message);
            }
            Some(Err(error)) => panic!("{error}"),
        }
        for part in later_parts(stack).await {
            if told.insert(part.clone()) {
                queue.push_back(part);
            }
        }
    }
    cut
}

fn kill() -> impl Strategy<Value = Kill> {
    prop_oneof![(0..24u64).prop_map(Kill::AtCall), (0..80u64).prop_map(Kill::AtWake)]
}

async fn run_killed(format: usize, checkpoint_calls: u64, fates: &[(Option<Kill>, Option<u64>)]) -> (Sums, u64, u64) {
    let (name, content) = extract(format);
    let mut stack = Stack::new("503:10%,reset-after:5%,seed:9", &users(1), 1_500)
        .await
        .unwrap();
    tune(&mut stack, checkpoint_calls);
    let killer = Killer::in_front_of(&mut stack);
    stack.drop_files(&[(name, content)]).unwrap();
    let plan = stack.schedule_file(&format!("drop/{name}")).await.unwrap().plan;
    let cut = by_queue(&stack, &killer, &plan, fates).await;
    let report = stack.report(&plan).await.unwrap();
    check_tiling(&stack, &plan).await;
    let again = stack.duplicates();
    let sums = (report, rejected(&stack).await, stack.accepted().await.unwrap());
    (sums, cut, again)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn killed_senders_lose_no_row_and_send_no_more_than_a_window_again(
        format in 0..FORMATS,
        checkpoint_calls in 1..40u64,
        fates in prop::collection::vec((prop::option::weighted(0.8, kill()), prop::option::weighted(0.2, 0..60u64)), 0..8),
    ) {
        let (report, rejected, accepted) = &WHOLE[format];
        let (sums, cut, again) = block_on(run_killed(format, checkpoint_calls, &fates));
        prop_assert_eq!(comparable(sums.0, report), comparable(report.clone(), report));
        prop_assert_eq!(&sums.1, rejected);
        prop_assert_eq!(&sums.2, accepted);
        // A request whose connection broke after it was taken is sent again too.
        let retried = 4 * BATCH as u64 * (cut + 10);
        prop_assert!(again <= cut * cost_of_a_kill(checkpoint_calls) + retried, "{} again, {} cut", again, cut);
    }
}

/// One job of 400 users, in batches of 4, with a checkpoint every 40 calls.
async fn one_small_batches() -> (Stack, Plan, String) {
    let (mut stack, plan, job) = one_job("", 400).await;
    tune(&mut stack, 40);
    (stack, plan, job)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_are_outcomes_without_job_objects_and_change_no_number() {
    let (mut stack, plan, job) = one_small_batches().await;
    stack.send(&plan).await.unwrap();
    let ledger = stack.ledger().await.unwrap();
    let of_job = outcome_of(&job);
    let parts = ledger
        .keys()
        .filter(|key| key.starts_with(of_job.trim_end_matches(".json")));
    assert!((6..=20).contains(&parts.count()), "400 calls");
    assert_eq!(later_parts(&stack).await.len(), 0);
    check_tiling(&stack, &plan).await;
    let report = stack.report(&plan).await.unwrap();
    crate::assert_accounted(&report, 400);
    assert_eq!((report.users, report.api_calls), (400, 400 + 328));
    assert_eq!(stack.duplicates(), 0);
    // What every part counts for itself adds up to what was done once. A header of 12 bytes was read when the run was planned.
    let metrics = stack.metrics().unwrap();
    let sums = ["Rows", "Requests", "BytesRead"].map(|name| format!("{}", metrics[name]));
    let (rows, requests, read) = (800, report.requests, report.bytes.read);
    assert_eq!(sums, [rows, requests, read].map(|count| count.to_string()));
    let size = std::fs::metadata(stack.path("users.csv")).unwrap().len();
    assert!((2 * (size - 12)..=2 * size).contains(&read), "{read} of 2 × {size}");
    assert_eq!(stack.accepted().await.unwrap().len(), 728);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_sender_s_message_goes_on_behind_the_last_checkpoint() {
    let (mut stack, _, job) = one_small_batches().await;
    let killer = Killer::in_front_of(&mut stack);
    // Its outcome, its job, five checkpoints, and before the sixth.
    let end = killer
        .send(&stack, &job, &Terms::default(), Some(Kill::AtCall(7)))
        .await;
    assert!(end.is_none());
    let outcomes = |ledger: std::collections::BTreeMap<String, Vec<u8>>| {
        ledger
            .into_iter()
            .filter(|(key, _)| key.starts_with("outcomes/"))
            .collect::<Vec<_>>()
    };
    let before = outcomes(stack.ledger().await.unwrap());
    assert_eq!(before.len(), 5);
    let is_checkpoint = |json: &[u8]| matches!(Outcome::from_json(json).unwrap().status, Status::Continued { .. });
    assert!(before.iter().all(|(_, json)| is_checkpoint(json)));
    let end = killer.send(&stack, &job, &Terms::default(), None).await;
    assert_eq!(end.unwrap().unwrap(), JobEnd::Done);
    let again = stack.duplicates();
    assert!(again > 0 && again <= cost_of_a_kill(40), "{again}");
    let after = outcomes(stack.ledger().await.unwrap());
    assert!(before.iter().all(|outcome| after.contains(outcome)));
    assert_eq!(stack.accepted().await.unwrap().len(), 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_that_dies_after_a_checkpoint_fails_from_there_on() {
    let (mut stack, plan, job) = one_small_batches().await;
    let killer = Killer::in_front_of(&mut stack);
    assert!(
        killer
            .send(&stack, &job, &Terms::default(), Some(Kill::AtCall(4)))
            .await
            .is_none()
    );
    stack.invoke_reporter(messages(&[notification(&job)])).await.unwrap();
    let others = plan.job_ids().map(|job| key::job(&plan.sync.name, &plan.run, job));
    for other in others.filter(|other| *other != job) {
        killer
            .send(&stack, &other, &Terms::default(), None)
            .await
            .unwrap()
            .unwrap();
    }
    let report = stack.report(&plan).await.unwrap();
    assert_eq!((report.jobs.failed, report.failures[0].code.as_str()), (1, "job_died"));
    let identify = report
        .mappings
        .iter()
        .find(|mapping| mapping.name == "identify")
        .unwrap();
    assert!(
        (40..=100).contains(&identify.sent),
        "two checkpoints: {}",
        identify.sent
    );
    // The queue may have had it once more all the same.
    let end = killer
        .send(&stack, &job, &Terms::default(), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(end, JobEnd::AlreadyDone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_senders_at_once_the_one_that_is_overtaken_goes_on_from_the_other_s_checkpoint() {
    let (mut stack, plan, job) = one_small_batches().await;
    let terms = Terms::default();
    let (one, other) = tokio::join!(stack.send_part(&job, &terms), stack.send_part(&job, &terms));
    for end in [one.unwrap(), other.unwrap()] {
        assert!(matches!(end, JobEnd::Done | JobEnd::AlreadyDone), "{end:?}");
    }
    stack.send(&plan).await.unwrap();
    check_tiling(&stack, &plan).await;
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 400);
    assert!(stack.accepted().await.unwrap().values().all(|&times| times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_refused_do_not_keep_checkpoints_waiting() {
    let (mut stack, plan, job) = one_job("400:20%,seed:4", 400).await;
    tune(&mut stack, 40);
    assert_eq!(stack.send_part(&job, &Terms::default()).await.unwrap(), JobEnd::Done);
    let ledger = stack.ledger().await.unwrap();
    assert!(ledger.keys().filter(|key| key.starts_with("outcomes/")).count() >= 5);
    stack.send(&plan).await.unwrap();
    crate::assert_accounted(&stack.report(&plan).await.unwrap(), 400);
}
