//! JSON as JavaScript holds it: `serde_json`'s tree with `undefined` in it, and with numbers that are doubles.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// An object; whoever builds one calls `ordered` where the order of keys can be seen.
pub type Object = IndexMap<String, Js>;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Js {
    /// No value at all.
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// An array.
    Array(Vec<Js>),
    /// An object, no array and not `null`.
    Object(Object),
}

impl Js {
    /// Reads JSON text.
    ///
    /// # Errors
    /// What `serde_json` finds wrong with it.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub(super) fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// `value[key]`, without inherited members.
    pub(super) fn property(&self, key: &str) -> Cow<'_, Self> {
        let found = match self {
            Self::Object(fields) => fields.get(key).map(Cow::Borrowed),
            Self::Array(items) if key == "length" => Some(Cow::Owned(number_of(items.len()))),
            Self::Array(items) => index(key).and_then(|at| items.get(at)).map(Cow::Borrowed),
            Self::Text(text) if key == "length" => Some(Cow::Owned(number_of(text.encode_utf16().count()))),
            Self::Text(text) => index(key)
                .and_then(|at| units(text).into_iter().nth(at))
                .map(Cow::Owned),
            _ => None,
        };
        found.unwrap_or(Cow::Owned(Self::Undefined))
    }

    /// `String(value)`
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Undefined => "undefined".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => ryu_js::Buffer::new().format(*number).to_owned(),
            Self::Text(text) => text.clone(),
            Self::Array(items) => {
                let words = items.iter().map(|item| {
                    if item.is_nullish() {
                        String::new()
                    } else {
                        item.to_text()
                    }
                });
                words.collect::<Vec<_>>().join(",")
            }
            Self::Object(_) => "[object Object]".to_owned(),
        }
    }

    /// `Number(value)` of text.
    pub(super) fn number_from(text: &str) -> f64 {
        // JavaScript's blanks: Unicode's without the next-line control, and the byte order mark.
        let text = text.trim_matches(|c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}'));
        let radix = |digits: &str, radix| {
            let digits = digits.chars().map(|digit| digit.to_digit(radix).map(f64::from));
            let sum = digits.reduce(|sum, digit| Some(sum? * f64::from(radix) + digit?));
            sum.flatten().unwrap_or(f64::NAN)
        };
        match text.get(..2) {
            _ if text.is_empty() => 0.0,
            Some("0x" | "0X") => radix(&text[2..], 16),
            Some("0o" | "0O") => radix(&text[2..], 8),
            Some("0b" | "0B") => radix(&text[2..], 2),
            _ if text.trim_start_matches(['+', '-']) == "Infinity" => text.parse().unwrap_or(f64::NAN),
            // Rust also reads words.
            _ if text.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E')) => f64::NAN,
            _ => text.parse().unwrap_or(f64::NAN),
        }
    }

    /// `JSON.stringify(value)`
    pub(super) fn stringify(&self) -> String {
        match self {
            Self::Undefined | Self::Null => "null".to_owned(),
            Self::Number(number) if !number.is_finite() => "null".to_owned(),
            Self::Bool(_) | Self::Number(_) => self.to_text(),
            Self::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Self::Array(items) => {
                let items: Vec<_> = items.iter().map(Self::stringify).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(fields) => {
                let defined = fields.iter().filter(|(_, value)| **value != Self::Undefined);
                let fields =
                    defined.map(|(key, value)| format!("{}:{}", Self::text(key).stringify(), value.stringify()));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }
        }
    }

    /// Removes fields without value at any depth; items of arrays stay.
    pub(super) fn without_undefined(self) -> Self {
        match self {
            Self::Object(fields) => {
                let defined = fields.into_iter().filter(|(_, value)| *value != Self::Undefined);
                Self::Object(defined.map(|(key, value)| (key, value.without_undefined())).collect())
            }
            Self::Array(items) => Self::Array(items.into_iter().map(Self::without_undefined).collect()),
            other => other,
        }
    }
}

/// The characters of a text by UTF-16 units; halves of a pair, which Rust's text cannot hold, are U+FFFD.
pub(super) fn units(text: &str) -> Vec<Js> {
    let characters = text.chars().flat_map(|c| match c.len_utf16() {
        1 => vec![c],
        _ => vec!['\u{fffd}'; 2],
    });
    characters.map(|c| Js::Text(c.to_string())).collect()
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn number_of(length: usize) -> Js {
    Js::Number(length as f64)
}

/// The place that a key means in an array: `0`, `7`, but not `07`.
fn index(key: &str) -> Option<usize> {
    let index: u32 = key.parse().ok()?;
    (index.to_string() == key && index != u32::MAX).then_some(index as usize)
}

/// Brings keys into JavaScript's order: indexes first, then as they were added.
pub(super) fn ordered(mut fields: Object) -> Js {
    if fields.keys().any(|key| index(key).is_some()) {
        fields.sort_by_key(|key, _| index(key).unwrap_or(usize::MAX));
    }
    Js::Object(fields)
}

impl<'de> Deserialize<'de> for Js {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

#[expect(clippy::cast_precision_loss, reason = "as JSON.parse, which has doubles only")]
impl<'de> Visitor<'de> for Read {
    type Value = Js;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Js, E> {
        Ok(Js::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Js, E> {
        Ok(Js::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Js, E> {
        Ok(Js::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Js, E> {
        Ok(Js::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Js, E> {
        Ok(Js::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Js, E> {
        Ok(Js::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Js, E> {
        Ok(Js::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Js, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Js::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Js, A::Error> {
        let mut fields = Object::new();
        while let Some((key, value)) = access.next_entry()? {
            fields.insert(key, value);
        }
        Ok(ordered(fields))
    }
}

impl Serialize for Js {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Undefined | Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(fields) => {
                serializer.collect_map(fields.iter().filter(|(_, value)| **value != Self::Undefined))
            }
        }
    }
}
