//! Writing one JSON object key by key.

use bumpalo::Bump;

use crate::Value;
use crate::json::write::{write, write_key};

/// Writes the fields of one object. Keys are fixed words that need no escapes.
pub(crate) struct Writer<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Writer<'o> {
    /// Opens an object.
    pub(crate) fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    pub(crate) fn close(self) {
        self.out.push(b'}');
    }

    /// Writes a field unless it has no value; returns where its value is in the output.
    pub(crate) fn field(&mut self, key: &str, value: Value<'_>) -> Option<std::ops::Range<usize>> {
        if matches!(value, Value::Undefined) {
            return None;
        }
        self.key(key);
        let start = self.out.len();
        write(value, self.out);
        Some(start..self.out.len())
    }

    /// Writes a field whose value is an object, empty if there is none.
    pub(crate) fn object_or_empty(&mut self, key: &str, value: Value<'_>) {
        let value = if matches!(value, Value::Undefined) {
            Value::Object(&[])
        } else {
            value
        };
        self.field(key, value);
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) {
        self.field(key, Value::Text(text));
    }

    /// Writes a field whose value is an object that `write_fields` fills.
    pub(crate) fn object(&mut self, key: &str, write_fields: impl FnOnce(&mut Writer<'_>)) {
        self.key(key);
        let mut inner = Writer::open(self.out);
        write_fields(&mut inner);
        inner.close();
    }

    /// Writes an object of derived fields and given ones; given ones count, even if they are `null`.
    pub(crate) fn merged(&mut self, key: &str, derived: &[(&str, Value<'_>)], given: Value<'_>, arena: &Bump) {
        self.object(key, |object| {
            for (key, value) in derived {
                if matches!(given.property(key), Value::Undefined) {
                    object.field(key, *value);
                }
            }
            object.spread(given, arena, |_| false);
        });
    }

    /// Writes the fields of an object, except those whose key is to be dropped.
    pub(crate) fn spread(&mut self, object: Value<'_>, arena: &Bump, dropped: impl Fn(&str) -> bool) {
        for (key, value) in object.entries(arena).unwrap_or_default() {
            if !dropped(key) && !matches!(value, Value::Undefined) {
                self.separate();
                write_key(key, self.out);
                write(*value, self.out);
            }
        }
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn separate(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }
}
