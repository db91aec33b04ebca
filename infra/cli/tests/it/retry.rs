//! `retry`: what a run rejected, or could not read, sent again by a run of its own.

use std::fs;

use serde_json::{Value, json};
use support::S3Server;

use crate::bench::{Bench, Ran, files};

fn retry(bench: &Bench, run: &str) -> Ran {
    bench.run(&["--json", "retry", run, "--document", "sync.yaml", "--sink", "out"])
}

fn sent(bench: &Bench) -> Vec<(String, String)> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    let events = bench.lines("out/events.jsonl");
    events
        .iter()
        .map(|event| (text(event, "type"), text(event, "userId")))
        .collect()
}

/// A bench with two mappings and 300 rows in several chunks: every third has an age that is no number, and of every tenth the second
/// mapping rejects the name.
fn partial() -> (Bench, Value) {
    let bench = Bench::new();
    let text = fs::read_to_string(bench.path("sync.yaml")).unwrap();
    bench.write(
        "sync.yaml",
        format!(
            "{text}  - name: tracked\n    action: identify\n    fields:\n      user_id: {{\"@path\": \"$.properties.id\"}}\n      \
             traits: {{\"@path\": \"$.properties.name\"}}\n"
        ),
    );
    let rows: Vec<String> = (0..300)
        .map(|id| format!("{id},n,{}\n", if id % 3 == 0 { "x" } else { "1" }))
        .collect();
    bench.write("users.csv", format!("id,name,age\n{}", rows.concat()));
    let ran = bench.run(&["--json", "sync", "sync.yaml", "--sink", "out", "--chunk-bytes", "500"]);
    (bench, ran.json())
}

#[test]
fn rows_that_no_mapping_could_read_are_sent_by_all_once_their_type_is_mended() {
    let (bench, first) = partial();
    // The second mapping rejects all rows: a name is no object of traits.
    assert_eq!(
        (&first["mappings"][0]["rejected"], &first["mappings"][1]["rejected"]),
        (&json!(100), &json!(300))
    );
    bench.edit("types: {age: number}", "types: {age: string}");
    let ran = retry(&bench, "latest");
    assert_eq!(ran.status, 1, "{}", ran.said);
    let report = ran.json();
    assert_eq!(report["retry_of"], first["run"]);
    for (name, values) in [("rows", [100, 300]), ("sent", [100, 0]), ("rejected", [0, 300])] {
        let found = [0, 1].map(|place: usize| report["mappings"][place][name].clone());
        assert_eq!(found, values.map(Value::from), "{name}");
    }
    assert_eq!(report["rows"], 400);
    let mut ids: Vec<usize> = sent(&bench).iter().map(|(_, id)| id.parse().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..300).collect::<Vec<_>>());

    // What the retry left is another retry's; the first run has had its own.
    let again = retry(&bench, first["run"].as_str().unwrap());
    assert_eq!(again.status, 2);
    assert!(again.said.contains(report["run"].as_str().unwrap()), "{}", again.said);
    bench.edit(
        "traits: {\"@path\": \"$.properties.name\"}",
        "traits: {name: {\"@path\": \"$.properties.name\"}}",
    );
    let last = retry(&bench, "latest").json();
    assert_eq!(
        (&last["status"], &last["rows"], &last["api_calls"]),
        (&json!("succeeded"), &json!(300), &json!(300))
    );
    assert_eq!(sent(&bench).len(), 600);
    let nothing = retry(&bench, "latest");
    assert_eq!(nothing.status, 2);
    assert!(nothing.said.contains("left nothing"), "{}", nothing.said);
    assert_eq!(
        bench.run(&["--json", "status"]).json()["runs"][0]["retry_of"],
        report["run"]
    );
}

#[test]
fn failed_job_is_tried_again_whole_and_others_are_not() {
    let (bench, report) = partial();
    bench.edit("types: {age: number}", "types: {age: string}");
    let run = report["run"].as_str().unwrap();
    // As if one job had failed: its outcome says so, and the report is written anew.
    let outcomes = files(&bench.path(&format!(".backhaul/outcomes/users/{run}")));
    let mut outcome: Value = serde_json::from_slice(&fs::read(&outcomes[1]).unwrap()).unwrap();
    let rows = outcome["work"]["rows"].as_u64().unwrap();
    let rejected = outcome["work"]["mappings"][0]["tally"]["rejected"].as_u64().unwrap();
    outcome["status"] = json!({"state": "failed", "code": "object_unreadable", "message": "broken"});
    fs::write(&outcomes[1], outcome.to_string()).unwrap();
    let report = retry(&bench, run).json();
    assert_eq!(report["mappings"][0]["rows"], 100 - rejected + rows);
    assert_eq!(report["mappings"][0]["sent"], 100 - rejected + rows);
}

#[test]
fn changed_extract_fails_the_retry_and_sends_nothing() {
    let (bench, _) = partial();
    bench.edit("types: {age: number}", "types: {age: string}");
    bench.write("users.csv", "id,name,age\n1,Ada,36\n");
    let before = sent(&bench).len();
    let report = retry(&bench, "latest").json();
    assert_eq!(report["status"], "failed");
    assert!(
        report["failures"][0]["message"]
            .as_str()
            .unwrap()
            .contains("changed after it was planned"),
        "{report}"
    );
    assert_eq!(sent(&bench).len(), before);
}

#[test]
fn retry_needs_a_document_of_the_same_sync_and_a_finished_run() {
    let (bench, report) = partial();
    let ran = bench.run(&["retry", "latest", "--sink", "out"]);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("--document"), "{}", ran.said);
    bench.edit("sync: users", "sync: others");
    let ran = retry(&bench, "latest");
    assert!(ran.said.contains("name the document of `users`"), "{}", ran.said);
    bench.edit("sync: others", "sync: users");
    fs::remove_file(bench.path(&format!(
        ".backhaul/runs/users/{}/report.json",
        report["run"].as_str().unwrap()
    )))
    .unwrap();
    assert_eq!(retry(&bench, "latest").status, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_in_a_bucket_leaves_jobs_to_the_queues_with_the_document_that_is_deployed() {
    let (bench, first) = partial();
    let s3 = S3Server::start().await.unwrap();
    bench.copy_ledger(&s3, "acme-backhaul");
    let words = ["--json", "retry", "latest", "--bucket", "acme-backhaul"];
    let ran = bench.run_with(&s3, &words);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("syncs/users.yaml"), "{}", ran.said);
    let document = fs::read(bench.path("sync.yaml")).unwrap();
    s3.write("acme-backhaul", "syncs/users.yaml", document, std::time::Duration::ZERO)
        .unwrap();
    let ran = bench.run_with(&s3, &words);
    assert_eq!(ran.status, 0, "{}", ran.said);
    let answer = ran.json();
    let run = answer["run"].as_str().unwrap();
    assert_eq!(answer["retry_of"], first["run"]);
    let plan: Value = serde_json::from_slice(
        &s3.read("acme-backhaul", &format!("runs/users/{run}/plan.json"))
            .unwrap(),
    )
    .unwrap();
    assert_eq!(plan["retry_of"], first["run"]);
    let job = s3.read(
        "acme-backhaul",
        &format!("jobs/identify/users/{run}/000000-000000-identify.json"),
    );
    let job: Value = serde_json::from_slice(&job.unwrap()).unwrap();
    assert_eq!(job["mappings"].as_array().unwrap().len(), 1);
    assert!(job["only"][0].as_str().unwrap().starts_with("rejected/users/"), "{job}");
    // Again it is the same retry, by its own id and by that of the first run.
    for again in ["latest", first["run"].as_str().unwrap()] {
        let ran = bench.run_with(&s3, &["--json", "retry", again, "--bucket", "acme-backhaul"]);
        assert_eq!(ran.json()["run"], answer["run"], "{}", ran.said);
    }
}

#[test]
fn job_that_failed_in_a_later_part_is_sent_from_there_and_what_earlier_parts_rejected_apart() {
    let bench = Bench::new();
    let rows = |ids: std::ops::Range<u32>| ids.map(|id| format!("{id},n,1\n")).collect::<Vec<_>>().concat();
    let before = format!("id,name,age\n{},n,1\n{}", rows(0..4), rows(5..6));
    bench.write("users.csv", format!("{before}{}", rows(6..10)));
    let sync = ["--json", "sync", "sync.yaml", "--sink", "out"];
    let first = bench.run(&sync).json();
    assert_eq!(first["mappings"][0]["sent"], 9, "{first}");
    let run = first["run"].as_str().unwrap();
    let outcomes = files(&bench.path(".backhaul/outcomes"));
    let path = outcomes
        .iter()
        .find(|path| path.to_string_lossy().contains(run))
        .unwrap();
    let path = bench.path(".backhaul/outcomes").join(path);
    // As if it had stopped after six rows, of which one was rejected, and failed then.
    let mut outcome: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let size = before.len() + rows(6..10).len();
    let name = outcome["work"]["mappings"][0]["name"].clone();
    outcome["status"] =
        json!({"state": "continued", "rest": {"start": before.len(), "end": size, "first_row": 7}, "rows_before": 6});
    outcome["work"]["rows"] = json!(6);
    let tally = &mut outcome["work"]["mappings"][0]["tally"];
    (tally["rows"], tally["sent"]) = (json!(6), json!(5));
    fs::write(&path, outcome.to_string()).unwrap();
    outcome["part"] = json!(1);
    outcome["status"] = json!({"state": "failed", "code": "job_lost", "message": "lost"});
    outcome["work"]["rows"] = json!(0);
    outcome["work"]["errors"] = json!([]);
    outcome["work"]["rejected"] = Value::Null;
    outcome["work"]["mappings"] =
        json!([{"name": name, "tally": {"rows": 0, "sent": 0, "filtered": 0, "rejected": 0, "reasons": {}}}]);
    fs::write(path.with_extension("").with_extension("1.json"), outcome.to_string()).unwrap();
    for report in ["report.json", "report.html"] {
        let reports = bench.path(".backhaul/runs");
        let path = files(&reports)
            .into_iter()
            .find(|path| path.to_string_lossy().ends_with(report));
        fs::remove_file(reports.join(path.unwrap())).unwrap();
    }
    assert_eq!(bench.run(&sync).json()["status"], "failed");
    let sent_before = bench.lines("out/events.jsonl").len();

    let ran = retry(&bench, "latest");
    let report = ran.json();
    // The four rows that are left, and the one that was rejected.
    assert_eq!(
        (&report["rows"], &report["mappings"][0]["sent"]),
        (&json!(5), &json!(4)),
        "{}",
        ran.said
    );
    assert_eq!(report["mappings"][0]["rejected"], 1);
    assert!(bench.lines("out/events.jsonl").len() <= sent_before + 4);
}
