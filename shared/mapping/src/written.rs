//! Objects of a mapping that are written as JSON straight from the row.

use bumpalo::Bump;
use bumpalo::collections::String as ArenaString;

use crate::directive::{Directive, Evaluated};
use crate::expression::{Constant, Expression};
use crate::json::string::write_json_string;
use crate::json::write::write;
use crate::{Path, Value};

/// How much room a row's object gets at first, in bytes; more is made where that is not enough.
const ROOM: usize = 512;

/// An object of paths and constants, as most traits and properties are. Its value is its text: no tree of it is built, and its keys are
/// escaped once.
///
/// It is only for fields of a call. Within directives an object may have keys without a value, which text has not.
///
/// Each part has before it what opens it: a comma, the key and a colon.
#[derive(Debug, Clone)]
pub(crate) struct Written(Box<[(Box<str>, Part)]>);

/// What stands behind a key.
#[derive(Debug, Clone)]
enum Part {
    Path(Path),
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
            let part = match value {
                Expression::Path(path) => Part::Path(path.clone()),
                Expression::Constant(constant) => Part::Constant(constant.json()),
                Expression::Object(fields) => Part::Object(Self::of(fields)?),
                _ => return None,
            };
            let mut opening = vec![b','];
            write_json_string(key, &mut opening);
            opening.push(b':');
            Some((String::from_utf8(opening).ok()?.into(), part))
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
        for (opening, part) in &self.0 {
            let value = match part {
                Part::Path(path) => path.get(payload),
                _ => Value::Null,
            };
            if matches!(value, Value::Undefined) {
                continue;
            }
            out.push_str(opening.get(skipped..).unwrap_or_default());
            skipped = 0;
            match part {
                Part::Path(_) => append(value, out),
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
        Value::Raw(text) if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_none() => out.push_str(text),
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
    use crate::{Index, to_json};

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
