//! Looking up one key of a value.

use crate::Value;
use crate::json::order::array_index;
use crate::json::scan;
use crate::json::string::{key_is, unescaped};

impl Value<'_> {
    /// Looks up one key as JavaScript's `value[key]` does: a field, an array's item, a string's UTF-16 unit, `length`.
    #[must_use]
    pub fn property(&self, key: &str) -> Self {
        match *self {
            Self::Record(record) => record.field(key).map_or(Self::Undefined, Self::of_json),
            Self::Row(change, record) => match key {
                "properties" => Self::Record(record),
                "type" => Self::Text("track"),
                "event" => Self::Text(change.as_str()),
                _ => Self::Undefined,
            },
            Self::Object(fields) => fields
                .iter()
                .find(|(name, _)| *name == key)
                .map_or(Self::Undefined, |(_, v)| *v),
            Self::Raw(text) if text.starts_with('{') => scan::fields(text)
                .filter(|(name, _)| key_is(name, key))
                .last()
                .map_or(Self::Undefined, |(_, v)| Self::of_json(v)),
            Self::Raw(text) if key == "length" => count(scan::items(text).count()),
            Self::Raw(text) => {
                let item = array_index(key).and_then(|index| scan::items(text).nth(index as usize));
                item.map_or(Self::Undefined, Self::of_json)
            }
            Self::Array(items) if key == "length" => count(items.len()),
            Self::Array(items) => array_index(key)
                .and_then(|index| items.get(index as usize))
                .copied()
                .unwrap_or(Self::Undefined),
            Self::Text(text) if key == "length" => count(text.encode_utf16().count()),
            Self::Text(text) => array_index(key).map_or(Self::Undefined, |index| unit(text, index as usize)),
            Self::Spelled(inside) if key == "length" => count(unescaped(inside).map(char::len_utf16).sum()),
            Self::Spelled(inside) => {
                array_index(key).map_or(Self::Undefined, |index| escaped_unit(inside, index as usize))
            }
            _ => Self::Undefined,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn count(length: usize) -> Value<'static> {
    Value::Number(length as f64)
}

/// The character at a place counted in UTF-16 units. Half of a pair, which Rust's text cannot hold, is U+FFFD.
fn unit(text: &str, index: usize) -> Value<'_> {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units == index && c.len_utf16() == 1 {
            return text.get(at..at + c.len_utf8()).map_or(Value::Undefined, Value::Text);
        }
        units += c.len_utf16();
        if units > index {
            return Value::Text("\u{fffd}");
        }
    }
    Value::Undefined
}

fn escaped_unit(inside: &str, index: usize) -> Value<'_> {
    let mut units = 0;
    let mut chars = unescaped(inside);
    loop {
        let before = chars.rest();
        let Some(c) = chars.next() else { return Value::Undefined };
        if units == index && c.len_utf16() == 1 {
            let spelled = before.get(..before.len() - chars.rest().len()).unwrap_or_default();
            return if spelled.starts_with('\\') {
                Value::Spelled(spelled)
            } else {
                Value::Text(spelled)
            };
        }
        units += c.len_utf16();
        if units > index {
            return Value::Text("\u{fffd}");
        }
    }
}
