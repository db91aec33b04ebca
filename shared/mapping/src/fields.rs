//! A whole mapping: the fields of a call, or one root directive that gives them all.

use std::borrow::Cow;

use bumpalo::Bump;
use serde_json::{Map, Value as Json};

use crate::check::check;
use crate::directive::{Evaluated, without_undefined};
use crate::expression::Expression;
use crate::json::write::stringify;
use crate::problem::{Problem, Problems};
use crate::{DirectiveError, Event, Value, literal};

/// The key whose directive gets all other fields as its `mapping`.
const ROOT_DIRECTIVE: &str = RESERVED_KEYS[0];

/// Keys that Segment keeps beside an action's fields: settings of its own, of which only the first changes calls.
pub const RESERVED_KEYS: [&str; 5] = [
    "__segment_internal_directive",
    "__segment_internal_sync_mode",
    "__segment_internal_matching_key",
    "enable_batching",
    "batch_size",
];

/// Returns whether a root key means that a directive gives all fields, so that the other keys are none.
#[must_use]
pub fn gives_all_fields(key: &str) -> bool {
    key == ROOT_DIRECTIVE || literal::names_directive(key)
}

/// A compiled mapping. Compile once per job, resolve once per row.
#[derive(Debug)]
pub struct Fields {
    root: Expression,
}

impl Fields {
    /// Checks and compiles a mapping.
    ///
    /// # Errors
    /// Everything that is wrong with it, in Segment's words.
    pub fn compile(mapping: &Json) -> Result<Self, Problems> {
        let mapping = rooted(mapping)?;
        check(&mapping)?;
        Ok(Self {
            root: Expression::compile(&mapping),
        })
    }

    /// Resolves the mapping on an event. What is built lies in `arena`; everything else is the event's own text.
    ///
    /// # Errors
    /// [`DirectiveError`] when a directive fails on this event.
    pub fn resolve<'a>(&'a self, event: &'a Event<'a>, arena: &'a Bump) -> Result<Value<'a>, DirectiveError> {
        self.evaluate(Value::from(event), arena)
    }

    /// Resolves the mapping on any payload; only objects (and nothing, which counts as an empty one) are payloads.
    pub(crate) fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let payload = match payload {
            Value::Undefined => Value::Object(&[]),
            object if object.is_object() => object,
            other => return Err(DirectiveError::not_an_object(other.type_name())),
        };
        Ok(without_undefined(self.root.evaluate(payload, arena)?, arena))
    }

    pub(crate) fn into_root(self) -> Expression {
        self.root
    }
}

/// Returns `value` as `JSON.stringify` spells it; `None` for `undefined`.
#[must_use]
pub fn to_json(value: Value<'_>, arena: &Bump) -> Option<String> {
    if matches!(value, Value::Undefined) {
        return None;
    }
    let mut out = Vec::new();
    stringify(value, arena, &mut out);
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// Returns the mapping that is resolved: itself, or its root directive over all other fields.
fn rooted(mapping: &Json) -> Result<Cow<'_, Json>, Problems> {
    let Some((fields, root)) = mapping
        .as_object()
        .and_then(|fields| Some((fields, fields.get(ROOT_DIRECTIVE)?)))
    else {
        return spread(mapping);
    };
    let keys = match root {
        Json::Null => return Err(no_keys()),
        Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => literal::utf16_length(text),
        Json::Array(items) => items.len(),
        Json::Object(directive) => directive.len(),
    };
    if keys > 1 {
        return Err(refusal("The root mapping must only have a single directive object"));
    }
    // A list is a root, too, but no directive: its object is resolved field by field.
    let rooted = match root {
        Json::Object(directive) => directive.iter().next().and_then(|(name, options)| {
            let options = root_options(options, fields)?;
            Some(Json::Object(Map::from_iter([(name.clone(), options)])))
        }),
        Json::Array(items) => items
            .first()
            .and_then(|options| Some(Json::Array(vec![root_options(options, fields)?]))),
        _ => None,
    };
    rooted
        .map(Cow::Owned)
        .ok_or_else(|| refusal("The root directive must be an object"))
}

/// The options of the root directive, with all other fields. A list takes them, too, but nobody looks for them there.
fn root_options(options: &Json, fields: &Map<String, Json>) -> Option<Json> {
    match options {
        Json::Object(options) => Some(with_mapping(options, fields)),
        Json::Array(items) => Some(Json::Array(items.clone())),
        _ => None,
    }
}

fn refusal(message: &str) -> Problems {
    Problems {
        list: vec![Problem::new("", message)],
        class: "Error",
    }
}

/// What JavaScript says of the keys of `null`.
fn no_keys() -> Problems {
    Problems {
        class: "TypeError",
        ..refusal("Cannot convert undefined or null to object")
    }
}

/// What is no object is spread into one, as JavaScript does: items and characters by their index, else nothing.
fn spread(mapping: &Json) -> Result<Cow<'_, Json>, Problems> {
    let indexed = |items: Vec<Json>| {
        let keys = (0..).map(|index: usize| index.to_string());
        Ok(Cow::Owned(Json::Object(keys.zip(items).collect())))
    };
    match mapping {
        Json::Object(_) => Ok(Cow::Borrowed(mapping)),
        Json::Array(items) => indexed(items.clone()),
        Json::String(text) => indexed(units(text)),
        Json::Bool(_) | Json::Number(_) => indexed(Vec::new()),
        Json::Null => Err(no_keys()),
    }
}

/// The UTF-16 units of a text; halves of pairs are U+FFFD.
fn units(text: &str) -> Vec<Json> {
    let spelled = |unit| String::from_utf16_lossy(&[unit]);
    text.encode_utf16().map(|unit| Json::String(spelled(unit))).collect()
}

fn with_mapping(options: &Map<String, Json>, fields: &Map<String, Json>) -> Json {
    let others = fields.iter().filter(|(key, _)| *key != ROOT_DIRECTIVE);
    let mapping = others.map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut options = options.clone();
    options.insert("mapping".to_owned(), Json::Object(mapping));
    Json::Object(options)
}

/// Whether a mapping gives its fields one by one, and if so, which.
pub(crate) fn fields_of(mapping: &Json) -> Option<&Map<String, Json>> {
    let fields = mapping.as_object()?;
    let computed = fields.contains_key(ROOT_DIRECTIVE) || literal::directive(fields).is_some();
    (!computed).then_some(fields)
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use serde_json::json;

    use super::{Fields, to_json};
    use crate::Value;

    fn resolved(mapping: &serde_json::Value, input: &str) -> String {
        let fields = Fields::compile(mapping).map_err(|problems| problems.to_string());
        let arena = Bump::new();
        let result = fields.and_then(|fields| {
            let value = fields
                .evaluate(Value::of_json(input), &arena)
                .map_err(|error| error.to_string())?;
            Ok(to_json(value, &arena).unwrap_or("undefined".to_owned()))
        });
        result.unwrap_or_else(|error| error)
    }

    #[test]
    fn removes_fields_without_value_but_keeps_nulls() {
        let mapping = json!({"a": {"@path": "$.x"}, "b": {"@path": "$.y"}, "c": [{"@path": "$.x"}], "d": {"e": {"@path": "$.x"}}});
        assert_eq!(resolved(&mapping, r#"{"y":null}"#), r#"{"b":null,"c":[null],"d":{}}"#);
    }

    #[test]
    fn keeps_apart_what_is_undefined_and_what_is_null() {
        let nothing = json!({"@json": {"mode": "ENCODE", "value": 1}});
        let merged = json!({"@merge": {"direction": "right", "objects": [{"a": 1, "b": 1}, {"a": nothing}]}});
        assert_eq!(resolved(&merged, "{}"), r#"{"b":1}"#);
        let excluded =
            json!({"@merge": {"direction": "right", "objects": [{"a": 1}, {"@excludeWhenNull": {"a": null}}]}});
        assert_eq!(resolved(&excluded, "{}"), "{}");
        let flat = json!({"@flatten": {"separator": ".", "value": [nothing, null]}});
        assert_eq!(resolved(&flat, "{}"), r#"{"1":null}"#);
    }

    #[test]
    fn resolves_options_even_if_nothing_comes_of_them() {
        let mapping = json!({"a": [{"@json": {"mode": "ENCODE", "value": {"@case": {"value": 1}}}}]});
        assert_eq!(resolved(&mapping, "{}"), "@case requires a \"operator\" key");
    }

    #[test]
    fn shows_templates_an_object_where_there_is_no_payload() {
        let template = json!({"@transform": {"apply": {"@path": "$.x"}, "mapping": {"a": {"@template": "{{.}}"}}}});
        assert_eq!(resolved(&template, "{}"), r#"{"a":"[object Object]"}"#);
        assert_eq!(resolved(&template, r#"{"x":null}"#), r#"{"a":""}"#);
    }

    #[test]
    fn hands_all_fields_to_the_root_directive() {
        let mapping = json!({
            "__segment_internal_directive": {"@transform": {"apply": {"n": {"@path": "$.name"}}}},
            "b": {"@path": "$.n"}, "1": 2
        });
        assert_eq!(resolved(&mapping, r#"{"name":"x"}"#), r#"{"1":2,"b":"x"}"#);
        let two = json!({"__segment_internal_directive": {"@transform": {}, "@merge": {}}});
        assert_eq!(
            resolved(&two, "{}"),
            "The root mapping must only have a single directive object"
        );
        let none = json!({"__segment_internal_directive": {"@transform": 1}});
        assert_eq!(resolved(&none, "{}"), "The root directive must be an object");
    }

    #[test]
    fn takes_other_roots_as_javascript_does() {
        let rooted = |root: serde_json::Value| resolved(&json!({"__segment_internal_directive": root, "b": 2}), "{}");
        assert_eq!(rooted(json!([{"a": 1}])), r#"[{"a":1,"mapping":{"b":2}}]"#);
        assert_eq!(rooted(json!({"x": {"a": 1}})), r#"{"x":{"a":1,"mapping":{"b":2}}}"#);
        let many = "The root mapping must only have a single directive object";
        assert_eq!([json!("ab"), json!([{}, 1])].map(rooted), [many, many]);
        let none = "The root directive must be an object";
        assert_eq!([json!("a"), json!([1]), json!({}), json!(5)].map(rooted), [none; 4]);
        assert_eq!(rooted(json!(null)), "Cannot convert undefined or null to object");
        assert_eq!(
            resolved(&json!(null), "{}"),
            "Cannot convert undefined or null to object"
        );
    }

    #[test]
    fn spreads_a_mapping_that_is_no_object() {
        assert_eq!(
            resolved(&json!("a😀"), "{}"),
            "{\"0\":\"a\",\"1\":\"\u{fffd}\",\"2\":\"\u{fffd}\"}"
        );
        assert_eq!(
            resolved(&json!([{"@path": "$.x"}, 1]), r#"{"x":2}"#),
            r#"{"0":2,"1":1}"#
        );
    }

    #[test]
    fn takes_only_objects_as_payload() {
        assert_eq!(resolved(&json!({"a": 1}), "[1]"), "data must be an object, got array");
        assert_eq!(resolved(&json!({"a": 1.0}), ""), r#"{"a":1}"#);
    }
}
