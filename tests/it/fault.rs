//! A Tracking API that fails: every row arrives all the same, and what arrives twice has one id.

use support::{Stack, users};

use crate::assert_accounted;

async fn all_arrive(faults: &str) {
    let mut stack = Stack::new(faults, &users(2_000), 4_000).await.unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    let report = stack.report(&run.plan).await.unwrap();
    assert_accounted(&report, 2_000);
    assert_eq!((report.mappings[0].sent, report.mappings[1].sent), (2_000, 1_640));
    assert_eq!(report.mappings[1].filtered, 360);
    assert!(report.retries > 0, "no request failed");
    assert_eq!(stack.accepted().await.unwrap().len(), 3_640);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_rows_arrive_when_requests_are_answered_with_errors() {
    all_arrive("503:30%,429:10%,retry-after:0,seed:3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_rows_arrive_when_connections_break_before_a_request_is_taken() {
    all_arrive("reset:30%,seed:5").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_rows_arrive_once_when_connections_break_after_a_request_was_taken() {
    let mut stack = Stack::new("reset-after:30%,seed:7", &users(2_000), 4_000)
        .await
        .unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    assert_accounted(&stack.report(&run.plan).await.unwrap(), 2_000);
    let accepted = stack.accepted().await.unwrap();
    assert_eq!(accepted.len(), 3_640);
    assert!(
        accepted.values().all(|&times| times == 1),
        "an id was accepted twice within the window"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_batch_that_is_refused_are_rejected_one_by_one_with_the_row() {
    let mut stack = Stack::new("400:50%,seed:11", &users(300), 100).await.unwrap();
    let run = stack.schedule().await.unwrap();
    stack.send(&run.plan).await.unwrap();
    let report = stack.report(&run.plan).await.unwrap();
    assert_accounted(&report, 300);
    let refused: u64 = report.mappings.iter().map(|mapping| mapping.rejected).sum();
    let rejected = stack.rejected().await.unwrap();
    assert!(refused > 0, "no event was refused");
    assert_eq!(rejected.len() as u64, refused);
    for row in rejected {
        assert_eq!(row["code"], "http_400");
        let number = row["row"].as_u64().unwrap();
        assert_eq!(row["record"]["id"], format!("u{}", number - 1));
    }
    assert_eq!(stack.accepted().await.unwrap().len() as u64, report.api_calls);
}
