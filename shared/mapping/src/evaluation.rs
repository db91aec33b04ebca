//! One mapping, trigger or action on one input, as lines of JSON: what `backhaul eval` answers.

use std::str::FromStr;

use bumpalo::Bump;
use serde_json::Value as Json;

use crate::json::write::{stringify, write_raw};
use crate::{Action, Compiled, Event, Fields, Fql, Index, Problems, Record, RecordError, Rejection, Scratch, Value};
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
    let arena = Bump::new();
    let payload = field(line, "input").map_or(Value::Undefined, Value::of_json);
    let fields = Fields::compile(&mapping).map_err(|problems| problems.to_string());
    let resolved = fields.as_ref().map_err(Clone::clone).and_then(|fields| {
        let value = fields.evaluate(payload, &arena).map_err(|error| error.to_string())?;
        Ok(to_json(value, &arena))
    });
    match resolved {
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

fn answer_fql(line: Record<'_>, out: &mut Vec<u8>) -> Result<(), EvaluationError> {
    let trigger = Fql::parse(&text(line, "fql")?);
    let mut index = Index::default();
    // What is no object matches nothing.
    let event = field(line, "event").and_then(|event| index.of(event).ok());
    let matches = event
        .zip(trigger.as_ref().ok())
        .is_some_and(|(event, fql)| fql.matches(&Event::Whole(event)));
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
    let payload = field(line, "event").map_or(Value::Object(&[]), Value::of_json);
    let mut call = Vec::new();
    let called = Compiled::compile(action, &mapping)
        .map_err(Rejection::from_problems)
        .and_then(|compiled| {
            let mut scratch = Scratch::default();
            compiled.call_with(payload, None, &mut scratch, &mut call)
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
            let error = [
                ("class", Value::Text(rejection.class)),
                ("message", Value::Text(&rejection.message)),
            ];
            stringify(Value::Object(&error), &Bump::new(), out);
        }
    }
    Ok(())
}

impl Rejection {
    /// What every row ends in when the mapping itself is wrong.
    fn from_problems(problems: Vec<crate::Problem>) -> Self {
        Self {
            code: "mapping_failed",
            class: "AggregateError",
            message: Problems(problems).to_string(),
            field: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, answer};

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
    fn answers_triggers() {
        assert_eq!(
            answer(
                Mode::Fql,
                r#"{"id":"x","fql":"type = \"track\"","event":{"type":"track"}}"#
            )
            .unwrap(),
            r#"{"id":"x","match":true,"parse_error":false}"#
        );
    }

    #[test]
    fn refuses_lines_that_say_nothing() {
        assert!(answer(Mode::Action, "[]").is_err());
        assert_eq!(answer(Mode::Fql, "{}").unwrap_err().to_string(), "`fql` should be text");
    }
}
