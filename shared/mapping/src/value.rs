//! A JSON value during the evaluation of a mapping: borrowed from the row or from the row's arena.

use std::borrow::Cow;

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::json::order::{self, Entry, array_index};
use crate::json::string::{decode, has_escape, unescaped};
use crate::json::{number, scan};
use crate::{Change, Event, Record};

/// What a directive sees and gives. `Copy`: everything large is borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// JavaScript's `undefined`: no value at all.
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as the row spells it, in JSON's grammar.
    RawNumber(&'a str),
    /// A number that was computed.
    Number(f64),
    /// Text, decoded.
    Text(&'a str),
    /// Text as a JSON string spells it between its quotes, mostly without any escape. Nobody has looked: who only writes it again need
    /// not, and that is what happens to most texts.
    Spelled(&'a str),
    /// An object or array as JSON text, valid.
    Raw(&'a str),
    /// An array that a directive built.
    Array(&'a [Value<'a>]),
    /// An object that a directive built; keys are decoded and unique.
    Object(&'a [(&'a str, Value<'a>)]),
    /// A record: an object whose fields have been found in its text.
    Record(&'a Record<'a>),
    /// The event that is made of a warehouse row: an object with the fields of [`Event::Row`].
    Row(Change, &'a Record<'a>),
}

impl<'a> From<&'a Event<'a>> for Value<'a> {
    fn from(event: &'a Event<'a>) -> Self {
        match event {
            Event::Row { change, record } => Self::Row(*change, record),
            Event::Whole(record) => Self::Record(record),
        }
    }
}

impl<'a> Value<'a> {
    /// Returns the value that `text` (valid JSON, no blanks around it) spells. Nothing is copied.
    #[must_use]
    pub fn of_json(text: &'a str) -> Self {
        match text.as_bytes() {
            [b'{' | b'[', ..] => Self::Raw(text),
            [b'"', b'"'] => Self::Text(""),
            [b'"', .., _] => Self::Spelled(text.get(1..text.len() - 1).unwrap_or_default()),
            [b't', ..] => Self::Bool(true),
            [b'f', ..] => Self::Bool(false),
            [b'n', ..] => Self::Null,
            [] => Self::Undefined,
            _ => Self::RawNumber(text),
        }
    }

    /// Returns the type's name in messages: `undefined`, `null`, `boolean`, `number`, `string`, `array`, `object`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::RawNumber(_) | Self::Number(_) => "number",
            Self::Text(_) | Self::Spelled(_) => "string",
            Self::Array(_) => "array",
            Self::Raw(text) if text.starts_with('[') => "array",
            Self::Raw(_) | Self::Object(_) | Self::Record(_) | Self::Row(..) => "object",
        }
    }

    /// Whether JavaScript takes it for true.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::RawNumber(text) => number::parse(text) != 0.0,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) | Self::Spelled(text) => !text.is_empty(),
            Self::Raw(_) | Self::Array(_) | Self::Object(_) | Self::Record(_) | Self::Row(..) => true,
        }
    }

    /// Whether it is `undefined` or `null`.
    #[must_use]
    pub fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// Whether it is an object (not an array, not `null`).
    #[must_use]
    pub fn is_object(&self) -> bool {
        match self {
            Self::Raw(text) => !text.starts_with('['),
            Self::Object(_) | Self::Record(_) | Self::Row(..) => true,
            _ => false,
        }
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        match self {
            Self::Raw(text) => text.starts_with('['),
            Self::Array(_) => true,
            _ => false,
        }
    }

    /// Returns a number's value; nothing else is converted.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::RawNumber(text) => Some(number::parse(text)),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns a string's text where it stands as it is, without an escape; nothing else is converted.
    #[must_use]
    pub fn plain_text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Spelled(inside) if !has_escape(inside) => Some(inside),
            _ => None,
        }
    }

    /// Returns a string's text, decoded; nothing else is converted.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Spelled(inside) if !has_escape(inside) => Some(Cow::Borrowed(inside)),
            Self::Spelled(inside) => Some(Cow::Owned(unescaped(inside).collect())),
            _ => None,
        }
    }

    /// Returns a string's text, decoded into `arena` if it has escapes; nothing else is converted.
    #[must_use]
    pub fn text_in(&self, arena: &'a Bump) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Spelled(inside) => Some(decode(inside, arena)),
            _ => None,
        }
    }

    /// Returns an object's fields in JavaScript's order, keys decoded and unique; nothing else has fields.
    #[must_use]
    pub fn entries(&self, arena: &'a Bump) -> Option<&'a [Entry<'a>]> {
        let entries = match *self {
            // Only what directives built from a row or literal is here: unique, but not always in order.
            Self::Object(fields) if fields.iter().all(|(key, _)| array_index(key).is_none()) => return Some(fields),
            Self::Object(fields) => Vec::from_iter_in(fields.iter().copied(), arena),
            Self::Raw(text) if text.starts_with('{') => {
                let fields = scan::fields(text).map(|(key, value)| (decode(key, arena), Self::of_json(value)));
                Vec::from_iter_in(fields, arena)
            }
            Self::Record(record) => {
                let fields = record
                    .fields()
                    .iter()
                    .map(|span| (decode(record.key(span), arena), Self::of_json(record.value(span))));
                Vec::from_iter_in(fields, arena)
            }
            Self::Row(change, record) => {
                let fields = [
                    ("type", Self::Text("track")),
                    ("event", Self::Text(change.as_str())),
                    ("properties", Self::Record(record)),
                ];
                Vec::from_iter_in(fields, arena)
            }
            _ => return None,
        };
        Some(order::own(arena, entries))
    }

    /// Returns an array's items; nothing else has items.
    #[must_use]
    pub fn items(&self, arena: &'a Bump) -> Option<&'a [Self]> {
        match *self {
            Self::Array(items) => Some(items),
            Self::Raw(text) if text.starts_with('[') => {
                Some(Vec::from_iter_in(scan::items(text).map(Self::of_json), arena).into_bump_slice())
            }
            _ => None,
        }
    }

    /// Appends what JavaScript's `String(value)` gives.
    pub fn append_text(&self, out: &mut impl std::fmt::Write) {
        // Writing to memory does not fail.
        let _ = match *self {
            Self::Undefined => out.write_str("undefined"),
            Self::Null => out.write_str("null"),
            Self::Bool(true) => out.write_str("true"),
            Self::Bool(false) => out.write_str("false"),
            Self::RawNumber(text) if number::is_spelled_plainly(text) => out.write_str(text),
            Self::RawNumber(text) => {
                number::append(number::parse(text), out);
                Ok(())
            }
            Self::Number(number) => {
                number::append(number, out);
                Ok(())
            }
            Self::Text(text) => out.write_str(text),
            Self::Spelled(inside) if !has_escape(inside) => out.write_str(inside),
            Self::Spelled(inside) => unescaped(inside).try_for_each(|c| out.write_char(c)),
            Self::Array(items) => {
                append_joined(items.iter().copied(), out);
                Ok(())
            }
            Self::Raw(text) if text.starts_with('[') => {
                append_joined(scan::items(text).map(Value::of_json), out);
                Ok(())
            }
            Self::Raw(_) | Self::Object(_) | Self::Record(_) | Self::Row(..) => out.write_str("[object Object]"),
        };
    }

    /// Returns what JavaScript's `String(value)` gives, in `arena` unless it is text already.
    #[must_use]
    pub fn to_text(&self, arena: &'a Bump) -> &'a str {
        match self {
            Self::Text(_) | Self::Spelled(_) => return self.text_in(arena).unwrap_or_default(),
            Self::RawNumber(text) if number::is_spelled_plainly(text) => return text,
            _ => {}
        }
        let mut text = bumpalo::collections::String::new_in(arena);
        self.append_text(&mut text);
        text.into_bump_str()
    }
}

/// `Array.prototype.join`: nothing stands for `null` and `undefined`.
fn append_joined<'a>(items: impl Iterator<Item = Value<'a>>, out: &mut impl std::fmt::Write) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            let _ = out.write_char(',');
        }
        if !item.is_nullish() {
            item.append_text(out);
        }
    }
}
