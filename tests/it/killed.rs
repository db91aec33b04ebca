//! A process killed at any of its calls to the ledger: what is run again ends as if nothing had been.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::{MappingReport, Plan, Report, RunStatus, key};
use sender::Terms;
use support::{Interposed, Stack, users};
use tokio::sync::Notify;

/// Ends what works at one call to the ledger, before it is made, which is after the one before it was.
#[derive(Debug, Clone, Default)]
struct Killer {
    calls: Arc<AtomicUsize>,
    killed: Arc<Notify>,
}

impl Killer {
    fn stand_before(&self, stack: &mut Stack, at: usize) {
        let Self { calls, killed } = self.clone();
        let before = move |_| {
            let is_last = calls.fetch_add(1, Ordering::SeqCst) == at;
            let killed = Arc::clone(&killed);
            async move {
                if is_last {
                    killed.notify_one();
                    pending::<()>().await;
                }
            }
        };
        stack.replace(|ledger| Interposed::new(ledger, before)).unwrap();
    }

    /// Waits for the work, which is done anew if it is killed.
    async fn outlive<T, F: Future<Output = anyhow::Result<T>>>(&self, work: impl Fn() -> F) -> T {
        tokio::select! {
            done = work() => done.unwrap(),
            () = self.killed.notified() => work().await.unwrap(),
        }
    }
}

/// Runs everything, with a kill at the call `at`, and returns the report and the names in the ledger; `None` if there are no so many calls.
async fn run(at: usize) -> Option<(Report, BTreeSet<String>)> {
    let mut stack = Stack::new("", &users(60), 700).await.unwrap();
    let killer = Killer::default();
    killer.stand_before(&mut stack, at);
    let plan = killer.outlive(|| async { Ok(stack.schedule().await?.plan) }).await;
    for job in plan.job_ids() {
        let key = key::job(&plan.sync.name, &plan.run, job);
        killer
            .outlive(|| async { Ok(stack.send_part(&key, &Terms::default()).await?) })
            .await;
        let outcome = key::outcome(&plan.sync.name, &plan.run, job);
        killer.outlive(|| stack.notify_reporter([outcome.as_str()])).await;
    }
    if killer.calls.load(Ordering::SeqCst) <= at {
        return None;
    }
    let report = stack.report(&plan).await.unwrap();
    let names = names(&stack, &plan).await;
    // The same ids, whoever sent them.
    assert_eq!(stack.accepted().await.unwrap().len(), 60 + 42, "call {at}");
    Some((report, names))
}

async fn names(stack: &Stack, plan: &Plan) -> BTreeSet<String> {
    let ledger = stack.ledger().await.unwrap();
    let run = plan.run.to_string();
    let name = |key: String| match key.split_once('/') {
        // By when the extract was written.
        Some(("claims", _)) => "claim".to_owned(),
        _ => key.replace(&run, "run"),
    };
    ledger.into_keys().map(name).collect()
}

fn counts(report: &Report) -> (u64, &[MappingReport], RunStatus) {
    (report.rows, &report.mappings, report.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_is_killed_between_any_two_of_its_calls_leaves_the_ledger_as_if_it_had_not_been() {
    let mut calls = 0;
    let mut first = None;
    while let Some((report, names)) = run(calls).await {
        crate::assert_accounted(&report, 60);
        let (other, expected) = first.get_or_insert_with(|| (report.clone(), names.clone()));
        assert_eq!(counts(&report), counts(other), "call {calls}");
        assert_eq!(&names, expected, "call {calls}");
        calls += 1;
    }
    assert!(calls > 30, "{calls} calls");
}
