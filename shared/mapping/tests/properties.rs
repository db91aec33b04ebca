//! What holds for every mapping and every event.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use mapping::{Action, Change, Compiled, Event, Index, Scratch};
use proptest::prelude::*;
use serde_json::{Value, json};

fn keys() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("properties".to_owned()),
        Just("categoryPreferences".to_owned()),
        Just("name".to_owned()),
        Just("address".to_owned()),
        "[a-c0-2\"\\\\é]{0,3}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "(\\{\\{\\{?[a-c.0]{0,3}\\}?\\}\\}|[a-c😀]){0,3}".prop_map(Value::from),
        Just(json!("{\"a\":[1,null]}")),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((keys(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn paths() -> impl Strategy<Value = Value> {
    "(\\$\\.)?(properties|name|[a-c]|length)?([.\\[][a-c0-2'\"]{0,2}\\]?){0,2}".prop_map(Value::from)
}

fn mappings() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        values(),
        paths().prop_map(|path| json!({ "@path": path })),
        paths().prop_map(|path| json!({ "@template": format!("a{{{{{}}}}}b", path.as_str().unwrap()) })),
    ];
    let leaf = prop_oneof![
        4 => leaf,
        1 => Just(json!({ "@liquid": "{{ properties | json }}{{ properties.a.b | upcase }}{{ a | size }}{% increment b %}" })),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone()
                .prop_map(|(a, b)| json!({"@if": {"exists": {"@path": "$.properties.a"}, "then": a, "else": b}})),
            two.clone().prop_map(|(a, b)| json!({"@if": {"blank": a, "then": b}})),
            two.clone()
                .prop_map(|(a, b)| json!({"@merge": {"objects": [a, b], "direction": "left"}})),
            two.clone()
                .prop_map(|(a, b)| json!({"@transform": {"apply": {"a": a}, "mapping": {"b": b}}})),
            two.prop_map(|(a, b)| json!({"@arrayPath": [a, {"x": b, "y": {"@path": "$.a"}}]})),
            inner.clone().prop_map(|a| json!({"@excludeWhenNull": a})),
            inner
                .clone()
                .prop_map(|a| json!({"@flatten": {"value": a, "separator": "."}})),
            inner
                .clone()
                .prop_map(|a| json!({"@json": {"mode": "encode", "value": a}})),
            inner
                .clone()
                .prop_map(|a| json!({"@json": {"mode": "decode", "value": a}})),
            inner
                .clone()
                .prop_map(|a| json!({"@case": {"operator": "upper", "value": a}})),
            inner.clone().prop_map(
                |a| json!({"@replace": {"pattern": "a", "replacement": "$&$'", "ignorecase": true, "value": a}})
            ),
            inner.clone().prop_map(|a| json!({"a": a, "1": [{"@literal": "x"}]})),
        ]
    })
}

/// A mapping of all that matters, so that rejections and calls both occur.
fn fields() -> impl Strategy<Value = Value> {
    (mappings(), mappings(), mappings(), mappings()).prop_map(|(a, b, c, d)| {
        json!({
            "user_id": "u", "event_name": "E", "group_id": {"@template": "g"}, "properties": {"p": a, "name": b.clone()},
            "traits": {"@merge": {"objects": [b.clone(), {"address": c.clone()}], "direction": "right"}},
            "consent": {"categoryPreferences": c}, "address": {"street": d.clone()}, "page": {"title": d},
            "unknown": {"@case": {"value": {"@path": "$.a"}}},
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_json_and_on_a_rejection_nothing_is(mut mapping in fields(), event in values(), strict in any::<bool>()) {
        if !strict {
            mapping.as_object_mut().unwrap().shift_remove("unknown");
        }
        let text = json!({"properties": event, "a": event}).to_string();
        let mut index = Index::default();
        let event = Event::Whole(index.of(&text).unwrap());
        let mut scratch = Scratch::default();
        for action in Action::ALL {
            let Ok(mapping) = Compiled::compile(action, &mapping) else { continue };
            let mut out = b"before".to_vec();
            if let Ok(call) = mapping.call(&event, Some("id"), &mut scratch, &mut out) {
                    let written = std::str::from_utf8(&out[6..]).unwrap();
                    prop_assert!(Index::default().of(written).is_ok(), "{written}");
                    prop_assert!(!written.contains(['\n', '\r']));
                    prop_assert_eq!(&out[call.identity], b"\"u\"");
            } else {
                prop_assert_eq!(out, b"before");
            }
        }
    }

    #[test]
    fn a_row_maps_as_the_event_that_is_built_from_it(mapping in fields(), row in proptest::collection::vec((keys(), values()), 0..5)) {
        let row = Value::Object(row.into_iter().collect());
        let (text, whole) = (row.to_string(), json!({"type": "track", "event": "updated", "properties": row}).to_string());
        let (mut row_index, mut whole_index) = (Index::default(), Index::default());
        let row = Event::Row { change: Change::Updated, record: row_index.of(&text).unwrap() };
        let whole = Event::Whole(whole_index.of(&whole).unwrap());
        let Ok(mapping) = Compiled::compile(Action::Track, &mapping) else { return Ok(()) };
        let (mut of_row, mut of_whole) = (Vec::new(), Vec::new());
        let mut scratch = Scratch::default();
        let row_result = mapping.call(&row, None, &mut scratch, &mut of_row);
        let whole_result = mapping.call(&whole, None, &mut scratch, &mut of_whole);
        prop_assert_eq!(row_result, whole_result);
        prop_assert_eq!(String::from_utf8_lossy(&of_row), String::from_utf8_lossy(&of_whole));
    }
}
