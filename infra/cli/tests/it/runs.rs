//! What became of runs: `status` and `report`.

use std::fs;

use serde_json::{Value, json};
use support::S3Server;

use crate::bench::Bench;

/// A bench whose second row is rejected, synced once.
fn partial() -> (Bench, Value) {
    let bench = Bench::new();
    bench.write("users.csv", "id,name,age\n1,Ada,36\n2,Grace,x\n3,Barbara,y\n");
    let report = bench.sync().json();
    (bench, report)
}

#[test]
fn status_shows_runs_newest_first_with_their_counts() {
    let (bench, first) = partial();
    bench.write("users.csv", "id,name,age\n1,Ada,36\n2,Grace,45\n");
    let second = bench.sync().json();
    let ran = bench.run(&["--json", "status"]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    let runs = ran.json()["runs"].clone();
    assert_eq!((&runs[0]["run"], &runs[1]["run"]), (&second["run"], &first["run"]));
    assert_eq!(
        (&runs[0]["state"], &runs[1]["state"]),
        (&json!("succeeded"), &json!("partial"))
    );
    for (name, value) in [("rows", 3), ("sent", 1), ("rejected", 2)] {
        assert_eq!(runs[1][name], value, "{name}");
    }
    assert_eq!(runs[1]["jobs"], json!({"planned": 1, "concluded": 1}));
    assert_eq!(runs[1]["started_at"], first["started_at"]);
    let one = bench.run(&["status", "users", "--limit", "1"]);
    assert!(one.out.contains("1 of 2 runs in .backhaul"), "{}", one.out);
    assert!(!one.out.contains(first["run"].as_str().unwrap()));
    let none = bench.run(&["status", "others"]).out;
    assert_eq!(none, "no run of sync `others` in .backhaul\n");
}

#[test]
fn open_run_is_running_and_stalled_once_nothing_was_heard_of_it_for_an_hour() {
    let (bench, report) = partial();
    let run = report["run"].as_str().unwrap();
    let folder = format!(".backhaul/runs/users/{run}");
    fs::remove_file(bench.path(&format!("{folder}/report.json"))).unwrap();
    let state = || bench.run(&["--json", "status"]).json()["runs"][0].clone();
    assert_eq!(state()["state"], "running");
    assert_eq!(
        (&state()["jobs"], &state()["rows"]),
        (&json!({"planned": 1, "concluded": 1}), &Value::Null)
    );
    let outcome = bench.path(&format!(".backhaul/outcomes/users/{run}/000000-000000-identify.json"));
    let file = fs::File::options().append(true).open(outcome).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_hours(2))
        .unwrap();
    assert_eq!(state()["state"], "stalled");
    let text = bench.run(&["status"]).out;
    assert!(
        text.contains("stalled at 1 of 1 jobs")
            && text.contains("<stack>-outcomes-dead")
            && text.contains("run `backhaul sync` again"),
        "{text}"
    );
    let ran = bench.run(&["report", "latest"]);
    assert_eq!(ran.status, 1);
    assert!(ran.said.contains("1 of 1 jobs have ended"), "{}", ran.said);
}

#[test]
fn job_that_goes_on_in_another_part_has_not_ended() {
    let (bench, report) = partial();
    let run = report["run"].as_str().unwrap();
    fs::remove_file(bench.path(&format!(".backhaul/runs/users/{run}/report.json"))).unwrap();
    let path = bench.path(&format!(".backhaul/outcomes/users/{run}/000000-000000-identify.json"));
    let mut outcome: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let end = "id,name,age\n1,Ada,36\n2,Grace,x\n3,Barbara,y\n".len();
    outcome["status"] =
        json!({"state": "continued", "rest": {"start": end - 1, "end": end, "first_row": 4}, "rows_before": 3});
    fs::write(&path, outcome.to_string()).unwrap();
    let jobs = || bench.run(&["--json", "status"]).json()["runs"][0]["jobs"].clone();
    assert_eq!(jobs(), json!({"planned": 1, "concluded": 0}));
    outcome["part"] = json!(1);
    outcome["status"] = json!({"state": "done"});
    fs::write(
        path.with_file_name("000000-000000-identify.1.json"),
        outcome.to_string(),
    )
    .unwrap();
    assert_eq!(jobs(), json!({"planned": 1, "concluded": 1}));
}

#[test]
fn report_is_the_one_that_sync_showed() {
    let (bench, first) = partial();
    bench.write("users.csv", "id,name,age\n1,Ada,36\n");
    let second = bench.sync().json();
    for (run, expected, status) in [
        ("latest", &second, 0),
        (second["run"].as_str().unwrap(), &second, 0),
        (first["run"].as_str().unwrap(), &first, 1),
    ] {
        let ran = bench.run(&["--json", "report", run]);
        assert_eq!((ran.status, &ran.json()), (status, expected), "{run}");
    }
    let text = bench.run(&["report", "latest", "users"]).out;
    assert!(text.contains("1 rows, 1 calls about 1 users"), "{text}");
    let ran = bench.run(&["report", "latest", "users", "--html", "page.html"]);
    assert_eq!(ran.status, 0);
    assert!(
        fs::read_to_string(bench.path("page.html"))
            .unwrap()
            .starts_with("<!doctype html>")
    );
}

#[test]
fn rejected_rows_of_all_jobs_come_as_one_text_in_the_order_of_the_extract() {
    let bench = Bench::new();
    let rows: Vec<String> = (0..300)
        .map(|id| format!("{id},n,{}\n", if id % 3 == 0 { "x" } else { "1" }))
        .collect();
    bench.write("users.csv", format!("id,name,age\n{}", rows.concat()));
    bench.run(&["sync", "sync.yaml", "--sink", "out", "--chunk-bytes", "500"]);
    assert!(bench.rejected().len() == 100);
    let ran = bench.run(&["report", "latest", "--rejected", "rejected.jsonl"]);
    assert_eq!(ran.status, 1, "{}", ran.said);
    let found: Vec<Value> = bench
        .lines("rejected.jsonl")
        .iter()
        .map(|row| row["row"].clone())
        .collect();
    let expected: Vec<Value> = (0..100).map(|place| json!(place * 3 + 1)).collect();
    assert_eq!(found, expected);
    let ran = bench.run(&["report", "latest", "--rejected", "-"]);
    assert_eq!(ran.out, fs::read_to_string(bench.path("rejected.jsonl")).unwrap());
    assert!(ran.said.contains("partial"), "{}", ran.said);
}

#[test]
fn rejected_rows_that_no_outcome_counts_are_left_out() {
    let (bench, report) = partial();
    let folder = format!(".backhaul/rejected/users/{}", report["run"].as_str().unwrap());
    let kept = bench.path(&format!("{folder}/000000-000000-identify.jsonl.gz"));
    fs::copy(
        &kept,
        bench.path(&format!("{folder}/000000-000000-identify-0000000000000001.jsonl.gz")),
    )
    .unwrap();
    bench.run(&["report", "latest", "--rejected", "rejected.jsonl"]);
    assert_eq!(bench.lines("rejected.jsonl").len(), 2);
}

#[test]
fn missing_ledger_and_unknown_run_are_told_with_the_remedy() {
    let bench = Bench::new();
    let ran = bench.run(&["status"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("no ledger at `.backhaul`") && ran.said.contains("--bucket"),
        "{}",
        ran.said
    );
    bench.sync();
    let ran = bench.run(&["report", "019a0000-0000-7000-8000-000000000000"]);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("`backhaul status` lists the runs"), "{}", ran.said);
    let ran = bench.run(&["report", "latest", "others"]);
    assert!(
        ran.said.contains("there is no run of sync `others` in .backhaul:"),
        "{}",
        ran.said
    );
    assert_eq!(bench.run(&["report", "yesterday"]).status, 2);
}

#[test]
fn commands_that_are_named_to_go_on_with_look_where_the_run_is() {
    let (bench, report) = partial();
    let run = report["run"].as_str().unwrap();
    let usual = bench.run(&["report", "latest"]).out;
    assert!(
        usual.contains(&format!("(backhaul report {run} --rejected FILE")),
        "{usual}"
    );
    fs::rename(bench.path(".backhaul"), bench.path("my ledger")).unwrap();
    let named = format!("(backhaul report {run} --state 'my ledger' --rejected FILE");
    let text = bench.run(&["report", "latest", "--state", "my ledger"]).out;
    assert!(text.contains(&named), "{text}");
    let ran = bench.run(&["report", "latest", "others", "--state", "my ledger"]);
    assert!(
        ran.said.contains("`backhaul status --state 'my ledger'` lists"),
        "{}",
        ran.said
    );
    fs::remove_file(bench.path(&format!("my ledger/runs/users/{run}/report.json"))).unwrap();
    let ran = bench.run(&["report", "latest", "--state", "my ledger"]);
    assert!(
        ran.said
            .contains("`backhaul status users --state 'my ledger'` shows how it goes on"),
        "{}",
        ran.said
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_are_named_to_go_on_with_look_in_the_bucket_of_the_run() {
    let (bench, report) = partial();
    let s3 = S3Server::start().await.unwrap();
    bench.copy_ledger(&s3, "acme-backhaul");
    let run = report["run"].as_str().unwrap();
    let text = bench
        .run_with(&s3, &["report", "latest", "--bucket", "acme-backhaul"])
        .out;
    let named = format!("(backhaul report {run} --bucket acme-backhaul --rejected FILE");
    assert!(text.contains(&named), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_of_a_bucket_are_shown_as_those_of_a_folder() {
    let (bench, report) = partial();
    let s3 = S3Server::start().await.unwrap();
    bench.copy_ledger(&s3, "acme-backhaul");
    let ran = bench.run_with(&s3, &["--json", "status", "--bucket", "s3://acme-backhaul/"]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    let status = ran.json();
    assert_eq!(status["ledger"], "s3://acme-backhaul");
    assert_eq!(status["runs"], bench.run(&["--json", "status"]).json()["runs"]);
    let words = [
        "--json",
        "report",
        "latest",
        "--bucket",
        "acme-backhaul",
        "--rejected",
        "rows.jsonl",
    ];
    let ran = bench.run_with(&s3, &words);
    assert_eq!((ran.status, ran.json()), (1, report), "{}", ran.said);
    assert_eq!(bench.lines("rows.jsonl").len(), 2);
    let ran = bench.run_with(&s3, &["status", "--bucket", "another-bucket"]);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("another-bucket"), "{}", ran.said);
}
