//! Nothing of the write key or of rows is left where it does not belong: everything that the program says and leaves behind is searched
//! for canaries.
//!
//! What counts as a row is the text of its cells and values. Names of columns, objects and mappings, row numbers and the types of values
//! are no rows: reports and logs need them.

use std::fs;
use std::io::Read;
use std::path::Path;

use support::{EchoApi, POISON, POISON_TELLING_KEY};

use crate::bench::{Bench, Ran, files};

/// The write key, and what is left of it in base64: alone, or with the colour of Basic authorization. The end, where they differ, is left out.
const KEY: &str = "Zq7canarykeyZq7WriteKey0123456789";
const KEY_IN_BASE64: &str = "WnE3Y2FuYXJ5a2V5WnE3V3JpdGVLZXkwMTIzNDU2Nzg5";

/// Part of every value of every row.
const CANARY: &str = "canary-";

/// Mappings that fail on rows in the ways that mappings fail: schema, ids, directives, templates, triggers.
const SYNC: &str = r#"sync: users
source:
  extract: EXTRACT
  id: id
  types: {age: number, since: timestamp, active: boolean, bag: json}
destination:
  write_key: {env: BACKHAUL_TEST_KEY}
mappings:
  - name: identify-user
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {"@path": "$.properties"}}
  - name: wrong-types
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {"@path": "$.properties.name"}, timestamp: {"@path": "$.properties.name"}}
  - name: no-ids
    action: track
    fields: {user_id: {"@path": "$.properties.bag"}, event_name: {"@path": "$.properties.name"}, properties: {"@path": "$.properties.name"}}
  - name: template
    action: track
    fields:
      user_id: {"@path": "$.properties.id"}
      event_name: "{{properties.name}}"
      properties: {at: {"@liquid": "{{ '2026-01-01' | date: '%Y', properties.name }}"}}
  - name: filter
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {a: {"@liquid": "{{ properties.name | divided_by: properties.name }}"}}}
  - name: decode
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {a: {"@json": {"mode": decode, "value": {"@path": "$.properties.name"}}}}}
  - name: list
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {a: {"@arrayPath": ["$.properties.name", {b: {"@path": "$.c"}}]}}}
  - name: flatten
    action: group
    fields:
      user_id: {"@path": "$.properties.id"}
      group_id: {"@path": "$.properties.bag"}
      traits: {"@flatten": {"value": {"@path": "$.properties.name"}, "separator": "."}}
  - name: merge
    action: page
    fields: {user_id: {"@path": "$.properties.id"}, page_name: {"@path": "$.properties.bag"}, properties: {"@merge": {"objects": [{"@path": "$.properties.name"}], "direction": right}}}
  - name: trigger
    action: screen
    trigger: properties.name = "filtered" and properties.age > 3
    fields: {user_id: {"@path": "$.properties.id"}, screen_name: {"@path": "$.properties.name"}}
"#;

/// Rows that are well, that cannot be decoded, and that the API refuses.
fn csv() -> Vec<u8> {
    let mut rows = b"id,name,age,since,active,bag\n".to_vec();
    for row in [
        format!(
            "{CANARY}1,{CANARY}ada@example.com,36,2026-01-01,true,\"{{\"\"{CANARY}key\"\":\"\"{CANARY}value\"\"}}\""
        ),
        format!("{CANARY}2,{CANARY}{POISON},1,2026-01-01,true,1"),
        format!("{CANARY}3,{CANARY}{POISON_TELLING_KEY},1,2026-01-01,true,1"),
        format!("{CANARY}4,{CANARY}name,{CANARY}age,2026-01-01,true,1"),
        format!("{CANARY}5,{CANARY}name,1,{CANARY}since,true,1"),
        format!("{CANARY}6,{CANARY}name,1,2026-01-01,{CANARY}active,1"),
        format!("{CANARY}7,{CANARY}name,1,2026-01-01,true,{{{CANARY}bag"),
        format!("{CANARY}8,{CANARY}name,{CANARY}more,{CANARY}more,{CANARY}more,{CANARY}more,{CANARY}more"),
        format!(",{CANARY}name,1,2026-01-01,true,[]"),
        format!("{CANARY}10,{CANARY}{},1,2026-01-01,true,[]", "long".repeat(9_000)),
    ] {
        rows.extend(row.as_bytes());
        rows.push(b'\n');
    }
    rows.extend(format!("{CANARY}11,{CANARY}").as_bytes());
    rows.extend(b"\xff,1,2026-01-01,true,1\n");
    rows.extend(format!("{CANARY}12,\"{CANARY}never closed,1\n").as_bytes());
    rows
}

fn jsonl() -> Vec<u8> {
    let nested = format!("{}\"{CANARY}deep\"{}", "[".repeat(200), "]".repeat(200));
    let rows = [
        format!(r#"{{"id": "{CANARY}1", "name": "{CANARY}ada@example.com", "age": 36, "bag": {{"a": "{CANARY}b"}}}}"#),
        format!(r#"{{"id": "{CANARY}2", "name": "{CANARY}{POISON}", "bag": []}}"#),
        format!(r#"{{"id": "{CANARY}3", "name": "{CANARY}{POISON_TELLING_KEY}", "bag": 3}}"#),
        format!(r#"{{"id": "{CANARY}4", "name": "{CANARY}broken"#),
        format!(r#"{{"id": "{CANARY}5", "name": {CANARY}bare}}"#),
        format!(r#""{CANARY}text""#),
        format!(r#"["{CANARY}list"]"#),
        format!(r#"{{"id": "{CANARY}6", "name": {nested}}}"#),
        format!(
            r#"{{"id": ["{CANARY}7"], "name": {{"x": "{CANARY}x"}}, "age": "{CANARY}age", "since": "{CANARY}", "active": "{CANARY}"}}"#
        ),
        format!(r#"{{"id": "{CANARY}8", "name": "\ud800{CANARY}", "bag": 1e999}}"#),
        format!(r#"{{"name": "{CANARY}without id"}}"#),
        format!(r#"{{"id": "{CANARY}9", "name": "{CANARY}tail"}} {CANARY}rest"#),
    ];
    rows.join("\n").into_bytes()
}

/// Everything that commands said, apart from answers that show rows on purpose.
#[derive(Default)]
struct Said(Vec<(String, String)>);

impl Said {
    /// Runs a command with all its logs.
    fn run(&mut self, bench: &Bench, words: &[&str]) -> Ran {
        let mut command = bench.command(words);
        command
            .env("BACKHAUL_TEST_KEY", KEY)
            .env("RUST_LOG", "trace")
            .env("CLICOLOR_FORCE", "1");
        let ran = Ran::of(&command.output().unwrap());
        let shows_rows = words.contains(&"test") || words.contains(&"-");
        let out = if shows_rows { "" } else { &ran.out };
        self.0.push((words.join(" "), format!("{out}\n{}", ran.said)));
        // Even there the write key is not shown.
        assert_keyless(&words.join(" "), &ran.out);
        ran
    }
}

fn assert_keyless(what: &str, text: &str) {
    for secret in [KEY, KEY_IN_BASE64] {
        assert!(!text.contains(&secret[..12]), "the write key is in {what}:\n{text}");
    }
}

fn assert_rowless(what: &str, text: &str) {
    let found = text.lines().find(|line| line.contains(CANARY));
    assert!(found.is_none(), "{what} quotes a row: {found:?}");
}

/// Returns the text of a file, decompressed.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut text)
            .unwrap();
    }
    String::from_utf8_lossy(if text.is_empty() { &bytes } else { &text }).into_owned()
}

/// Runs every command that reads rows or the write key over an extract, and searches what they said and left.
fn leaves_nothing(extract: &str, content: &[u8]) {
    let (bench, api, mut said) = (Bench::new(), EchoApi::start().unwrap(), Said::default());
    fs::remove_file(bench.path("users.csv")).unwrap();
    bench.write(&format!("in/{extract}"), content);
    bench.write("in/sync.yaml", SYNC.replace("EXTRACT", extract));
    let (sync, url) = ("in/sync.yaml", api.url());
    for words in [
        vec!["validate", sync],
        vec!["check", sync, "--settings-url", &url],
        vec!["estimate", sync],
        vec!["test", sync, "-n", "100"],
        vec!["sync", sync, "--sink", "out", "--chunk-bytes", "9000"],
        vec!["sync", sync, "--sink", "out"],
        vec!["--json", "sync", sync, "--endpoint", &url, "--state", "sent"],
        vec!["status", "--state", "sent"],
        vec!["report", "latest", "--state", "sent", "--html", "page.html"],
        vec!["report", "latest", "--state", "sent", "--rejected", "-"],
        vec!["--json", "report", "latest", "--state", "sent"],
        vec![
            "retry",
            "latest",
            "--document",
            sync,
            "--endpoint",
            &url,
            "--state",
            "sent",
        ],
        vec!["reset", "users", "--state", "sent", "--yes"],
    ] {
        let ran = said.run(&bench, &words);
        assert!(ran.status < 2 || words[0] == "validate", "{words:?}: {}", ran.said);
    }
    // Nobody listens there any more.
    drop(api);
    said.run(
        &bench,
        &[
            "sync",
            sync,
            "--endpoint",
            &url,
            "--state",
            "lost",
            "--give-up-after",
            "1",
        ],
    );

    for (words, text) in &said.0 {
        assert!(text.len() > 10, "{words} said nothing");
        assert_keyless(words, text);
        assert_rowless(words, text);
    }
    search(&bench);
}

/// Searches every file that is left.
fn search(bench: &Bench) {
    let mut kept = String::new();
    for file in files(&bench.path("")) {
        let name = file.strip_prefix(bench.path("")).unwrap().display().to_string();
        let text = text(&file);
        assert_keyless(&name, &text);
        if name.contains("/rejected/") {
            kept.push_str(&text);
        } else if !name.starts_with("in/") && !name.starts_with("out/") {
            assert_rowless(&name, &text);
        }
    }
    // The canaries were there to be found, and so were the API's words.
    for words in [
        CANARY,
        "refused: {",
        "(the answer repeats the write key and is not shown)",
    ] {
        assert!(kept.contains(words), "no rejected row has `{words}` beside it");
    }
}

#[test]
fn write_key_and_rows_of_csv_are_left_nowhere_else() {
    leaves_nothing("users.csv", &csv());
}

#[test]
fn write_key_and_rows_of_json_lines_are_left_nowhere_else() {
    leaves_nothing("users.jsonl", &jsonl());
}
