//! What Segment's published packages answer (`tests/conformance`), answered by `shared/mapping`.

use std::fs;
use std::path::Path;

use mapping::{Action, Change, Compiled, Event, Index, Mode, Scratch, answer};
use serde_json::{Map, Value};

/// How many of the wordings of errors must agree.
const SAME_WORDS: f64 = 0.95;
/// How many differences are shown.
const SHOWN: usize = 5;

#[test]
fn mappings_give_what_segments_mapping_kit_gives() {
    assert_conforms("mapping", Mode::Mapping);
}

#[test]
fn triggers_match_what_segments_subscriptions_match() {
    assert_conforms("fql", Mode::Fql);
}

#[test]
fn actions_make_the_calls_of_segments_destination() {
    assert_conforms("action", Mode::Action);
}

#[test]
fn templates_render_as_segments_liquid_renders_them() {
    assert_conforms("liquid", Mode::Mapping);
}

/// A job compiles once and calls for row after row, with memory that it uses again; `answer` does all of it per line.
#[test]
fn jobs_make_the_same_calls_of_events_and_rows() {
    let (mut scratch, mut index, mut rows) = (Scratch::default(), Index::default(), 0);
    for line in vectors("action").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let Some(calls) = case["expect"]["batch"].as_array() else {
            continue;
        };
        let action = Action::from_slug(case["action"].as_str().unwrap()).unwrap();
        let mapping = Compiled::compile(action, &case["mapping"]).unwrap();
        let (change, text) = row_of(&case["event"]);
        let record = index.of(&text).unwrap();
        let event = change.map_or(Event::Whole(record), |change| Event::Row { change, record });
        let mut out = Vec::new();
        mapping.call(&event, None, &mut scratch, &mut out).unwrap();
        let call: Value = serde_json::from_slice(&out).unwrap();
        assert!(same(&calls[0], &call), "{}: {call}", case["id"]);
        rows += u32::from(change.is_some());
    }
    assert!(rows > 20, "{rows} rows");
}

/// The row that an event is made of, if it is; else the event.
fn row_of(event: &Value) -> (Option<Change>, String) {
    let change = serde_json::from_value(event["event"].clone()).ok();
    let is_row = event["type"] == "track" && event["properties"].is_object();
    match change.filter(|_| is_row && event.as_object().is_some_and(|fields| fields.len() == 3)) {
        Some(change) => (Some(change), event["properties"].to_string()),
        None => (None, event.to_string()),
    }
}

fn vectors(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("conformance/vectors/{name}.jsonl"));
    fs::read_to_string(path).unwrap()
}

fn assert_conforms(name: &str, mode: Mode) {
    let lines = vectors(name);
    let (mut different, mut errors, mut other_words) = (Vec::new(), 0_u32, Vec::new());
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let expected = &case["expect"];
        let actual: Value = serde_json::from_str(&answer(mode, line).unwrap()).unwrap();
        let told = || format!("{}\n    segment:  {expected}\n    backhaul: {actual}", case["id"]);
        if !agrees(expected, &actual) {
            different.push(told());
        } else if expected.get("error").is_some() {
            errors += 1;
            if !has_same_words(expected, &actual["error"]) {
                other_words.push(told());
            }
        }
    }
    let show = |cases: &[String]| cases.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} differ\n{}", different.len(), show(&different));
    let most = f64::from(errors) * (1.0 - SAME_WORDS);
    let others = u32::try_from(other_words.len()).unwrap();
    assert!(
        f64::from(others) <= most,
        "{others} of {errors} errors in other words\n{}",
        show(&other_words)
    );
}

/// The equality of the vectors: any error for an error, order of keys free, numbers by value, text exact.
fn agrees(expected: &Value, actual: &Value) -> bool {
    if expected.get("throws").is_some() {
        return actual["match"] == false;
    }
    if expected.get("error").is_some() || actual.get("error").is_some() {
        return expected.get("error").is_some() && actual.get("error").is_some();
    }
    ["output", "batch", "match", "parse_error"]
        .iter()
        .all(|key| match (expected.get(key), actual.get(key)) {
            (Some(expected), Some(actual)) => same(expected, actual),
            (expected, actual) => expected.is_none() && actual.is_none(),
        })
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let has_same = |other: &Map<String, Value>, key: &String, value| {
                other.get(key).is_some_and(|right| same(value, right))
            };
            left.len() == right.len() && left.iter().all(|(key, value)| has_same(right, key, value))
        }
        (left, right) => left == right,
    }
}

/// Whether an error says what it should, and is of the same class where the answer names one.
fn has_same_words(expected: &Value, actual: &Value) -> bool {
    let expected = Some(&expected["error"])
        .filter(|error| error.is_object())
        .unwrap_or(expected);
    match actual {
        Value::String(message) => expected["message"] == **message,
        actual => expected["message"] == actual["message"] && expected["class"] == actual["class"],
    }
}
