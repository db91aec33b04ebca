//! The reporter is told of every outcome, and reads them when there is none left to wait for.

use ledger::key;
use support::{Call, Stack, users};

fn of_kind<'c>(calls: &'c [Call], method: &str, prefix: &str) -> Vec<&'c str> {
    let found = calls
        .iter()
        .filter(|call| call.method == method && call.key.starts_with(prefix));
    found.map(|call| call.key.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_are_read_and_the_report_is_written_when_the_last_one_is_told_of() {
    let mut stack = Stack::new("", &users(60), 200).await.unwrap();
    let run = stack.schedule().await.unwrap();
    let plan = &run.plan;
    let jobs: Vec<_> = plan.job_ids().collect();
    assert!(jobs.len() > 6, "{jobs:?}");
    let ledger = stack.interpose(|_| async {});

    let (mut reads, mut plans, mut lists) = (0, 0, 0);
    for (place, &job) in jobs.iter().enumerate() {
        stack.send_job(plan, job).await.unwrap();
        let outcome = key::outcome(&plan.sync.name, &plan.run, job);
        // Each is told of twice, and the first one is told of again with every other.
        let first = key::outcome(&plan.sync.name, &plan.run, jobs[0]);
        stack.notify_reporter([outcome.as_str(), &first]).await.unwrap();
        stack.notify_reporter([outcome.as_str()]).await.unwrap();
        let calls = ledger.calls();
        reads += of_kind(&calls, "get", "outcomes/").len();
        plans += of_kind(&calls, "get", &key::plan(&plan.sync.name, &plan.run)).len();
        lists += of_kind(&calls, "list", "outcomes/").len();
        let is_last = place + 1 == jobs.len();
        // Those that were waited for at the first look are read first: a job might go on in another part, and then the others are not read.
        let all = 2 * jobs.len() - 1;
        assert_eq!(reads, if is_last { all } else { 0 }, "after job {place}");
        let reports = of_kind(&calls, "create", "runs/");
        assert_eq!(reports.len(), if is_last { 2 } else { 0 }, "{reports:?}");
    }
    // Once for the jobs, once for the report; and a listing at the first look, two at the last: of what is missing, and of what is read.
    assert!(plans == 2 && lists <= 6, "{plans} plans, {lists} listings");
    crate::assert_accounted(&stack.report(plan).await.unwrap(), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_is_closed_in_whatever_order_its_outcomes_come() {
    for shift in 0..4 {
        let stack = Stack::new("", &users(30), 200).await.unwrap();
        let run = stack.schedule().await.unwrap();
        let mut jobs: Vec<_> = run.plan.job_ids().collect();
        let count = jobs.len();
        jobs.rotate_left(shift * count / 4);
        if shift % 2 == 1 {
            jobs.reverse();
        }
        for &job in &jobs {
            assert!(stack.report(&run.plan).await.is_err());
            stack.send_job(&run.plan, job).await.unwrap();
            let outcome = key::outcome(&run.plan.sync.name, &run.plan.run, job);
            stack.notify_reporter([outcome.as_str()]).await.unwrap();
        }
        let ledger = stack.ledger().await.unwrap();
        assert!(ledger.contains_key(&key::report_json(&run.plan.sync.name, &run.plan.run)));
    }
}

#[tokio::test]
async fn reporter_that_knows_nothing_yet_closes_a_run_whose_last_outcome_it_is_told_of() {
    let mut stack = Stack::new("", &users(30), 200).await.unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    // Another process than any before.
    stack.interpose(|_| async {});
    let first = run.plan.job_ids().next().unwrap();
    let outcome = key::outcome(&run.plan.sync.name, &run.plan.run, first);
    stack.notify_reporter([outcome.as_str()]).await.unwrap();
    let report = key::report_json(&run.plan.sync.name, &run.plan.run);
    assert!(stack.ledger().await.unwrap().contains_key(&report));
}
