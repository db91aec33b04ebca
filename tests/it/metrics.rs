//! What is emitted for `CloudWatch`: the counts of the report, each once.

use support::{Stack, users};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_the_counts_of_the_report_and_a_repeat_adds_nothing() {
    let stack = Stack::new("", &users(500), 2_000).await.unwrap();
    let run = stack.schedule().await.unwrap();
    let report = stack.carry_out(&run).await.unwrap();
    let metrics = stack.metrics().unwrap();
    let sum = |count: fn(&ledger::MappingReport) -> u64| report.mappings.iter().map(count).sum::<u64>();
    for (name, expected) in [
        // Read once by each of two actions.
        ("Rows", 2 * report.rows),
        ("Sent", sum(|mapping| mapping.sent)),
        ("Filtered", sum(|mapping| mapping.filtered)),
        ("Rejected", sum(|mapping| mapping.rejected)),
        ("Requests", report.requests),
        ("Retries", report.retries),
        ("BytesWire", report.bytes.wire),
        ("RunsSucceeded", 1),
        ("RunsPartial", 0),
        ("RunsFailed", 0),
        ("JobsFailed", 0),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let expected = expected as f64;
        assert!((metrics[name] - expected).abs() < 0.5, "{name}: {metrics:?}");
    }
    assert!(metrics["LagSeconds"] >= metrics["DurationSeconds"], "{metrics:?}");
    stack.carry_out(&run).await.unwrap();
    assert_eq!(stack.metrics().unwrap(), metrics);
}
