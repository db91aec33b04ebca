//! Extracts that a manifest names: a part of one is never sent, and one broken manifest keeps no other waiting.

use ledger::Complete;
use support::{Stack, users};

use crate::keys;

async fn stack(files: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new("", &users(1), 1_000).await.unwrap();
    stack.edit(|sync| sync.source.complete = Complete::Manifest);
    stack.drop_files(files).unwrap();
    stack
}

/// What Redshift writes last, behind parts of these sizes.
fn redshift(parts: &[(&str, usize)]) -> String {
    let entry = |(name, size): &(&str, usize)| {
        format!(r#"{{"url": "s3://acme/unload/{name}", "meta": {{"content_length": {size}, "record_count": 1}}}}"#)
    };
    let entries: Vec<String> = parts.iter().map(entry).collect();
    format!(
        r#"{{"entries": [{}], "author": {{"name": "Amazon Redshift"}}}}"#,
        entries.join(",\n")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_an_unload_are_one_run_once_the_manifest_is_there() {
    let rows = users(20);
    let mut stack = stack(&[("part_1", &rows), ("part_0", &users(3)), ("left.csv", &users(9))]).await;
    stack.edit(|sync| sync.source.format = ledger::FormatChoice::Csv);
    let error = stack.schedule_file("drop").await.unwrap_err().to_string();
    assert!(error.contains("no extract at"), "{error}");

    let manifest = redshift(&[("part_1", rows.len()), ("part_0", users(3).len())]);
    stack.drop_files(&[("part_manifest", &manifest)]).unwrap();
    let run = stack.schedule_file("drop").await.unwrap();
    assert_eq!(keys(&run.plan), ["drop/part_1", "drop/part_0"]);
    stack.send(&run.plan).await.unwrap();
    crate::assert_accounted(&stack.report(&run.plan).await.unwrap(), 23);
    let again = stack.schedule_file("drop/part_manifest").await.unwrap();
    assert!(again.finished && again.plan.run == run.plan.run);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_manifest_keeps_no_other_extract_waiting_and_is_an_error_after_it() {
    let files = [
        ("a.csv", users(5)),
        ("a_manifest", "a.csv\n".to_owned()),
        ("b_manifest", "gone.csv\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, content)| (*name, content.as_str())).collect();
    let stack = stack(&files).await;
    let run = stack.schedule_file("drop").await.unwrap();
    assert_eq!(keys(&run.plan), ["drop/a.csv"]);
    stack.send(&run.plan).await.unwrap();
    stack.report(&run.plan).await.unwrap();

    let error = stack.schedule_file("drop").await.unwrap_err().to_string();
    assert!(
        error.contains("manifest `drop/b_manifest` names `gone.csv`: it is not there"),
        "{error}"
    );
    stack.drop_files(&[("gone.csv", &users(2))]).unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    assert_eq!(keys(&runs[1].plan), ["drop/gone.csv"]);
}
