//! Bad input: a clear error that names the place and the remedy; nothing is lost.

use std::io::Write;

use serde_json::json;

use crate::bench::{Bench, free_port};

#[test]
fn broken_document_has_every_problem_with_its_place() {
    let bench = Bench::new();
    bench.edit("action: identify", "action: identity");
    bench.edit("types: {age: number}", "types: {age: integer}");
    for command in [&["sync", "sync.yaml", "--sink", "out"][..], &["validate", "sync.yaml"]] {
        let ran = bench.run(command);
        assert_eq!(ran.status, 2, "{}", ran.said);
        let text = format!("{}{}", ran.out, ran.said);
        assert!(
            text.contains("sync.yaml:5:16: ") && text.contains("`integer`"),
            "{text}"
        );
        assert!(
            text.contains("sync.yaml:10:13: ") && text.contains("did you mean `identify`?"),
            "{text}"
        );
        assert!(text.contains("sync.yaml: 2 errors"), "{text}");
    }
    assert!(!bench.path("out/events.jsonl").exists());
}

#[test]
fn missing_document_is_named() {
    let ran = Bench::new().run(&["sync", "nowhere.yaml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.said.contains("`nowhere.yaml`"), "{}", ran.said);
}

#[test]
fn missing_extract_is_named_with_who_names_it() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: people.csv");
    let ran = bench.sync();
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("`people.csv`") && ran.said.contains("`source.extract`"),
        "{}",
        ran.said
    );
    assert_eq!(
        ran.json()["error"].as_str().map(|error| error.contains("people.csv")),
        Some(true)
    );
}

#[test]
fn missing_id_column_is_named_beside_those_that_are_there() {
    let bench = Bench::new();
    bench.edit("  id: id", "  id: user_id");
    let ran = bench.sync();
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("users.csv") && ran.said.contains("`user_id`"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("id, name, age"), "{}", ran.said);
}

#[test]
fn missing_typed_column_is_named_beside_those_that_are_there() {
    let bench = Bench::new();
    bench.edit("types: {age: number}", "types: {years: number}");
    let ran = bench.sync();
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("users.csv") && ran.said.contains("`years`"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("id, name, age"), "{}", ran.said);
}

#[test]
fn column_that_only_a_mapping_misses_is_a_warning() {
    let bench = Bench::new();
    bench.edit(
        "traits: {\"@path\": \"$.properties\"}",
        "traits: {plan: {\"@path\": \"$.properties.plan\"}}",
    );
    let ran = bench.sync();
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert!(
        ran.said.contains(
            "sync.yaml:13:32: warning: mappings[0].fields.traits.plan.@path: there is no column `plan` in users.csv"
        ),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("`identify-user`"), "{}", ran.said);
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
}

#[test]
fn broken_rows_are_rejected_with_number_reason_and_the_row_and_the_others_sent() {
    let bench = Bench::new();
    bench.write(
        "users.csv",
        "id,name,age\n1,Ada,36\n2,Grace,old\n3,Barbara\n,Edsger,40\n5,\"Tony\nHoare\",87\n",
    );
    let ran = bench.sync();
    assert_eq!(ran.status, 1, "{}", ran.said);
    let report = ran.json();
    let mapping = &report["mappings"][0];
    assert_eq!(report["status"], "partial");
    assert_eq!(
        (&report["rows"], &mapping["sent"], &mapping["rejected"]),
        (&json!(5), &json!(2), &json!(3))
    );
    assert_eq!(
        mapping["reasons"],
        json!({"bad_value": 1, "record_null_id": 1, "wrong_column_count": 1})
    );
    let rejected = bench.rejected();
    let numbers: Vec<_> = rejected
        .iter()
        .map(|row| (row["row"].clone(), row["code"].clone()))
        .collect();
    let expected = [(2, "bad_value"), (3, "wrong_column_count"), (4, "record_null_id")];
    assert_eq!(numbers, expected.map(|(row, code)| (json!(row), json!(code))));
    assert_eq!(rejected[0]["record"], "2,Grace,old");
    assert_eq!(rejected[0]["field"], "age");
    assert_eq!(rejected[2]["record"], json!({"id": null, "name": "Edsger", "age": 40}));
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
}

#[test]
fn rejected_rows_of_json_lines_have_their_number_whatever_the_chunks() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: users.jsonl");
    bench.edit("  types: {age: number}\n", "");
    let line = |id: usize| {
        if id.is_multiple_of(70) {
            "{broken\n".to_owned()
        } else {
            format!("{{\"id\":\"{id}\"}}\n\n")
        }
    };
    bench.write("users.jsonl", (1..=300).map(line).collect::<String>());
    let ran = bench.run(&["--json", "sync", "sync.yaml", "--sink", "out", "--chunk-bytes", "100"]);
    assert_eq!(ran.status, 1, "{}", ran.said);
    let numbers: Vec<_> = bench.rejected().iter().map(|row| row["row"].as_u64()).collect();
    assert_eq!(numbers, [70, 140, 210, 280].map(Some));
    let reported: Vec<_> = ran.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["row"].as_u64())
        .collect();
    assert_eq!(reported, numbers);
}

#[test]
fn sync_without_an_enabled_mapping_takes_nothing() {
    let bench = Bench::new();
    bench.edit("action: identify\n", "action: identify\n    enabled: false\n");
    let ran = bench.sync();
    assert_eq!(ran.status, 2, "{}", ran.said);
    assert!(ran.said.contains("no enabled mapping"), "{}", ran.said);
    bench.edit("enabled: false", "enabled: true");
    assert_eq!(bench.sync().json()["mappings"][0]["sent"], 2);
}

#[test]
fn damaged_parquet_is_named() {
    let bench = Bench::new();
    bench.write("users.csv", b"PAR1\x15\x04");
    let ran = bench.sync();
    assert_eq!(ran.status, 2);
    assert!(
        ran.said.contains("users.csv") && ran.said.contains("parquet"),
        "{}",
        ran.said
    );
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).map(row).collect()
}

#[test]
fn compressed_extract_gives_the_calls_of_its_text() {
    let text = format!(
        "id,name,age\n{}",
        rows(3_000, |id| format!("{id},\"Ada,\n{id}\",{}\n", id % 90))
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bzip2.write_all(text.as_bytes()).unwrap();
    let objects = [
        ("users.csv", text.clone().into_bytes()),
        ("users.csv.gz", gzip.finish().unwrap()),
        ("users.csv.bz2", bzip2.finish().unwrap()),
        // Names may lie, and some warehouses give none.
        ("users.csv", zstd::encode_all(text.as_bytes(), 3).unwrap()),
    ];
    let mut seen = Vec::new();
    for (name, object) in objects {
        let bench = Bench::new();
        bench.edit("extract: users.csv", &format!("extract: {name}"));
        bench.write(name, object);
        let ran = bench.sync();
        assert_eq!(ran.status, 0, "{name}: {}", ran.said);
        assert_eq!(ran.json()["mappings"][0]["sent"], 3_000, "{name}");
        let mut events: Vec<String> = bench
            .lines("out/events.jsonl")
            .iter()
            .map(ToString::to_string)
            .collect();
        events.sort_unstable();
        seen.push(events);
    }
    for events in &seen[1..] {
        assert!(events == &seen[0]);
    }
}

#[test]
fn compressed_extract_that_is_cut_off_fails_its_job_and_no_other() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: unloads");
    let text = format!(
        "id,name,age\n{}",
        rows(50_000, |id| format!("{id},Ada {},36\n", id * 7_919 % 10_007))
    );
    let whole = zstd::encode_all(text.as_bytes(), 3).unwrap();
    bench.write("unloads/a.csv.zst", &whole[..whole.len() - 100]);
    bench.write("unloads/b.csv", "id,name,age\n1,Ada,36\n");
    let ran = bench.sync();
    assert_eq!(ran.status, 1, "{}", ran.said);
    let report = ran.json();
    assert_eq!(
        (&report["jobs"]["done"], &report["jobs"]["failed"]),
        (&1.into(), &1.into())
    );
    let text = report.to_string();
    assert!(
        text.contains("unloads/a.csv.zst") && text.contains("no whole zstd text: it ends too early"),
        "{text}"
    );
}

#[test]
fn empty_extracts_are_done_at_once() {
    for text in ["", "id,name,age\n", "id,name,age"] {
        let bench = Bench::new();
        bench.write("users.csv", text);
        let ran = bench.sync();
        assert_eq!(ran.status, 0, "{text:?}: {}", ran.said);
        assert_eq!(ran.json()["rows"], 0);
    }
}

#[test]
fn row_that_segment_would_drop_in_silence_is_rejected_with_its_code() {
    let bench = Bench::new();
    bench.edit("  id: id\n", "");
    bench.write("users.csv", "id,name,age\n,Ada,36\n2,Grace,45\n");
    let ran = bench.sync();
    assert_eq!(ran.status, 1, "{}", ran.said);
    let reasons = &ran.json()["mappings"][0]["reasons"];
    assert_eq!(reasons, &json!({"payload_validation_failed": 1}));
    assert_eq!(
        bench.rejected()[0]["record"],
        json!({"id": null, "name": "Ada", "age": 36})
    );
    assert!(bench.lines("out/dropped.jsonl").is_empty());
}

#[test]
fn oversized_call_is_rejected_alone() {
    let bench = Bench::new();
    bench.write(
        "users.csv",
        format!("id,name,age\n1,{},36\n2,Grace,45\n", "x".repeat(40_000)),
    );
    let ran = bench.sync();
    assert_eq!(ran.status, 1, "{}", ran.said);
    assert_eq!(ran.json()["mappings"][0]["reasons"], json!({"event_too_large": 1}));
    assert_eq!(bench.lines("out/events.jsonl").len(), 1);
}

#[test]
fn wrong_write_key_reference_is_named_with_the_remedy() {
    let bench = Bench::new();
    for (target, status) in [(["--endpoint", "http://127.0.0.1:9"], 2), (["--sink", "out"], 0)] {
        let mut command = bench.command(&["sync", "sync.yaml", target[0], target[1]]);
        let ran = crate::bench::Ran::of(&command.env_remove("BACKHAUL_TEST_KEY").output().unwrap());
        assert_eq!(ran.status, status, "{}", ran.said);
        assert!(
            ran.said.contains("`BACKHAUL_TEST_KEY`") && ran.said.contains("export BACKHAUL_TEST_KEY="),
            "{}",
            ran.said
        );
    }
}

#[test]
fn endpoint_that_refuses_leaves_the_run_open_and_it_goes_on_when_the_endpoint_is_back() {
    let bench = Bench::new();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let words = [
        "--json",
        "sync",
        "sync.yaml",
        "--endpoint",
        &url,
        "--give-up-after",
        "1",
    ];
    let ran = bench.run(&words);
    assert_eq!(ran.status, 1, "{}", ran.said);
    assert!(
        ran.said.contains(&url) && ran.said.contains("run the same command again"),
        "{}",
        ran.said
    );
    let _server = bench.serve(port);
    let ran = bench.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert_eq!(ran.json()["mappings"][0]["sent"], 2);
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    let ran = Bench::new().run(&["sync", "sync.yaml", "--endpoint", "http://example.com"]);
    assert_eq!(ran.status, 2, "{}", ran.said);
    assert!(ran.said.contains("http"), "{}", ran.said);
}

#[test]
fn folder_that_is_written_to_must_not_be_read() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: unloads");
    bench.write("unloads/users.csv", "id,name,age\n1,Ada,36\n");
    for words in [
        &["--sink", "unloads/trial"][..],
        &["--sink", "out", "--state", "unloads/state"],
    ] {
        let ran = bench.run(&[&["--json", "sync", "sync.yaml"], words].concat());
        assert_eq!(ran.status, 2, "{}", ran.said);
        assert!(ran.said.contains("lies in the extract"), "{}", ran.said);
    }
    let hidden = bench.run(&[
        "--json",
        "sync",
        "sync.yaml",
        "--sink",
        "out",
        "--state",
        "unloads/.state",
    ]);
    assert_eq!(hidden.status, 0, "{}", hidden.said);
}

#[test]
fn empty_and_damaged_parts_leave_the_others_alone() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: unloads");
    bench.write("unloads/a.csv", "id,name,age\n1,Ada,36\n");
    bench.write("unloads/notes.md", "# not data");
    let empty = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    bench.write("unloads/b.csv.gz", empty.finish().unwrap());
    let ran = bench.sync();
    assert_eq!((ran.status, ran.json()["rows"].clone()), (0, json!(1)), "{}", ran.said);
}

#[test]
fn part_that_is_not_what_the_document_says_fails_alone_and_is_named_in_table_and_report() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: unloads");
    bench.write("unloads/a.csv", "id,name,age\n1,Ada,36\n");
    bench.write("unloads/b.csv", "name,age\nGrace,45\n");
    let ran = bench.run(&["sync", "sync.yaml", "--sink", "out"]);
    assert_eq!(ran.status, 1, "{}", ran.said);
    let told = "unloads/b.csv` has no column `id`, which `source.id` names; its columns are: name, age; mend it";
    assert!(ran.out.contains("partial") && ran.out.contains(told), "{}", ran.out);
    let report = bench.sync().json();
    assert_eq!((&report["jobs"]["failed"], &report["rows"]), (&json!(1), &json!(1)));
    assert!(report["failures"].to_string().contains(told), "{report}");
    assert_eq!(report["failures"][0]["code"], "object_unreadable");
    assert_eq!(bench.lines("out/events.jsonl").len(), 1);
}
