//! The same command again.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bench::{Bench, free_port};

fn ids(bench: &Bench, events: &str) -> BTreeSet<String> {
    bench
        .lines(events)
        .iter()
        .map(|event| event["messageId"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn extract_that_was_sent_is_not_sent_again() {
    let bench = Bench::new();
    let first = bench.sync().json();
    let second = bench.sync();
    assert_eq!(second.status, 0);
    assert!(second.said.contains("nothing new"), "{}", second.said);
    assert_eq!(second.json(), first);
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
}

#[test]
fn job_that_a_function_stopped_in_goes_on_where_that_stopped() {
    let bench = Bench::new();
    let first = bench.sync().json();
    // As a function leaves it that had time for the first row alone.
    let run = first["run"].as_str().unwrap();
    let outcome = bench.path(&format!(".backhaul/outcomes/users/{run}/000000-000000-identify.json"));
    let mut stopped: Value = serde_json::from_slice(&std::fs::read(&outcome).unwrap()).unwrap();
    let rest = json!({"start": 21, "end": 32, "first_row": 2});
    stopped["status"] = json!({"state": "continued", "rest": rest, "rows_before": 1});
    for (place, rows) in [
        ("/work/rows", 1),
        ("/work/mappings/0/tally/rows", 1),
        ("/work/mappings/0/tally/sent", 1),
    ] {
        *stopped.pointer_mut(place).unwrap() = json!(rows);
    }
    bench.write(outcome.to_str().unwrap(), stopped.to_string());
    for report in ["json", "html"] {
        std::fs::remove_file(bench.path(&format!(".backhaul/runs/users/{run}/report.{report}"))).unwrap();
    }

    let second = bench.sync().json();
    for key in ["run", "rows", "mappings", "api_calls", "users", "jobs", "status"] {
        assert_eq!(second[key], first[key], "{key}");
    }
    let names: Vec<Value> = bench
        .lines("out/events.jsonl")
        .iter()
        .map(|event| event["userId"].clone())
        .collect();
    assert_eq!(names, ["1", "2", "2"], "only the second row was sent again");
    assert!(
        bench
            .path(&format!(".backhaul/outcomes/users/{run}/000000-000000-identify.1.json"))
            .is_file()
    );
}

#[test]
fn extract_that_changed_is_sent_as_a_new_run() {
    let bench = Bench::new();
    let first = bench.sync().json();
    bench.write("users.csv", "id,name,age\n1,Ada,36\n2,Grace,46\n");
    let second = bench.sync().json();
    assert_ne!(first["run"], second["run"]);
    // Ada's row is the same, so Segment knows its id already, and so does the sink.
    assert_eq!(bench.lines("out/events.jsonl").len(), 4);
    assert_eq!(ids(&bench, "out/events.jsonl").len(), 3);
}

#[test]
fn trial_into_a_sink_is_no_delivery_elsewhere() {
    let bench = Bench::new();
    bench.sync();
    let ran = bench.run(&["--json", "sync", "sync.yaml", "--sink", "other"]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert_eq!(bench.lines("other/events.jsonl").len(), 2);
    assert_eq!(ids(&bench, "out/events.jsonl"), ids(&bench, "other/events.jsonl"));
}

#[test]
fn trial_with_an_edited_document_or_into_a_new_folder_is_another_trial() {
    let bench = Bench::new();
    bench.sync();
    bench.edit("    fields:\n", "    trigger: updated\n    fields:\n");
    let edited = bench.sync();
    assert_eq!(edited.json()["mappings"][0]["filtered"], 2, "{}", edited.said);
    std::fs::remove_dir_all(bench.path("out")).unwrap();
    bench.edit("trigger: updated", "trigger: added");
    assert_eq!(bench.sync().json()["mappings"][0]["sent"], 2);
    std::fs::remove_dir_all(bench.path("out")).unwrap();
    assert_eq!(bench.sync().json()["mappings"][0]["sent"], 2);
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
}

#[test]
fn chunks_of_any_size_give_the_same_calls_with_the_same_ids() {
    let bench = Bench::new();
    let rows: Vec<String> = (0..200)
        .map(|id| format!("{id},\"a \"\"name\"\"\nof {id}\",{id}\n"))
        .collect();
    bench.write("users.csv", format!("id,name,age\n{}", rows.concat()));
    let events = |chunk_bytes: &str| -> BTreeSet<String> {
        let sink = format!("out-{chunk_bytes}");
        let ran = bench.run(&[
            "--json",
            "sync",
            "sync.yaml",
            "--sink",
            &sink,
            "--chunk-bytes",
            chunk_bytes,
        ]);
        assert_eq!(ran.status, 0, "{}", ran.said);
        bench
            .lines(&format!("{sink}/events.jsonl"))
            .iter()
            .map(Value::to_string)
            .collect()
    };
    let whole = events("1000000");
    assert_eq!(whole.len(), 200);
    for chunk_bytes in ["1", "100", "777"] {
        assert_eq!(events(chunk_bytes), whole, "{chunk_bytes}");
    }
}

#[test]
fn ledger_and_output_never_show_the_write_key() {
    let bench = Bench::new();
    bench.write("users.csv", "id,name,age\n1,Ada,x\n2,Grace,45\n");
    let port = free_port();
    let _server = bench.serve(port);
    let ran = bench.run(&[
        "-vv",
        "sync",
        "sync.yaml",
        "--endpoint",
        &format!("http://127.0.0.1:{port}"),
    ]);
    assert_eq!(bench.lines("out/events.jsonl").len(), 1, "{}", ran.said);
    assert!(!format!("{}{}", ran.out, ran.said).contains("test-write-key"));
    for file in crate::bench::files(bench.path("").as_path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(14).any(|window| window == b"test-write-key"),
            "{}",
            file.display()
        );
    }
}
