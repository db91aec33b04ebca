//! The JSON Schema of the sync document: of its types, and of Segment's field table for the fields of each action.
//!
//! Editors complete and check documents by it. It knows less than [`Review`](super::Review): a document that it takes may
//! still have problems.

use ::mapping::{Action, DIRECTIVES, FieldKind, FieldSpec, RESERVED_KEYS};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::mapping::value_of;
use super::place::Places;
use super::reader::{Cursor, Problems};
use super::source::Preset;
use super::{Sync, tree};

/// Text that may be written without quotes, whatever YAML takes it for.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is of use")]
pub(super) enum Scalar {
    Text(String),
    Number(f64),
    Boolean(bool),
}

/// Returns the schema of sync documents (JSON Schema, draft 2020-12).
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Sync>().to_value();
    let mappings = schema["properties"]["mappings"].take();
    schema["properties"]["mappings"] = json!({"anyOf": [
        {"const": "auto", "description": "A mapping for each action, for the files whose name begins with its name."},
        mappings,
    ]});
    let definitions = &mut schema["$defs"];
    // A sync holds what its preset says, in place of the preset.
    definitions["Source"]["properties"]["preset"] = preset();
    definitions["Mapping"]["allOf"] = Action::ALL.into_iter().map(fields_of).collect();
    for spec in Action::ALL.into_iter().flat_map(Action::field_specs) {
        definitions[field_name(spec)] = field(spec);
    }
    definitions["directive"] = directive();
    definitions["value"] = value();
    for (name, types) in [
        ("text", json!(["string", "number", "boolean", "null"])),
        ("number", json!(["number", "string", "null"])),
        ("boolean", json!(["boolean", "string", "null"])),
    ] {
        definitions[name] = json!({"anyOf": [{"type": types}, reference("directive")]});
    }
    schema
}

/// Returns the value of a YAML (or JSON) document as JSON, whatever it describes; none if it is no YAML.
#[must_use]
pub fn json_value(text: &str) -> Option<Value> {
    let problems = Problems::default();
    let root = tree::parse(text, &problems).ok()?;
    value_of(&Cursor::root(&root, &problems), String::new(), &mut Places::default()).ok()
}

/// What all fields have in common; what each action has, [`fields_of`] says.
pub(super) fn any_fields(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"anyOf": [
        {"const": "auto", "description": "Columns map themselves: those that carry a field's name."},
        {"type": "object"},
    ]})
}

/// One pattern of object names, or a list of them.
pub(super) fn files(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ],
    })
}

fn preset() -> Value {
    json!({
        "description": "The warehouse that wrote the extract: sets what `csv` and `complete` do not say.",
        "enum": Preset::ALL.map(Preset::as_str),
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// The fields of an action's mappings, unless a directive gives them all.
fn fields_of(action: Action) -> Value {
    let mut fields: Map<String, Value> = action
        .field_specs()
        .map(|spec| (spec.key.to_owned(), reference(&field_name(spec))))
        .collect();
    fields.extend(RESERVED_KEYS.map(|key| (key.to_owned(), json!({"description": "A setting of Segment's own."}))));
    let required: Vec<&str> = action.required_key().into_iter().collect();
    json!({
        "if": {"properties": {"action": {"const": action.as_str()}}, "required": ["action"]},
        "then": {"properties": {"fields": {
            "if": {"anyOf": [{"required": [RESERVED_KEYS[0]]}, has_directive()]},
            "else": {
                "properties": fields,
                "additionalProperties": false,
                "required": required,
                "anyOf": [{"required": ["user_id"]}, {"required": ["anonymous_id"]}],
            },
        }}},
    })
}

fn field_name(spec: &FieldSpec) -> String {
    format!("field_{}", spec.key)
}

fn field(spec: &FieldSpec) -> Value {
    let described = |mut schema: Value| {
        schema["description"] = format!("Segment's field \"{}\".", spec.label).into();
        schema
    };
    described(match spec.kind {
        FieldKind::Text => reference("text"),
        FieldKind::Number => reference("number"),
        FieldKind::Boolean => reference("boolean"),
        FieldKind::Free => object(None),
        FieldKind::Fixed(keys) => object(Some(keys)),
    })
}

/// An object or a directive that gives one.
fn object(keys: Option<&[FieldSpec]>) -> Value {
    let fields: Option<Map<String, Value>> =
        keys.map(|keys| keys.iter().map(|spec| (spec.key.to_owned(), field(spec))).collect());
    let literal = match fields {
        Some(fields) => json!({"properties": fields, "additionalProperties": false}),
        None => json!({"additionalProperties": reference("value")}),
    };
    json!({"type": ["object", "null"], "if": has_directive(), "then": reference("directive"), "else": literal})
}

/// Of objects: whether one of the keys names a directive.
fn has_directive() -> Value {
    json!({"type": "object", "not": {"propertyNames": {"not": {"pattern": "^@"}}}})
}

fn value() -> Value {
    json!({
        "if": has_directive(),
        "then": reference("directive"),
        "else": {"additionalProperties": reference("value"), "items": reference("value")},
    })
}

/// An object with one of the mapping kit's directives.
fn directive() -> Value {
    let mut shapes: Map<String, Value> = DIRECTIVES
        .map(|name| (name.to_owned(), shape(name)))
        .into_iter()
        .collect();
    shapes.insert("_metadata".to_owned(), json!({}));
    let one = DIRECTIVES.map(|name| json!({"required": [name]}));
    json!({"type": "object", "properties": shapes, "additionalProperties": false, "oneOf": one})
}

/// What stands under a directive (Segment's mapping kit, its check of mappings).
fn shape(directive: &str) -> Value {
    let text = || json!({"if": {"type": "object"}, "then": reference("directive"), "else": {"type": "string"}});
    let map =
        || json!({"type": "object", "if": has_directive(), "then": reference("directive"), "else": reference("value")});
    let options =
        |fields: Value, required: &[&str]| json!({"type": "object", "properties": fields, "required": required});
    // Segment takes these words in small and capital letters; the small ones are suggested.
    let word = |words: &[&str]| {
        let pattern = words.iter().map(|word| either_case(word)).collect::<Vec<_>>().join("|");
        json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": format!("^({pattern})$")}]})
    };
    let mut shape = match directive {
        "@path" | "@template" => text(),
        "@liquid" => json!({"type": "string"}),
        "@arrayPath" => json!({"type": "array", "prefixItems": [text(), reference("value")], "minItems": 1}),
        "@if" => options(
            json!({"exists": reference("value"), "blank": reference("value"), "then": reference("value"), "else": reference("value")}),
            &[],
        ),
        "@case" => options(
            json!({"operator": {"anyOf": [{"enum": ["lower", "upper"]}, {"type": "string"}]}, "value": text()}),
            &[],
        ),
        "@replace" => {
            let pattern = |least: usize| json!({"type": "string", "minLength": least, "maxLength": 10});
            let flag = json!({"type": "boolean"});
            options(
                json!({
                    "pattern": pattern(1), "replacement": pattern(0), "pattern2": pattern(1), "replacement2": pattern(0),
                    "value": text(), "ignorecase": flag, "global": flag,
                }),
                &["pattern", "value"],
            )
        }
        "@json" => options(
            json!({"mode": word(&["encode", "decode"]), "value": reference("value")}),
            &["mode", "value"],
        ),
        "@flatten" => options(
            json!({"separator": {"type": "string"}, "value": reference("value")}),
            &["value"],
        ),
        "@merge" => options(
            json!({"direction": word(&["left", "right"]), "objects": {"type": "array", "items": map()}}),
            &["objects"],
        ),
        "@transform" => options(json!({"apply": map(), "mapping": map()}), &["apply", "mapping"]),
        // What stands under @literal is taken as it is, and @excludeWhenNull takes any value.
        _ => json!({}),
    };
    shape["description"] = description(directive).into();
    shape
}

fn either_case(word: &str) -> String {
    let letters = word
        .chars()
        .map(|letter| format!("[{letter}{}]", letter.to_ascii_uppercase()));
    letters.collect()
}

fn description(directive: &str) -> &'static str {
    match directive {
        "@path" => "The value at a path of the event, e.g. `$.properties.email`.",
        "@template" => "Text with values in it, e.g. `{{properties.first}} {{properties.last}}`.",
        "@if" => "`then`, if the value of `exists` (or `blank`) is there (or not empty), else `else`.",
        "@case" => "Text in lower or upper case.",
        "@literal" => "The value as it is written.",
        "@replace" => "Text with a pattern of at most 10 characters replaced.",
        "@arrayPath" => "The list at a path, and the shape of each of its items.",
        "@json" => "Encodes a value as JSON text, or decodes such text.",
        "@flatten" => "An object with no objects in it: their keys are joined by the separator.",
        "@merge" => "The fields of several objects in one.",
        "@transform" => "A mapping over the result of another one.",
        "@excludeWhenNull" => "The value without its nulls.",
        _ => "Text rendered by a Liquid template.",
    }
}
