//! What a field's value becomes: empty values vanish, simple types turn into each other, one-item lists open.
//! The rules are those of Segment's JSON schema validator (ajv with `coerceTypes: 'array'`).

use bumpalo::Bump;

use super::field::{Kind, Spec};
use crate::Value;
use crate::json::number;

/// A value of the wrong type: where, and what it was in place of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongType {
    pub(crate) label: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) got: &'static str,
}

impl std::fmt::Display for WrongType {
    /// `Latitude must be a number but it was a string.`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} must be {} but it was {}.", self.label, self.expected, self.got)
    }
}

/// The type of a value in a message, with its article.
pub(crate) fn described(value: Value<'_>) -> &'static str {
    match value.type_name() {
        "string" => "a string",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

/// Whether a key of a fixed object holds nothing to send: `null`, and empty text where no text belongs.
/// At the top of the mapping empty text is nothing even for text.
pub(crate) fn is_empty(kind: Kind, value: Value<'_>, top: bool) -> bool {
    match value {
        Value::Undefined | Value::Null => true,
        Value::Text("") => top || !matches!(kind, Kind::Text),
        _ => false,
    }
}

/// Coerces one value that is not empty to the kind of its field; objects are only checked for being objects.
pub(crate) fn coerce<'a>(spec: &Spec, value: Value<'a>, arena: &'a Bump) -> Result<Value<'a>, WrongType> {
    let wrong = |expected, value| WrongType {
        label: spec.label,
        expected,
        got: described(value),
    };
    match spec.kind {
        Kind::Fixed(_) | Kind::Free if value.is_object() => Ok(value),
        Kind::Fixed(_) | Kind::Free => Err(wrong("an object", value)),
        Kind::Text if matches!(value, Value::Text(_) | Value::Spelled(_)) => Ok(value),
        Kind::Text => {
            let value = opened(value, arena);
            text(value, arena).ok_or_else(|| wrong("a string", value))
        }
        Kind::Number => {
            let value = opened(value, arena);
            as_number(value, arena).ok_or_else(|| wrong("a number", value))
        }
        Kind::Boolean => {
            let value = opened(value, arena);
            boolean(value, arena).ok_or_else(|| wrong("a boolean", value))
        }
    }
}

/// The only item of a list; anything else as it is.
fn opened<'a>(value: Value<'a>, arena: &'a Bump) -> Value<'a> {
    match value.items(arena) {
        // An item without value is `undefined` in JavaScript, but the message calls it so only here.
        Some([item]) => *item,
        _ => value,
    }
}

fn text<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Value<'a>> {
    match value {
        Value::Text(_) | Value::Spelled(_) => Some(value),
        Value::Null => Some(Value::Text("")),
        Value::Bool(_) | Value::RawNumber(_) | Value::Number(_) => Some(Value::Text(value.to_text(arena))),
        _ => None,
    }
}

fn as_number<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Value<'a>> {
    match value {
        Value::RawNumber(_) | Value::Number(_) => Some(value),
        Value::Null | Value::Bool(false) => Some(Value::Number(0.0)),
        Value::Bool(true) => Some(Value::Number(1.0)),
        _ => {
            let text = value.text_in(arena).filter(|text| !text.is_empty())?;
            let number = number::from_text(text);
            (!number.is_nan()).then_some(Value::Number(number))
        }
    }
}

fn boolean<'a>(value: Value<'a>, arena: &'a Bump) -> Option<Value<'a>> {
    let known = match value {
        Value::Bool(known) => Some(known),
        Value::Null => Some(false),
        Value::RawNumber(_) | Value::Number(_) => match value.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        },
        _ => match value.text_in(arena) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
    };
    known.map(Value::Bool)
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::{Kind, Spec, coerce};
    use crate::{Value, to_json};

    fn coerced(kind: Kind, json: &str) -> String {
        let arena = Bump::new();
        let spec = Spec {
            key: "x",
            label: "X",
            kind,
        };
        let value = coerce(&spec, Value::of_json(json), &arena).map_err(|wrong| wrong.to_string());
        value.map_or_else(|wrong| wrong, |value| to_json(value, &arena).unwrap())
    }

    #[test]
    fn turns_simple_values_into_text() {
        let inputs = [
            "12.50",
            "1E3",
            "-0",
            "12345678901234567890",
            "true",
            "[1]",
            "[null]",
            "\"\\u00e9\"",
        ];
        let texts = inputs.map(|json| coerced(Kind::Text, json));
        assert_eq!(
            texts,
            [
                "\"12.5\"",
                "\"1000\"",
                "\"0\"",
                "\"12345678901234567000\"",
                "\"true\"",
                "\"1\"",
                "\"\"",
                "\"é\""
            ]
        );
        assert_eq!(coerced(Kind::Text, "{}"), "X must be a string but it was an object.");
        assert_eq!(coerced(Kind::Text, "[]"), "X must be a string but it was an array.");
    }

    #[test]
    fn refuses_a_list_of_nothing() {
        let arena = Bump::new();
        let spec = Spec {
            key: "x",
            label: "X",
            kind: Kind::Text,
        };
        let list = Value::Array(&[Value::Undefined]);
        let wrong = coerce(&spec, list, &arena).unwrap_err();
        assert_eq!(wrong.to_string(), "X must be a string but it was undefined.");
    }

    #[test]
    fn turns_simple_values_into_numbers() {
        let inputs = [
            "\" 12.5 \"",
            "\"0x10\"",
            "\" \"",
            "true",
            "[\"1e3\"]",
            "\"Infinity\"",
            "7.0",
        ];
        let numbers = inputs.map(|json| coerced(Kind::Number, json));
        assert_eq!(numbers, ["12.5", "16", "0", "1", "1000", "null", "7"]);
        assert_eq!(
            coerced(Kind::Number, "\"1,5\""),
            "X must be a number but it was a string."
        );
        assert_eq!(
            coerced(Kind::Number, "[\"\"]"),
            "X must be a number but it was a string."
        );
    }

    #[test]
    fn turns_few_values_into_booleans() {
        assert_eq!(
            ["\"true\"", "0", "1.0", "[false]"].map(|json| coerced(Kind::Boolean, json)),
            ["true", "false", "true", "false"]
        );
        assert_eq!(coerced(Kind::Boolean, "2"), "X must be a boolean but it was a number.");
        assert_eq!(
            coerced(Kind::Boolean, "\"True\""),
            "X must be a boolean but it was a string."
        );
    }

    #[test]
    fn makes_no_objects() {
        assert_eq!(
            coerced(Kind::Free, "\"{}\""),
            "X must be an object but it was a string."
        );
        assert_eq!(coerced(Kind::Free, "[{}]"), "X must be an object but it was an array.");
        assert_eq!(coerced(Kind::Free, "{\"a\":null}"), "{\"a\":null}");
    }
}
