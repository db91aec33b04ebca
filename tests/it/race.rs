//! Schedulers that come in between each other's steps: every object ends in one run, whichever step it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::{Complete, Document, Plan};
use support::{OtherScheduler, Stack, users};

/// Most steps of a pass over three files.
const STEPS: usize = 12;

async fn stack(complete: Complete) -> Stack {
    let mut stack = Stack::new("", &users(1), 1_000).await.unwrap();
    stack.edit(|sync| sync.source.complete = complete);
    let files = [("a.csv", users(5)), ("b.csv", users(6)), ("_SUCCESS", String::new())];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, content)| (*name, content.as_str())).collect();
    stack.drop_files(&files).unwrap();
    stack
}

/// Returns how often each object is planned.
async fn planned(stack: &Stack) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (key, json) in stack.ledger().await.unwrap() {
        if key.ends_with("/plan.json") {
            for object in Plan::read(&key, &json).unwrap().objects {
                *counts.entry(object.key).or_default() += 1;
            }
        }
    }
    counts
}

/// What comes in between: another file, and another scheduler that sees it.
async fn come_between(other: OtherScheduler, folder: PathBuf, file: &'static str) {
    fs::write(folder.join(file), users(7)).unwrap();
    other.schedule(folder).await.unwrap();
}

/// Lets another scheduler pass before each step of one in turn. Returns how many runs there were at most.
async fn all_interleavings(complete: Complete, file: &'static str) -> usize {
    let mut most = 0;
    for step in 0..STEPS {
        let mut stack = stack(complete).await;
        let (other, folder) = (stack.other_scheduler(), stack.path("drop"));
        let count = Arc::new(AtomicUsize::new(0));
        stack.interpose(move |call| {
            let is_step = call.method == "create" && count.fetch_add(1, Ordering::SeqCst) == step;
            let between = is_step.then(|| come_between(other.clone(), folder.clone(), file));
            async move {
                if let Some(between) = between {
                    between.await;
                }
            }
        });
        stack.schedule_files(&["drop"]).await.unwrap();
        let runs = stack.schedule_files(&["drop"]).await.unwrap();
        let planned = planned(&stack).await;
        assert!(
            planned.len() >= 2 && planned.values().all(|&times| times == 1),
            "step {step}: {planned:?}"
        );
        most = most.max(runs.len());
    }
    most
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedulers_that_list_a_growing_folder_differently_plan_no_file_twice() {
    for file in ["0.csv", "a-b.csv", "c.csv"] {
        assert!(all_interleavings(Complete::Marker, file).await <= 2, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedulers_that_see_different_objects_plan_none_twice() {
    for file in ["0.csv", "c.csv"] {
        all_interleavings(Complete::Object, file).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claim_that_is_lost_to_a_run_planned_without_the_object_is_made_again() {
    let mut stack = Stack::new("", &users(20), 500).await.unwrap();
    let first = stack.schedule().await.unwrap();
    let is_claim = |key: &str| key.starts_with("claims/");
    let ledger = stack.ledger().await.unwrap();
    let claim = ledger.into_iter().find(|(key, _)| is_claim(key)).unwrap().1;
    fs::write(stack.path("more.csv"), users(30)).unwrap();

    // As the first run's scheduler would, had it seen the file and then lost the race for its plan.
    let state = stack.path("ledger");
    let count = Arc::new(AtomicUsize::new(0));
    let interposed = stack.interpose(move |call| {
        let is_first = call.method == "create" && is_claim(&call.key) && count.fetch_add(1, Ordering::SeqCst) == 0;
        if is_first {
            fs::write(state.join(&call.key), &claim).unwrap();
        }
        async {}
    });
    let runs = stack.schedule_files(&["more.csv"]).await.unwrap();
    // The run that the claim is of, and the one that has the object.
    assert_eq!((runs.len(), runs[0].plan.run), (2, first.plan.run));
    let second = &runs[1];
    assert_eq!(second.plan.objects[0].rows, Some(30));
    let claims = interposed.calls().into_iter();
    let claims: Vec<String> = claims
        .filter(|call| call.method == "create" && is_claim(&call.key))
        .map(|call| call.key)
        .collect();
    assert_eq!(claims.len(), 2);
    assert_eq!(claims[1], format!("{}.1", claims[0]));
    let planned = planned(&stack).await;
    assert!(
        planned.len() == 2 && planned.values().all(|&times| times == 1),
        "{planned:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_objects_are_claimed_by_a_listing_and_those_that_others_hold_are_not_planned_again() {
    let mut stack = Stack::new("", &users(1), 1_000).await.unwrap();
    let files = |from: usize, to: usize| -> Vec<(String, String)> {
        (from..to)
            .map(|number| (format!("{number:03}.csv"), users(2)))
            .collect()
    };
    let drop = |stack: &Stack, files: &[(String, String)]| {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, rows)| (name.as_str(), rows.as_str()))
            .collect();
        stack.drop_files(&files).unwrap();
    };
    drop(&stack, &files(0, 150));
    let first = stack.schedule_file("drop").await.unwrap();
    drop(&stack, &files(150, 260));
    let ledger = stack.interpose(|_| async {});
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    assert_eq!((runs.len(), runs[0].plan.run), (2, first.plan.run));
    assert_eq!((runs[0].plan.objects.len(), runs[1].plan.objects.len()), (150, 110));

    let calls = ledger.calls();
    let of = |method: &str| {
        calls
            .iter()
            .filter(|call| call.method == method && call.key.starts_with("claims/"))
            .count()
    };
    // One claim tells of the run, whose plan tells of all others.
    assert_eq!(of("create"), 110);
    assert!(
        of("list") >= 1 && of("get") <= 32,
        "{} lists, {} reads",
        of("list"),
        of("get")
    );
    // The first run's jobs are there already: they are listed, not written.
    let jobs = calls
        .iter()
        .filter(|call| call.method == "create" && call.key.starts_with("jobs/"));
    assert!(
        jobs.clone()
            .all(|call| call.key.contains(&runs[1].plan.run.to_string()))
    );
    assert_eq!(jobs.count(), runs[1].plan.job_count());
}
