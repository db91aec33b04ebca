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
    if let Some(id) = line.field("id") {
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
        .and_then(|line| line.field("id"))
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
    match line.field(name).map_or(Value::Undefined, Value::of_json) {
        Value::Undefined => Ok(Value::Object(&[])),
        object if object.is_object() => Ok(object),
        other => Err(DirectiveError::not_an_object(other.type_name())),
    }
}

fn text<'r>(line: Record<'r>, name: &'static str) -> Result<std::borrow::Cow<'r, str>, EvaluationError> {
    let value = line.field(name).map_or(Value::Undefined, Value::of_json);
    value.as_text().ok_or(EvaluationError::Field {
        field: name,
        expected: "text",
    })
}

fn mapping(line: Record<'_>) -> Result<Json, EvaluationError> {
    let text = line.field("mapping").ok_or(EvaluationError::Field {
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
    let event = line.field("event").map_or(Value::Undefined, Value::of_json);
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
mod tests;
