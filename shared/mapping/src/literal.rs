//! Mappings as they are written: JSON values, judged by JavaScript's rules.

use serde_json::{Map, Value as Json};

/// The type's name in messages; nothing at all is `undefined`.
pub(crate) fn type_name(value: Option<&Json>) -> &'static str {
    match value {
        None => "undefined",
        Some(Json::Null) => "null",
        Some(Json::Bool(_)) => "boolean",
        Some(Json::Number(_)) => "number",
        Some(Json::String(_)) => "string",
        Some(Json::Array(_)) => "array",
        Some(Json::Object(_)) => "object",
    }
}

/// The value, unless JavaScript takes it for false.
pub(crate) fn truthy(value: Option<&Json>) -> Option<&Json> {
    value.filter(|value| match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(_) | Json::Object(_) => true,
    })
}

/// Whether a key names a directive.
pub(crate) fn names_directive(key: &str) -> bool {
    key.starts_with('@')
}

/// The name and options of the directive that an object is: only `@` keys, or `_metadata` beside them.
pub(crate) fn directive(object: &Map<String, Json>) -> Option<(&str, &Json)> {
    if object.keys().any(|key| !names_directive(key) && key != "_metadata") {
        return None;
    }
    object
        .iter()
        .find(|(key, _)| names_directive(key))
        .map(|(key, options)| (key.as_str(), options))
}

/// How many UTF-16 units a text has; JavaScript's limits count them.
pub(crate) fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}
