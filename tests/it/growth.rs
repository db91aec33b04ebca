//! Extracts that grow after they were planned: what is new is the next run's, and nothing is sent twice.

use std::fs;

use ledger::Complete;
use support::{Stack, users};

use crate::keys;

async fn stack(complete: Complete, files: &[(&str, &str)]) -> Stack {
    let mut stack = Stack::new("", &users(1), 1_000).await.unwrap();
    stack.edit(|sync| sync.source.complete = complete);
    stack.drop_files(files).unwrap();
    stack
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_added_to_a_marked_folder_is_the_next_runs_and_alone_in_it() {
    let stack = stack(
        Complete::Marker,
        &[("a.csv", &users(5)), ("b.csv", &users(6)), ("_SUCCESS", "")],
    )
    .await;
    let first = stack.schedule_file("drop").await.unwrap();
    crate::assert_accounted(&stack.carry_out(&first).await.unwrap(), 11);

    stack.drop_files(&[("x=1/c.csv", &users(7))]).unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs[0].finished && runs[0].plan.run == first.plan.run);
    assert_eq!(keys(&runs[1].plan), ["drop/x=1/c.csv"]);
    crate::assert_accounted(&stack.carry_out(&runs[1]).await.unwrap(), 7);

    let ledger = stack.ledger().await.unwrap();
    let again = stack.schedule_files(&["drop"]).await.unwrap();
    assert!(again.len() == 2 && again.iter().all(|run| run.finished));
    assert_eq!(stack.ledger().await.unwrap(), ledger);
}

#[tokio::test]
async fn file_written_again_or_removed_does_not_send_the_others_again() {
    let stack = stack(
        Complete::Marker,
        &[("a.csv", &users(5)), ("b.csv", &users(6)), ("_SUCCESS", "")],
    )
    .await;
    let first = stack.schedule_file("drop").await.unwrap();
    stack.drop_files(&[("b.csv", &users(8))]).unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    assert_eq!(keys(&runs[1].plan), ["drop/b.csv"]);
    fs::remove_file(stack.path("drop/b.csv")).unwrap();
    let rest = stack.schedule_file("drop").await.unwrap();
    assert_eq!(rest.plan.run, first.plan.run);
}

#[tokio::test]
async fn object_that_two_manifests_name_is_planned_once() {
    let files = [
        ("a.csv", users(5)),
        ("b.csv", users(6)),
        ("1_manifest", "a.csv".into()),
        ("2_manifest", "a.csv\nb.csv".into()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, content)| (*name, content.as_str())).collect();
    let stack = stack(Complete::Manifest, &files).await;
    let first = stack.schedule_file("drop").await.unwrap();
    assert_eq!(keys(&first.plan), ["drop/a.csv", "drop/b.csv"]);
    let again = stack.schedule_file("drop").await.unwrap();
    assert_eq!(again.plan.run, first.plan.run);

    stack
        .drop_files(&[("c.csv", users(7).as_str()), ("2_manifest", "a.csv\nb.csv\nc.csv")])
        .unwrap();
    let runs = stack.schedule_files(&["drop"]).await.unwrap();
    assert_eq!((runs.len(), keys(&runs[1].plan)), (2, vec!["drop/c.csv"]));
}

#[tokio::test]
async fn what_went_elsewhere_has_not_gone_here() {
    let mut stack = stack(Complete::Marker, &[("a.csv", &users(5)), ("_SUCCESS", "")]).await;
    let here = stack.schedule_file("drop").await.unwrap();
    stack.drop_files(&[("b.csv", &users(6))]).unwrap();
    stack.send_elsewhere("http://127.0.0.1:9");
    let there = stack.schedule_file("drop").await.unwrap();
    assert_ne!(there.plan.run, here.plan.run);
    assert_eq!(keys(&there.plan), ["drop/a.csv", "drop/b.csv"]);
}
