//! One folder per rule: `golden/<action>/<rule>/{mapping,event,expected}.json`.
//!
//! `expected.json` holds `call` (key order counts) and perhaps `ingest`, or `rejection`. An event that is a
//! warehouse row is called both ways.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use mapping::{Action, Auto, Change, Compiled, Event, Index, Record, Scratch};
use serde_json::{Value, json};

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn read(folder: &Path, name: &str) -> Value {
    let path = folder.join(name);
    serde_json::from_str(&read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the mapping makes of an event, in the form of `expected.json`.
fn outcome(mapping: &Compiled, event: Event<'_>) -> Value {
    let mut out = b"before".to_vec();
    match mapping.call(&event, None, &mut Scratch::default(), &mut out) {
        Ok(call) => {
            let text = std::str::from_utf8(&out[6..]).unwrap();
            let sent: Value = serde_json::from_str(text).unwrap();
            let identity: Value = serde_json::from_slice(&out[call.identity]).unwrap();
            assert_eq!(&identity, sent.get("userId").unwrap_or(&sent["anonymousId"]));
            let mut outcome = json!({"call": sent});
            if let Some(problem) = call.ingest {
                outcome["ingest"] = json!({"code": problem.code, "field": problem.field});
            }
            outcome
        }
        Err(rejection) => {
            assert_eq!(out, b"before");
            json!({"rejection": {
                "code": rejection.code,
                "class": rejection.class,
                "message": rejection.message,
                "field": rejection.field,
            }})
        }
    }
}

/// The row that a warehouse event is made of.
fn row<'r>(event: &Value, text: &'r str, index: &'r mut Index) -> Option<Event<'r>> {
    let change: Change = serde_json::from_value(event.get("event")?.clone()).ok()?;
    let record: Record<'r> = index.of(text).ok()?;
    Some(Event::Row { change, record })
}

fn check(action: Action, folder: &Path) {
    let mapping = Compiled::compile(action, &read(folder, "mapping.json")).unwrap();
    let event = read(folder, "event.json");
    let expected = read(folder, "expected.json").to_string();
    let text = event.to_string();
    let mut index = Index::default();
    let whole = Event::Whole(index.of(&text).unwrap());
    assert_eq!(outcome(&mapping, whole).to_string(), expected, "{}", folder.display());
    let properties = event["properties"].to_string();
    if let Some(row) = row(&event, &properties, &mut Index::default()) {
        assert_eq!(
            outcome(&mapping, row).to_string(),
            expected,
            "{} as a row",
            folder.display()
        );
    }
}

/// Folders `golden/auto/<action>/<rule>` hold a row and what `fields: auto` makes of it.
#[test]
fn columns_map_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/auto");
    for action in Action::ALL {
        let cases = folders(&root.join(action.as_str()));
        assert!(!cases.is_empty(), "{action}");
        for folder in cases {
            let text = read(&folder, "row.json").to_string();
            let mut index = Index::default();
            let change = Change::New;
            let record = index.of(&text).unwrap();
            let row = Event::Row { change, record };
            let expected = read(&folder, "expected.json").to_string();
            let mut auto = Auto::new(action);
            assert_eq!(
                outcome(auto.of(&row), row).to_string(),
                expected,
                "{}",
                folder.display()
            );
        }
    }
}

#[test]
fn calls_are_as_segment_builds_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut checked = 0;
    for action in Action::ALL {
        for folder in folders(&root.join(action.as_str())) {
            check(action, &folder);
            checked += 1;
        }
    }
    assert!(checked >= 20, "only {checked} cases were found");
}
