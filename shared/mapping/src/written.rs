//! Objects of a mapping that are written as JSON straight from the row.

use bumpalo::Bump;
use bumpalo::collections::String as ArenaString;

use crate::directive::{Directive, Evaluated};
use crate::expression::{Constant, Expression};
use crate::json::string::write_json_string;
use crate::json::write::write;
use crate::{Path, Span, Value};

/// How much room a row's object gets at first, in bytes; more is made where that is not enough.
const ROOM: usize = 512;

/// An object of paths and constants, as most traits and properties are. Its value is its text: no tree of it is built, and its keys are
/// escaped once.
///
/// It is only for fields of a call. Within directives an object may have keys without a value, which text has not.
///
/// Each part has before it what opens it: a comma, the key and a colon.
#[derive(Debug, Clone)]
pub(crate) struct Written(Box<[Entry]>);

/// What opens a part, and the part.
type Entry = (Box<str>, Part);

/// What stands behind a key.
#[derive(Debug, Clone)]
enum Part {
    Path(Path),
    /// A path to a column of a warehouse row, under the column's own name.
    Column(Path),
    /// JSON text.
    Constant(Box<str>),
    Object(Written),
}

impl Written {
    /// Returns the object of these fields, if it is made of nothing but paths and constants.
    pub(crate) fn of(fields: &[(Box<str>, Expression)]) -> Option<Self> {
        let has_value =
            |(_, value): &&(Box<str>, Expression)| !matches!(value, Expression::Constant(Constant::Undefined));
        let part = |(key, value): &(Box<str>, Expression)| {
            let mut opening = vec![b','];
            write_json_string(key, &mut opening);
            opening.push(b':');
            let opening = String::from_utf8(opening).ok()?;
            // A key with an escape is not written as it is called.
            let is_column = |path: &Path| path.column() == Some(key) && opening.len() == key.len() + ",\"\":".len();
            let part = match value {
                Expression::Path(path) if is_column(path) => Part::Column(path.clone()),
                Expression::Path(path) => Part::Path(path.clone()),
                Expression::Constant(constant) => Part::Constant(constant.json()),
                Expression::Object(fields) => Part::Object(Self::of(fields)?),
                _ => return None,
            };
            Some((opening.into(), part))
        };
        fields
            .iter()
            .filter(has_value)
            .map(part)
            .collect::<Option<_>>()
            .map(Self)
    }

    fn write<'a>(&'a self, payload: Value<'a>, out: &mut ArenaString<'a>) {
        out.push('{');
        // Each key but the first has a comma before it.
        let mut skipped = 1;
        let mut parts = &*self.0;
        while let Some(((opening, part), rest)) = parts.split_first() {
            if let Some((columns, text)) = copied(parts, payload) {
                out.push_str(",".get(skipped..).unwrap_or_default());
                out.push_str(text);
                skipped = 0;
                parts = parts.get(columns..).unwrap_or_default();
                continue;
            }
            parts = rest;
            let value = match part {
                Part::Path(path) | Part::Column(path) => path.get(payload),
                _ => Value::Null,
            };
            if matches!(value, Value::Undefined) {
                continue;
            }
            out.push_str(opening.get(skipped..).unwrap_or_default());
            skipped = 0;
            match part {
                Part::Path(_) | Part::Column(_) => append(value, out),
                Part::Constant(json) => out.push_str(json),
                Part::Object(object) => object.write(payload, out),
            }
        }
        out.push('}');
    }
}

impl Directive for Written {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let mut out = ArenaString::with_capacity_in(ROOM, arena);
        self.write(payload, &mut out);
        Ok(Value::Raw(out.into_bump_str()))
    }

    fn is_infallible(&self) -> bool {
        true
    }
}

/// Returns how many columns `parts` begin with that stand in the row as they are to be written, one after the other, and their text: of a
/// mapping that takes over columns as they are, whole stretches are copied. Objects and arrays are none of them: there may be line ends in them.
fn copied<'a>(parts: &[Entry], payload: Value<'a>) -> Option<(usize, &'a str)> {
    let Value::Row(_, row) = payload else { return None };
    let place = |(_, part): &Entry| match part {
        Part::Column(path) => path.place(row),
        _ => None,
    };
    let first = place(parts.first()?)?;
    let fields = row.fields().get(first..)?;
    let text = row.text();
    let is_as_written = |field: &Span| {
        let first = text.as_bytes().get(field.value_start as usize);
        field.value_start == field.key_end + 2 && !matches!(first, Some(b'{' | b'['))
    };
    let begin = fields.first().filter(|field| is_as_written(field))?.key_start as usize;
    let others = parts[1..].iter().zip(first + 1..).zip(fields.windows(2));
    let others = others.take_while(|((entry, at), pair)| {
        place(entry) == Some(*at) && pair[1].key_start == pair[0].value_end + 2 && is_as_written(&pair[1])
    });
    let others = others.count();
    let end = fields.get(others)?.value_end as usize;
    // From the quote before the first key on.
    Some((others + 1, text.get(begin - 1..end)?))
}

/// Appends valid JSON text without its line ends, which can only stand between values.
fn push_on_one_line(text: &str, out: &mut ArenaString<'_>) {
    if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_none() {
        return out.push_str(text);
    }
    text.split(['\n', '\r']).for_each(|piece| out.push_str(piece));
}

/// Appends the JSON of a value of the row, on one line.
fn append(value: Value<'_>, out: &mut ArenaString<'_>) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::RawNumber(text) => out.push_str(text),
        Value::Spelled(inside) => {
            out.push('"');
            out.push_str(inside);
            out.push('"');
        }
        Value::Raw(text) => push_on_one_line(text, out),
        other => {
            let mut json = Vec::new();
            write(other, &mut json);
            out.push_str(&String::from_utf8_lossy(&json));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Change, Index, to_json};

    /// What is written, and what evaluating the tree gives.
    fn both(mapping: &serde_json::Value, row: &str) -> (String, String) {
        let mut index = Index::default();
        let record = index.of(row).unwrap();
        let (arena, payload) = (Bump::new(), Value::Record(&record));
        let tree = Expression::compile(mapping);
        let Expression::Object(fields) = &tree else {
            panic!("no object")
        };
        let written = Written::of(fields).unwrap();
        let Ok(Value::Raw(text)) = written.evaluate(payload, &arena) else {
            panic!("no text")
        };
        let mut whole = Vec::new();
        write(tree.evaluate(payload, &arena).unwrap(), &mut whole);
        let whole = String::from_utf8(whole).unwrap();
        assert_eq!(to_json(Value::Raw(text), &arena), to_json(Value::Raw(&whole), &arena));
        (text.to_owned(), whole)
    }

    #[test]
    fn text_is_that_of_the_tree() {
        let path = |path: &str| json!({"@path": path});
        let mapping = json!({"s": path("$.s"), "ke\"y": path("$.e"), "10": path("$.n"), "9": path("$.b"), "no": path("$.no"),
            "raw": path("$.raw"), "length": path("$.raw.list.length"), "nil": path("$.nil"), "empty": path("$.empty"),
            "all": path("$."), "constant": [1, "x\n"], "text": "\u{1}", "inner": {"a": path("$.s"), "no": path("$.no")},
            "hollow": {"no": path("$.no")}});
        let row = "{\"s\":\"é\",\"e\":\"a\\\"\\u00e9\",\"n\":-1.50,\"b\":true,\"raw\":{ \"list\":\n[1,2]},\"nil\":null,\"empty\":\"\"}";
        let (text, whole) = both(&mapping, row);
        assert_eq!(text, whole);
        assert!(
            text.starts_with(r#"{"9":true,"10":-1.50,"s":"é","ke\"y":"a\"\u00e9","raw":{ "list":[1,2]},"length":2"#),
            "{text}"
        );
    }

    #[test]
    fn columns_that_stand_in_the_row_as_they_are_to_be_written_are_copied() {
        let column = |name: &str| json!({"@path": format!("$.properties.{name}")});
        let mapping = json!({"b": column("b"), "c": column("c"), "d": column("d"), "a": column("a"), "e": column("f"), "é": column("é"),
            "no": column("no"), "g": column("g.x"), "f": column("f"), "constant": 1, "h": {"d": column("d"), "é": column("é")}});
        let tree = Expression::compile(&mapping);
        let Expression::Object(fields) = &tree else {
            panic!("no object")
        };
        let written = Written::of(fields).unwrap();
        let mut index = Index::default();
        for row in [
            "{\"a\":1,\"b\":\"x\\n\",\"c\":{ \"l\":\r\n[1]},\"d\":null,\"é\":\"\",\"g\":{\"x\":1},\"f\":true}",
            "{\"a\":2,\"b\":\"\",\"c\":[],\"d\":0,\"é\":false,\"g\":{\"x\":null},\"f\":1}",
            "{\"a\":2,\"b\": \"\",\"c\":  [] ,\"d\":0,\"é\":false,\"g\":0,\"f\":1}",
            "{\"a\":2,\"b\":3, \"c\":4,\"c\":5,\"d\" :0,\"f\":1}",
            "{\"d\":1,\"c\":2,\"b\":3}",
            "{\"b\":3,\"\\u0063\":2,\"d\":4}",
            "{\"b\":3}",
            "{}",
        ] {
            let record = index.of(row).unwrap();
            let (arena, payload) = (Bump::new(), Value::Row(Change::New, &record));
            let Ok(Value::Raw(text)) = written.evaluate(payload, &arena) else {
                panic!("no text")
            };
            let mut whole = Vec::new();
            write(tree.evaluate(payload, &arena).unwrap(), &mut whole);
            assert_eq!(text, String::from_utf8(whole).unwrap(), "{row}");
        }
        let mut taken = |row: &str, from: usize| {
            let record = index.of(row).unwrap();
            copied(&written.0[from..], Value::Row(Change::New, &record))
                .map(|(columns, text)| (columns, text.to_owned()))
        };
        let row = r#"{"a":1,"b":2,"c":3,"d":4,"f":5}"#;
        assert_eq!(taken(row, 0), Some((3, r#""b":2,"c":3,"d":4"#.to_owned())));
        assert_eq!(taken(row, 3), Some((1, r#""a":1"#.to_owned())));
        assert_eq!([4, 5, 10].map(|from| taken(row, from)), [None, None, None]);
        let row = r#"{"b":2,"c":{},"d":4}"#;
        assert_eq!(taken(row, 0), Some((1, r#""b":2"#.to_owned())));
        assert_eq!(taken(row, 1), None);
    }

    #[test]
    fn object_without_any_value_is_empty() {
        let (text, _) = both(&json!({"a": {"@path": "$.no"}}), "{}");
        assert_eq!(text, "{}");
    }

    #[test]
    fn objects_with_other_directives_are_left() {
        let fields = Expression::compile(&json!({"a": {"@path": "$.a"}, "b": {"@template": "{{a}}"}}));
        let Expression::Object(fields) = &fields else {
            panic!("no object")
        };
        assert!(Written::of(fields).is_none());
    }
}
