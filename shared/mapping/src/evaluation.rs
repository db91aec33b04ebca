//! One mapping, trigger or action on one input, as lines of JSON: what `backhaul eval` answers.

use std::str::FromStr;

use bumpalo::Bump;
use serde_json::Value as Json;

use crate::json::write::{stringify, write_raw};
use crate::{
    Action, Compiled, DirectiveError, Fields, Fql, Index, Problems, Record, RecordError, Rejection, Scratch, Value,
};
use crate::{to_json, write_json_string};

/// What is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `{"id", "mapping", "input"}` → `{"id", "output"}`, `{"id"}` for `undefined`, or `{"id", "error"}`
    Mapping,
    /// `{"id", "fql", "event"}` → `{"id", "match", "parse_error"}`
    Fql,
    /// `{"id", "action", "mapping", "event"}` → `{"id", "batch": […]}` or `{"id", "error": {"class", "message"}}`
    Action,
}

/// A word that is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown evaluation `{0}`: use mapping, fql or action")]
pub struct UnknownMode(String);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "mapping" => Ok(Self::Mapping),
            "fql" => Ok(Self::Fql),
            "action" => Ok(Self::Action),
            other => Err(UnknownMode(other.to_owned())),
        }
    }
}

/// Why a line could not be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The line is not one JSON object.
    #[error(transparent)]
    Line(#[from] RecordError),
    /// The line is no text.
    #[error("not UTF-8: {0}")]
    Encoding(#[from] std::str::Utf8Error),
    /// A field that the mode needs is missing or has the wrong type.
    #[error("`{field}` should be {expected}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The mapping could not be read.
    #[error("`mapping` cannot be read")]
    Mapping(#[source] serde_json::Error),
}

/// Evaluates one line and returns the answer's line, without a line break.
///
/// # Errors
/// [`EvaluationError`] when the line does not say what to evaluate. A mapping, trigger or action that fails is an
/// answer.
pub fn answer(mode: Mode, line: &str) -> Result<String, EvaluationError> {
    let mut index = Index::default();
    let line = index.of(line)?;
    let mut out = Vec::with_capacity(256);
    out.push(b'{');
    if let Some(id) = field(line, "id") {
        out.extend_from_slice(b"\"id\":");
        write_raw(id, &mut out);
    }
    match mode {
        Mode::Mapping => answer_mapping(line, &mut out)?,
        Mode::Fql => answer_fql(line, &mut out)?,
        Mode::Action => answer_action(line, &mut out)?,
    }
    out.push(b'}');
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Returns the answer to a line that could not be evaluated: its `id`, if it has one, and `error` as the mode spells
/// errors, with the line's `number`.
#[must_use]
pub fn refusal(mode: Mode, line: &[u8], number: u64, error: &EvaluationError) -> String {
    let mut index = Index::default();
    let mut out = vec![b'{'];
    if let Some(id) = std::str::from_utf8(line)
        .ok()
        .and_then(|line| index.of(line).ok())
        .and_then(|line| field(line, "id"))
    {
        key("id", &mut out);
        write_raw(id, &mut out);
    }
    key("error", &mut out);
    let message = format!("line {number}: {error}");
    match mode {
        Mode::Mapping | Mode::Fql => write_json_string(&message, &mut out),
        Mode::Action => write_error("Error", &message, &mut out),
    }
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn write_error(class: &str, message: &str, out: &mut Vec<u8>) {
    let error = [("class", Value::Text(class)), ("message", Value::Text(message))];
    stringify(Value::Object(&error), &Bump::new(), out);
}

/// The event that a mapping gets; only objects (and nothing, which counts as an empty one) are events.
fn payload<'r>(line: Record<'r>, name: &str) -> Result<Value<'r>, DirectiveError> {
    match field(line, name).map_or(Value::Undefined, Value::of_json) {
        Value::Undefined => Ok(Value::Object(&[])),
        object if object.is_object() => Ok(object),
        other => Err(DirectiveError::not_an_object(other.type_name())),
    }
}

/// The JSON text of a field, the last one of its name.
fn field<'r>(line: Record<'r>, name: &str) -> Option<&'r str> {
    line.fields()
        .iter()
        .rev()
        .find(|span| line.key(span) == name)
        .map(|span| line.value(span))
}

fn text<'r>(line: Record<'r>, name: &'static str) -> Result<std::borrow::Cow<'r, str>, EvaluationError> {
    let value = field(line, name).map_or(Value::Undefined, Value::of_json);
    value.as_text().ok_or(EvaluationError::Field {
        field: name,
        expected: "text",
    })
}

fn mapping(line: Record<'_>) -> Result<Json, EvaluationError> {
    let text = field(line, "mapping").ok_or(EvaluationError::Field {
        field: "mapping",
        expected: "a mapping",
    })?;
    serde_json::from_str(text).map_err(EvaluationError::Mapping)
}

fn key(name: &str, out: &mut Vec<u8>) {
    if out.len() > 1 {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn answer_mapping(line: Record<'_>, out: &mut Vec<u8>) -> Result<(), EvaluationError> {
    let mapping = mapping(line)?;
    match resolved(line, &mapping) {
        Ok(Some(output)) => {
            key("output", out);
            out.extend_from_slice(output.as_bytes());
        }
        Ok(None) => {}
        Err(message) => {
            key("error", out);
            write_json_string(&message, out);
        }
    }
    Ok(())
}

/// What a mapping makes of the line's input, as JSON; `None` for `undefined`. Segment looks at the input first.
fn resolved(line: Record<'_>, mapping: &Json) -> Result<Option<String>, String> {
    let arena = Bump::new();
    let payload = payload(line, "input").map_err(|error| error.to_string())?;
    let fields = Fields::compile(mapping).map_err(|problems| problems.to_string())?;
    let value = fields.evaluate(payload, &arena).map_err(|error| error.to_string())?;
    Ok(to_json(value, &arena))
}

fn answer_fql(line: Record<'_>, out: &mut Vec<u8>) -> Result<(), EvaluationError> {
    let trigger = Fql::parse(&text(line, "fql")?);
    let event = field(line, "event").map_or(Value::Undefined, Value::of_json);
    let matches = trigger.as_ref().is_ok_and(|fql| fql.matches_value(event));
    for (name, value) in [("match", matches), ("parse_error", trigger.is_err())] {
        key(name, out);
        out.extend_from_slice(if value { b"true" } else { b"false" });
    }
    Ok(())
}

fn answer_action(line: Record<'_>, out: &mut Vec<u8>) -> Result<(), EvaluationError> {
    let name = text(line, "action")?;
    let action = Action::from_slug(&name).or_else(|| name.parse().ok());
    let action = action.ok_or(EvaluationError::Field {
        field: "action",
        expected: "an action such as sendTrack",
    })?;
    let mapping = mapping(line)?;
    let mut call = Vec::new();
    let called = payload(line, "event").map_err(Rejection::from).and_then(|payload| {
        let compiled = Compiled::checked(action, &mapping).map_err(Rejection::from)?;
        compiled.call_with(payload, None, &mut Scratch::default(), &mut call)
    });
    match called {
        Ok(_) => {
            key("batch", out);
            out.push(b'[');
            out.append(&mut call);
            out.push(b']');
        }
        Err(rejection) => {
            key("error", out);
            write_error(rejection.class, &rejection.message, out);
        }
    }
    Ok(())
}

impl From<Problems> for Rejection {
    /// What every row ends in when the mapping itself is wrong.
    fn from(problems: Problems) -> Self {
        Self {
            code: "mapping_failed",
            class: problems.class,
            message: problems.to_string(),
            field: None,
        }
    }
}

#[cfg(test)]
mod tests {
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
            ask(
                r#"{"id":1,"action":"sendGroup","mapping":{"user_id":7,"group_id":{"@path":"$.g"}},"event":{"g":"x"}}"#
            ),
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
}
