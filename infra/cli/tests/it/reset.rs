//! `reset`: extracts count as not seen, and nothing of the history is lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::S3Server;

use crate::bench::{Bench, files};

const RESET: [&str; 3] = ["--json", "reset", "users"];

fn reset(bench: &Bench, more: &[&str]) -> Value {
    let ran = bench.run(&[&RESET[..], &["--yes"], more].concat());
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert!(ran.said.contains("24 hours"), "{}", ran.said);
    ran.json()
}

fn ids(bench: &Bench) -> Vec<String> {
    let events = bench.lines("out/events.jsonl");
    events
        .iter()
        .map(|event| event["messageId"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn extract_is_sent_again_after_a_reset_once_and_with_the_ids_it_had() {
    let bench = Bench::new();
    let first = bench.sync().json();
    let before: BTreeSet<_> = files(&bench.path(".backhaul")).into_iter().collect();
    let answer = reset(&bench, &[]);
    assert_eq!((&answer["runs"], &answer["objects"]), (&json!(1), &Value::Null));
    let second = bench.sync().json();
    assert_ne!(first["run"], second["run"]);
    assert_eq!(bench.sync().json(), second);
    let ids = ids(&bench);
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (4, 2));
    assert!(before.is_subset(&files(&bench.path(".backhaul")).into_iter().collect()));
    // A second reset forgets both runs.
    assert_eq!(reset(&bench, &[])["runs"], 2);
    assert_ne!(bench.sync().json()["run"], second["run"]);
}

#[test]
fn only_the_named_object_is_sent_again_whatever_the_extracts_are() {
    for complete in ["object", "marker"] {
        let bench = Bench::new();
        bench.edit("extract: users.csv", &format!("extract: drop/\n  complete: {complete}"));
        for name in ["a", "b"] {
            bench.write(&format!("drop/{name}.csv"), format!("id,name,age\n{name},Ada,36\n"));
        }
        bench.write("drop/_SUCCESS", "");
        assert_eq!(bench.sync().json()["rows"], 2, "{complete}");
        let answer = reset(&bench, &["--extract", "drop/b.csv"]);
        assert_eq!(
            (&answer["runs"], &answer["objects"]),
            (&json!(1), &json!(1)),
            "{complete}"
        );
        assert_eq!(bench.sync().json()["rows"], 1, "{complete}");
        let sent: Vec<Value> = bench
            .lines("out/events.jsonl")
            .iter()
            .map(|event| event["userId"].clone())
            .collect();
        assert_eq!((sent.len(), &sent[2]), (3, &json!("b")), "{complete}");
        assert!(bench.sync().said.contains("nothing new"), "{complete}");
    }
}

#[test]
fn nothing_is_forgotten_unless_it_is_confirmed_and_was_seen() {
    let bench = Bench::new();
    bench.sync();
    let ran = bench.run(&RESET);
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("everything that 1 runs") && ran.said.contains("say --yes"),
        "{}",
        ran.said
    );
    let ran = bench.run(&["reset", "users", "--yes", "--extract", "other.csv"]);
    assert!(ran.said.contains("no run has read `other.csv`"), "{}", ran.said);
    let ran = bench.run(&["reset", "others", "--yes"]);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("nothing to forget"), "{}", ran.said);
    assert!(bench.sync().said.contains("nothing new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reset_of_a_bucket_is_an_object_that_names_the_runs() {
    let bench = Bench::new();
    let run = bench.sync().json()["run"].clone();
    let s3 = S3Server::start().await.unwrap();
    bench.copy_ledger(&s3, "acme-backhaul");
    let ran = bench.run_with(&s3, &[&RESET[..], &["--yes", "--bucket", "acme-backhaul"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.said);
    let key = ran.json()["reset"].as_str().unwrap().to_owned();
    let reset: Value = serde_json::from_slice(&s3.read("acme-backhaul", &key).unwrap()).unwrap();
    assert_eq!((&reset["sync"], &reset["runs"]), (&json!("users"), &json!([run])));
    // What starts a run is a function there, and a command here.
    let start = "aws lambda invoke --function-name backhaul-scheduler --cli-binary-format raw-in-base64-out \
                 --payload '{\"sync\":\"users\"}' /dev/stdout";
    let words = ["reset", "users", "--yes", "--bucket", "acme-backhaul"];
    let text = bench.run_with(&s3, &words).out;
    assert!(text.contains(start), "{text}");
    let text = bench.run(&["reset", "users", "--yes"]).out;
    assert!(!text.contains("aws lambda"), "{text}");
}
