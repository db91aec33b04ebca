//! What a secret's content means: the text itself, or one field of a JSON object.

use serde_json::{Map, Value};

use super::Secret;
use crate::PlatformError;

/// The secret in `content`: the trimmed text, or with `field` that field of the JSON object it is.
pub(super) fn pick(id: &str, content: &str, field: Option<&str>) -> Result<Secret, PlatformError> {
    let text = content.trim();
    if text.is_empty() {
        return refuse(id, "is empty".to_owned(), "put the write key into it");
    }
    match (object(id, text)?, field) {
        (None, None) => Ok(Secret::new(text.to_owned())),
        (None, Some(field)) => {
            let problem = format!("is no JSON object and so has no field `{field}`");
            refuse(id, problem, "leave `field` out of the sync's `write_key`")
        }
        (Some(object), None) => {
            let problem = format!("is a JSON object with {}", names(&object));
            refuse(id, problem, "say which is meant with `field` in the sync's `write_key`")
        }
        (Some(object), Some(field)) => pick_field(id, &object, field),
    }
}

/// The secret in an environment variable.
pub(super) fn variable(name: &str, value: Option<&str>) -> Result<Secret, PlatformError> {
    let problem = match value.map(str::trim) {
        None => "is not set",
        Some("") => "is empty",
        Some(text) => return Ok(Secret::new(text.to_owned())),
    };
    Err(PlatformError::Variable {
        name: name.to_owned(),
        problem: problem.to_owned(),
        example: "…",
    })
}

/// The error for a secret that holds bytes, not text.
pub(super) fn binary(id: &str) -> PlatformError {
    error(id, "is binary".to_owned(), "store the write key as text (SecretString)")
}

fn pick_field(id: &str, object: &Map<String, Value>, field: &str) -> Result<Secret, PlatformError> {
    match object.get(field) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Secret::new(text.trim().to_owned())),
        Some(Value::String(_) | Value::Null) => {
            refuse(id, format!("has an empty field `{field}`"), "put the write key into it")
        }
        Some(_) => refuse(
            id,
            format!("has a field `{field}` that is no text"),
            "put the write key into it in quotes",
        ),
        None => {
            let problem = format!("has no field `{field}`, but {}", names(object));
            refuse(
                id,
                problem,
                "correct `field` in the sync's `write_key`, or add it to the secret",
            )
        }
    }
}

/// The JSON object that `text` is, or `None` if it is a text of its own. What starts like an object and is none is a
/// mistake, never a key.
fn object(id: &str, text: &str) -> Result<Option<Map<String, Value>>, PlatformError> {
    if !text.starts_with('{') {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|problem| {
        let place = format!("line {} column {}", problem.line(), problem.column());
        error(
            id,
            format!("starts like a JSON object and is none ({place})"),
            "correct it, or store the bare write key",
        )
    })
}

fn names(object: &Map<String, Value>) -> String {
    if object.is_empty() {
        return "no fields".to_owned();
    }
    let names: Vec<String> = object.keys().map(|name| format!("`{name}`")).collect();
    format!("the fields {}", names.join(", "))
}

fn refuse(id: &str, problem: String, remedy: &'static str) -> Result<Secret, PlatformError> {
    Err(error(id, problem, remedy))
}

fn error(id: &str, problem: String, remedy: &'static str) -> PlatformError {
    PlatformError::Secret {
        id: id.to_owned(),
        problem,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(content: &str, field: Option<&str>) -> String {
        let text = pick("backhaul/customers", content, field).unwrap_err().to_string();
        assert!(text.contains("`backhaul/customers`") && !text.contains("k3y"), "{text}");
        text
    }

    #[test]
    fn bare_text_is_trimmed() {
        for content in ["k3y", " k3y\n", "\r\nk3y\t"] {
            assert_eq!(pick("id", content, None).unwrap().expose(), "k3y");
        }
    }

    #[test]
    fn field_of_an_object_is_trimmed() {
        let content = r#" {"write_key": " k3y\n", "other": 1} "#;
        assert_eq!(pick("id", content, Some("write_key")).unwrap().expose(), "k3y");
    }

    #[test]
    fn object_without_field_names_its_fields_and_no_value() {
        let text = refusal(r#"{"write_key": "k3y", "space": "k3y2"}"#, None);
        assert!(
            text.contains("`write_key`") && text.contains("`space`") && text.contains("`field`"),
            "{text}"
        );
        assert!(refusal("{}", None).contains("no fields"));
    }

    #[test]
    fn missing_field_names_those_there_are() {
        let text = refusal(r#"{"writeKey": "k3y"}"#, Some("write_key"));
        assert!(
            text.contains("no field `write_key`") && text.contains("`writeKey`"),
            "{text}"
        );
    }

    #[test]
    fn field_must_be_text_and_not_empty() {
        for (content, problem) in [
            (r#"{"f": ""}"#, "empty field"),
            (r#"{"f": "  "}"#, "empty field"),
            (r#"{"f": null}"#, "empty field"),
            (r#"{"f": ["k3y"]}"#, "no text"),
            (r#"{"f": 12}"#, "no text"),
        ] {
            assert!(refusal(content, Some("f")).contains(problem), "{content}");
        }
    }

    #[test]
    fn broken_object_is_never_taken_for_a_key() {
        for field in [None, Some("f")] {
            assert!(refusal(r#"{"f": "k3y"#, field).contains("line 1 column"));
        }
    }

    #[test]
    fn empty_secret_and_field_of_a_bare_text_are_refused() {
        assert!(refusal(" \n", None).contains("is empty"));
        assert!(refusal("k3y", Some("f")).contains("leave `field` out"));
    }

    #[test]
    fn variable_must_be_set_and_not_empty() {
        assert_eq!(variable("KEY", Some(" k3y\n")).unwrap().expose(), "k3y");
        for (value, problem) in [(None, "`KEY` is not set"), (Some(" "), "`KEY` is empty")] {
            let text = variable("KEY", value).unwrap_err().to_string();
            assert!(text.contains(problem) && text.contains("export KEY=…"), "{text}");
        }
    }
}
