//! Writing values as JSON text: as they are spelled, or as `JSON.stringify` would spell them.

use bumpalo::Bump;

use super::string::{has_escape, write_json_string};
use super::{number, scan};
use crate::{Change, Value};

/// Appends `value` as JSON. What comes from the row keeps the row's spelling. `undefined` vanishes from objects and
/// is `null` elsewhere, as are numbers that JSON cannot hold.
pub(crate) fn write(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Undefined | Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::RawNumber(text) => out.extend_from_slice(text.as_bytes()),
        Value::Raw(text) => write_raw(text, out),
        Value::Number(number) => write_number(number, out),
        Value::Text(text) => write_json_string(text, out),
        Value::Spelled(inside) => {
            out.reserve(inside.len() + 2);
            out.push(b'"');
            out.extend_from_slice(inside.as_bytes());
            out.push(b'"');
        }
        Value::Array(items) => write_list(*b"[]", items.iter(), out, |item, out| write(*item, out)),
        Value::Object(fields) => {
            let defined = fields.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
            write_list(*b"{}", defined, out, |(key, value), out| {
                write_key(key, out);
                write(*value, out);
            });
        }
        Value::Record(record) => write_raw(record.text(), out),
        Value::Row(change, record) => write_row(change, record.text(), out),
    }
}

fn write_row(change: Change, properties: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"track\",\"event\":\"");
    out.extend_from_slice(change.as_str().as_bytes());
    out.extend_from_slice(b"\",\"properties\":");
    write_raw(properties, out);
    out.push(b'}');
}

/// Appends valid JSON text as it is, but on one line: breaks can only stand between its values.
pub(crate) fn write_raw(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends `value` as `JSON.stringify` does: numbers and escapes in JavaScript's spelling, keys in its order,
/// no blanks.
pub(crate) fn stringify(value: Value<'_>, arena: &Bump, out: &mut Vec<u8>) {
    if let Some(fields) = value.entries(arena) {
        let defined = fields.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
        return write_list(*b"{}", defined, out, |(key, value), out| {
            write_key(key, out);
            stringify(*value, arena, out);
        });
    }
    match value {
        Value::RawNumber(text) => write_number(number::parse(text), out),
        Value::Spelled(inside) if !has_escape(inside) => write(value, out),
        Value::Spelled(_) => write_json_string(value.text_in(arena).unwrap_or_default(), out),
        Value::Array(items) => write_list(*b"[]", items.iter(), out, |item, out| stringify(*item, arena, out)),
        Value::Raw(text) => write_list(*b"[]", scan::items(text), out, |item, out| {
            stringify(Value::of_json(item), arena, out);
        }),
        simple => write(simple, out),
    }
}

/// Appends a number; JSON has no infinity and no NaN, and JavaScript writes `null` for them.
pub(crate) fn write_number(number: f64, out: &mut Vec<u8>) {
    if number.is_finite() {
        number::with_text(number, |text| out.extend_from_slice(text.as_bytes()));
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Appends `"key":`.
pub(crate) fn write_key(key: &str, out: &mut Vec<u8>) {
    write_json_string(key, out);
    out.push(b':');
}

fn write_list<T>(
    brackets: [u8; 2],
    items: impl Iterator<Item = T>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(brackets[0]);
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(brackets[1]);
}
