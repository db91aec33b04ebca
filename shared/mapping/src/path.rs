//! Paths into an event, as mappings and triggers write them.

use crate::shape::Place;
use crate::{Record, Value};

/// A path, taken apart once: `properties.items[0].sku` → `properties`, `items`, `0`, `sku`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    keys: Box<[Box<str>]>,
    /// Whether the first key is `properties`, where the columns of a warehouse row are.
    is_column: bool,
    /// Where the second key is in a warehouse row, and the first one in any other record: a place is good for one key.
    in_row: Place,
    in_record: Place,
}

impl Path {
    /// Takes a path apart by the rules of templates: `.`, `[` before a quote or a digit and `]` after one separate
    /// keys, empty keys do not count, and quotes vanish. Nothing and `.` are the whole payload.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut keys = Vec::new();
        let mut start = 0;
        let mut at = 0;
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let length = separator_length(bytes, at);
            if length > 0 {
                keys.push(&text[start..at]);
                start = at + length;
            }
            at += length.max(1);
        }
        keys.push(&text[start..]);
        keys.retain(|key| !key.is_empty());
        Self::from_keys(keys.into_iter().map(|key| key.replace(['\'', '"'], "")))
    }

    /// Takes a path apart by the rules of `@path`: as [`Path::parse`], after the first `$.` anywhere is removed.
    #[must_use]
    pub fn parse_rooted(text: &str) -> Self {
        Self::parse(&text.replacen("$.", "", 1))
    }

    /// Returns the path of these keys, whatever is in them.
    pub fn from_keys(keys: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        let keys: Box<[Box<str>]> = keys.into_iter().map(Into::into).collect();
        Self {
            is_column: keys.first().is_some_and(|key| &**key == "properties"),
            keys,
            in_row: Place::default(),
            in_record: Place::default(),
        }
    }

    /// Returns the keys, outermost first.
    #[must_use]
    pub fn keys(&self) -> &[Box<str>] {
        &self.keys
    }

    /// Returns the column of a warehouse row that it leads to or into; `None` for the whole row and for what is beside it.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.keys.get(1).filter(|_| self.is_column).map(|column| &**column)
    }

    /// Whether it leads to the whole warehouse row, or to the whole event with it.
    #[must_use]
    pub fn leads_to_row(&self) -> bool {
        self.keys.is_empty() || (self.is_column && self.keys.len() == 1)
    }

    /// Returns which of a row's fields it leads to; `None` if it leads elsewhere, or into one, or keys may be written with escapes. There may
    /// be no such field.
    #[inline]
    pub(crate) fn place(&self, row: &Record<'_>) -> Option<usize> {
        let [_, column] = &*self.keys else { return None };
        let shape = row.shape().filter(|_| self.is_column)?;
        Some(self.in_row.of(row, shape, column))
    }

    /// Looks up: stops at the first falsy value and returns it, as JavaScript's `a && a[key]` does.
    #[must_use]
    pub fn get<'a>(&self, root: Value<'a>) -> Value<'a> {
        let (mut value, rest) = match (root, &*self.keys) {
            (Value::Row(_, record), [_, key, rest @ ..]) if self.is_column => (self.in_row.field(record, key), rest),
            (Value::Record(record), [key, rest @ ..]) => (self.in_record.field(record, key), rest),
            (root, keys) => (root, keys),
        };
        for key in rest {
            if !value.is_truthy() {
                break;
            }
            value = value.property(key);
        }
        value
    }
}

/// How many bytes of separator are at `at`.
fn separator_length(bytes: &[u8], at: usize) -> usize {
    let marks = |place: Option<&u8>| place.is_some_and(|&b| b == b'"' || b == b'\'' || b.is_ascii_digit());
    match bytes[at] {
        b'.' => 1,
        b'[' if marks(bytes.get(at + 1)) => 1,
        b']' if at > 0 && marks(bytes.get(at - 1)) => bytes[at..].iter().take_while(|&&b| b == b']').count(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Path;
    use crate::{Change, Index, Value};

    fn keys(text: &str) -> Vec<String> {
        Path::parse_rooted(text)
            .keys()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn takes_paths_apart() {
        assert_eq!(keys("$.a[0].b"), ["a", "0", "b"]);
        assert_eq!(keys("a[\"x y\"]['z']"), ["a", "x y", "z"]);
        assert_eq!(keys("a[b].c"), ["a[b]", "c"]);
        assert_eq!(keys("..a..b."), ["a", "b"]);
        assert_eq!(keys("a.$.b"), ["a", "b"]);
        assert_eq!(keys("$"), ["$"]);
        assert_eq!(keys("$.").len() + keys(".").len() + keys("").len(), 0);
        assert_eq!(keys("a[0]]b"), ["a", "0", "b"]);
        assert_eq!(keys("a.''"), ["a", ""]);
        assert_eq!(keys("a]b"), ["a]b"]);
    }

    #[test]
    fn finds_a_column_where_it_is_now_and_the_last_of_its_name() {
        let path = Path::parse("a");
        let mut index = Index::default();
        let mut get = |text: &str| format!("{:?}", path.get(Value::Record(&index.of(text).unwrap())));
        let rows = [
            r#"{"a":1,"b":0}"#,
            r#"{"a":2,"b":0}"#,
            r#"{"b":0,"a":3}"#,
            r#"{"b":0,"a":4}"#,
            r#"{"a":0,"a":5}"#,
            r#"{"a":0,"a":6}"#,
            r#"{"a":0,"\u0061":7}"#,
            r#"{"b":0}"#,
        ];
        let found = ["1", "2", "3", "4", "5", "6", "7"].map(|number| format!("RawNumber(\"{number}\")"));
        assert_eq!(rows[..7].iter().map(|row| get(row)).collect::<Vec<_>>(), found);
        assert_eq!([get(rows[7]), get(rows[7])], ["Undefined", "Undefined"]);
    }

    #[test]
    fn finds_a_column_whatever_it_was_asked_of_before() {
        let path = Path::parse("properties.v");
        let mut index = Index::default();
        for text in [r#"{"v":{"v":2},"w":0}"#, r#"{"v":{"v":2},"w":0}"#] {
            let record = index.of(text).unwrap();
            for _ in 0..2 {
                let [whole, row] =
                    [Value::Record(&record), Value::Row(Change::New, &record)].map(|root| path.get(root));
                assert_eq!(format!("{whole:?} {row:?}"), r#"Undefined Raw("{\"v\":2}")"#);
            }
        }
    }

    #[test]
    fn stops_at_the_first_falsy_value() {
        let root = Value::of_json(
            r#"{"n":null,"f":false,"e":"","z":0,"s":"héé","l":[[1],{"a":"b"}],"k\u0061":1,"k\u0061":2}"#,
        );
        let get = |path: &str| format!("{:?}", Path::parse_rooted(path).get(root));
        assert_eq!(get("n.x"), "Null");
        assert_eq!(get("f.x"), "Bool(false)");
        assert_eq!(get("e.x"), "Text(\"\")");
        assert_eq!(get("z.x.y"), "RawNumber(\"0\")");
        assert_eq!(get("m.x"), "Undefined");
        assert_eq!(get("s.length"), "Number(3.0)");
        assert_eq!(get("s[1]"), "Text(\"é\")");
        assert_eq!(get("l.0.0"), "RawNumber(\"1\")");
        assert_eq!(get("l[1].a"), "Spelled(\"b\")");
        assert_eq!(get("l[00]"), "Undefined");
        assert_eq!(get("l.length"), "Number(2.0)");
        assert_eq!(get("ka"), "RawNumber(\"2\")");
    }
}
