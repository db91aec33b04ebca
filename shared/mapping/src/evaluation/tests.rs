//! Rules of `backhaul eval`.

use super::{Mode, answer, refusal};

#[test]
fn answers_mappings_with_output_nothing_or_error() {
    let ask = |line: &str| answer(Mode::Mapping, line).unwrap();
    assert_eq!(
        ask(r#"{"id":"1","mapping":{"a":{"@path":"$.b"}},"input":{"b":1.0}}"#),
        r#"{"id":"1","output":{"a":1}}"#
    );
    assert_eq!(
        ask(r#"{"id":"2","mapping":{"@path":"$.b"},"input":{}}"#),
        r#"{"id":"2"}"#
    );
    assert_eq!(
        ask(r#"{"id":"3","mapping":{"@path":1},"input":{}}"#),
        r#"{"id":"3","error":"/@path should be a string or a mapping directive but it is a number."}"#
    );
}

#[test]
fn answers_actions_with_a_batch_or_an_error() {
    let ask = |line: &str| answer(Mode::Action, line).unwrap();
    assert_eq!(
        ask(r#"{"id":1,"action":"sendGroup","mapping":{"user_id":7,"group_id":{"@path":"$.g"}},"event":{"g":"x"}}"#),
        r#"{"id":1,"batch":[{"userId":"7","groupId":"x","context":{"consent":{}},"traits":{},"type":"group"}]}"#
    );
    assert_eq!(
        ask(r#"{"id":2,"action":"page","mapping":{},"event":{}}"#),
        r#"{"id":2,"error":{"class":"PayloadValidationError","message":"Either `Anonymous ID` or `User ID` must be defined."}}"#
    );
}

#[test]
fn looks_at_the_input_before_the_mapping() {
    assert_eq!(
        answer(Mode::Mapping, r#"{"id":1,"mapping":{"@path":1},"input":[]}"#).unwrap(),
        r#"{"id":1,"error":"data must be an object, got array"}"#
    );
}

#[test]
fn names_segments_class_of_error() {
    let class = |mapping: &str| {
        let line = format!(r#"{{"action":"track","mapping":{mapping},"event":{{}}}}"#);
        let answer: serde_json::Value = serde_json::from_str(&answer(Mode::Action, &line).unwrap()).unwrap();
        answer["error"]["class"].as_str().unwrap().to_owned()
    };
    assert_eq!(class(r#"{"@path":1}"#), "ValidationError");
    assert_eq!(class(r#"{"user_id":{"@path":1}}"#), "AggregateError");
    assert_eq!(class(r#"{"user_id":[{"@case":{}}]}"#), "Error");
    assert_eq!(class(r#"{"__segment_internal_directive":null}"#), "TypeError");
    assert_eq!(class(r#"{"user_id":{"@liquid":"{{ v"}}"#), "TokenizationError");
    assert_eq!(class(r#"{"user_id":{"@liquid":"{% if v %}"}}"#), "ParseError");
    assert_eq!(class(r#"{"user_id":{"@liquid":"{{ v | map: 1 }}"}}"#), "RenderError");
    assert_eq!(class("{}"), "AggregateAjvError");
}

#[test]
fn takes_preferences_without_value_for_none() {
    let consent = |consent: &str| {
        let line = format!(
            r#"{{"action":"group","mapping":{{"user_id":1,"group_id":1,"consent":{consent}}},"event":{{"c":{{"categoryPreferences":{{"a":null,"b":true}}}}}}}}"#
        );
        let answer: serde_json::Value = serde_json::from_str(&answer(Mode::Action, &line).unwrap()).unwrap();
        answer["batch"][0]["context"]["consent"].to_string()
    };
    let kept = r#"{"categoryPreferences":{"b":true}}"#;
    assert_eq!(
        consent(r#"{"categoryPreferences":{"a":{"@path":"$.x"},"b":true}}"#),
        kept
    );
    assert_eq!(consent(r#"{"@excludeWhenNull":{"@path":"$.c"}}"#), kept);
    assert_eq!(consent(r#"{"@path":"$.c"}"#), "{}");
}

#[test]
fn stumbles_over_null_as_segment_does() {
    let ask = |event: &str, mapping: &str| {
        let line = format!(r#"{{"action":"identify","mapping":{mapping},"event":{event}}}"#);
        answer(Mode::Action, &line).unwrap()
    };
    let error = |message: &str| format!(r#"{{"error":{{"class":"TypeError","message":"{message}"}}}}"#);
    let context = error("Cannot destructure property 'personas' of '{}' as it is null.");
    assert_eq!(ask(r#"{"context":null}"#, r#"{"user_id":"u"}"#), context);
    let personas = error("Cannot read properties of null (reading 'computation_class')");
    assert_eq!(ask(r#"{"context":{"personas":null}}"#, "{}"), personas);
    // The schema is asked before, identity after.
    assert!(ask(r#"{"context":null}"#, r#"{"user_id":{}}"#).contains("AggregateAjvError"));
    assert!(ask(r#"{"context":5}"#, r#"{"user_id":"u"}"#).contains("batch"));
}

#[test]
fn says_that_a_mapping_gave_no_object() {
    let message = |event: &str| {
        let line = format!(r#"{{"action":"track","mapping":{{"@path":"$.a"}},"event":{event}}}"#);
        let answer: serde_json::Value = serde_json::from_str(&answer(Mode::Action, &line).unwrap()).unwrap();
        answer["error"]["message"].as_str().unwrap().to_owned()
    };
    // `null` is removed before the schema looks.
    assert_eq!(
        message(r#"{"a":null}"#),
        "The root value must be an object but it was undefined."
    );
    assert_eq!(
        message(r#"{"a":[]}"#),
        "The root value must be an object but it was an array."
    );
}

#[test]
fn answers_triggers() {
    assert_eq!(
        answer(
            Mode::Fql,
            r#"{"id":"x","fql":"type = \"track\"","event":{"type":"track"}}"#
        )
        .unwrap(),
        r#"{"id":"x","match":true,"parse_error":false}"#
    );
    let unlike = |event: &str| {
        let line = format!(r#"{{"fql":"name != \"x\"","event":{event}}}"#);
        answer(Mode::Fql, &line).unwrap()
    };
    // Even text has no `name`; only nothing matches nothing.
    assert_eq!(unlike("\"text\""), r#"{"match":true,"parse_error":false}"#);
    assert_eq!(unlike("null"), r#"{"match":false,"parse_error":false}"#);
}

#[test]
fn answers_what_it_cannot_evaluate_with_the_line_and_the_reason() {
    let refuse = |mode: Mode, line: &str| refusal(mode, line.as_bytes(), 7, &answer(mode, line).unwrap_err());
    assert_eq!(
        refuse(Mode::Mapping, "{\"id\":3}"),
        r#"{"id":3,"error":"line 7: `mapping` should be a mapping"}"#
    );
    assert_eq!(
        refuse(Mode::Fql, "x"),
        r#"{"error":"line 7: not JSON at byte 0: expected an object"}"#
    );
    assert_eq!(
        refuse(Mode::Action, "{\"id\":\"a\",\"action\":\"x\"}"),
        r#"{"id":"a","error":{"class":"Error","message":"line 7: `action` should be an action such as sendTrack"}}"#
    );
}

#[test]
fn refuses_lines_that_say_nothing() {
    assert!(answer(Mode::Action, "[]").is_err());
    assert_eq!(answer(Mode::Fql, "{}").unwrap_err().to_string(), "`fql` should be text");
}
