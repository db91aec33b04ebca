//! What fuzzing calls: any bytes, never a panic, and what is written is JSON.
//!
//! Inputs are text files that can be read and written by hand: the first line is one part, all that follows the other.

use std::fs;
use std::path::Path;

use mapping::{Action, Change, Compiled, Event, Fql, Index, Mode, Scratch, Trigger, answer};
use serde_json::{Value, json};

/// A mapping in the first line, rows in the others: each row is mapped by every action.
///
/// # Panics
/// When a call that was written is not one JSON object, or a rejection left something behind.
pub fn mapping(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (mapping, rows) = text.split_once('\n').unwrap_or((&text, "{}"));
    let Ok(mapping) = serde_json::from_str(mapping) else {
        return;
    };
    call_all(&Action::ALL, &mapping, rows);
    if let Some(row) = rows.lines().next() {
        // The same engine by its other entry, where payloads of any type come in.
        let _ = answer(Mode::Mapping, &format!("{{\"mapping\":{mapping},\"input\":{row}}}"));
        let _ = answer(
            Mode::Action,
            &format!("{{\"action\":\"page\",\"mapping\":{mapping},\"event\":{row}}}"),
        );
    }
}

/// A trigger in the first line, an event in the second.
pub fn fql(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (trigger, event) = text.split_once('\n').unwrap_or((&text, "{}"));
    let _ = Trigger::parse(trigger);
    let mut index = Index::default();
    if let (Ok(fql), Ok(record)) = (Fql::parse(trigger), index.of(event)) {
        let _ = fql.matches(&Event::Whole(record));
        let change = Change::Updated;
        let _ = fql.matches(&Event::Row { change, record });
    }
}

/// A row in the first line, a Liquid template in the others.
///
/// # Panics
/// As [`mapping()`].
pub fn liquid(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (row, template) = text.split_once('\n').unwrap_or(("{}", &text));
    let rendered = json!({"@liquid": template});
    call_all(
        &[Action::Identify],
        &json!({"user_id": "u", "traits": {"a": rendered}}),
        row,
    );
}

/// Any bytes as a line of `backhaul eval`.
pub fn line(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for mode in [Mode::Mapping, Mode::Fql, Mode::Action] {
        let _ = answer(mode, &text);
    }
}

fn call_all(actions: &[Action], mapping: &Value, rows: &str) {
    let mut scratch = Scratch::default();
    let mut index = Index::default();
    for &action in actions {
        let Ok(compiled) = Compiled::compile(action, mapping) else {
            continue;
        };
        for row in rows.lines() {
            let Ok(record) = index.of(row) else { continue };
            let change = Change::New;
            for event in [Event::Row { change, record }, Event::Whole(record)] {
                call(&compiled, &event, &mut scratch);
            }
        }
    }
}

fn call(compiled: &Compiled, event: &Event<'_>, scratch: &mut Scratch) {
    let mut out = b"before".to_vec();
    match compiled.call(event, Some("id"), scratch, &mut out) {
        Ok(call) => {
            let written = String::from_utf8_lossy(&out[6..]);
            assert!(!written.contains(['\n', '\r']), "a call on several lines: {written}");
            if let Err(error) = Index::default().of(&written) {
                // The only calls that are deeper than rows may be: those that wrap a row.
                assert!(
                    error.to_string().contains("nests deeper"),
                    "no JSON: {error}: {written}"
                );
            }
            assert!(
                out[call.identity].starts_with(b"\""),
                "the identity is no text: {written}"
            );
        }
        Err(_) => assert_eq!(out, b"before", "a rejection left something behind"),
    }
}

/// Runs a target over every file of its corpus, of which there must be `least`, and names each before.
///
/// # Panics
/// When there are fewer, one cannot be read, or the target panics on one.
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "fails as tests do, and names the file"
)]
pub fn replay(target: &str, least: usize, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files: Vec<_> = fs::read_dir(&corpus)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(
        files.len() >= least,
        "only {} files in {}",
        files.len(),
        corpus.display()
    );
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}
