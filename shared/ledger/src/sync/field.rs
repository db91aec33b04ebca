//! What Segment's field table has to say about a mapping.

use ::mapping::{Action, ColumnUse, FieldKind, FieldSpec, RESERVED_KEYS, column_uses, gives_all_fields};
use serde_json::{Map, Value};

use super::place::{Places, field_path, pointer_to, shortened};
use super::reader::{Object, Reported};
use super::suggestion;

/// Notes fields that Segment would drop, and the lack of those without which it rejects every row.
pub(super) fn check(object: &Object<'_>, action: Action, fields: &Value, places: &Places) -> Result<(), Reported> {
    if object.entries().any(|(key, ..)| gives_all_fields(key)) {
        return Ok(());
    }
    let known: Vec<&FieldSpec> = action.field_specs().collect();
    let fields = fields.as_object().cloned().unwrap_or_default();
    for (key, at, _) in object.entries().filter(|(key, ..)| !RESERVED_KEYS.contains(key)) {
        match (known.iter().find(|spec| spec.key == key), fields.get(key)) {
            (None, _) => {
                let message = format!(
                    "`{}` is not a field of {action}; Segment drops it without a word",
                    shortened(key)
                );
                let path = field_path(object.cursor().path(), key);
                object
                    .cursor()
                    .warning_at(at, path, message, Some(other_field(action, key, &known)));
            }
            (Some(spec), Some(value)) => Checking { object, places, action }.field(spec, value),
            (Some(_), None) => {}
        }
    }
    check_needed(object, action)
}

fn check_needed(object: &Object<'_>, action: Action) -> Result<(), Reported> {
    let mut result = Ok(());
    if let Some(required) = action.required_key().filter(|key| object.get(key).is_none()) {
        let message = format!("`{required}` is missing; without it {action} rejects every row");
        let example = match action {
            Action::Track => "add it, e.g. `event_name: Order Placed`".to_owned(),
            _ => format!("add it, e.g. `{required}: {{\"@path\": \"$.properties.{required}\"}}`"),
        };
        result = Err(object.cursor().problem(message, Some(example)));
    }
    if object.get("user_id").is_none() && object.get("anonymous_id").is_none() {
        let message = "neither `user_id` nor `anonymous_id` is there; without both every row is rejected";
        let remedy = "add one, e.g. `user_id: {\"@path\": \"$.properties.id\"}`";
        result = Err(object.cursor().problem(message, Some(remedy.into())));
    }
    result
}

/// Returns the remedy for a field that the action does not have.
fn other_field(action: Action, key: &str, known: &[&FieldSpec]) -> String {
    let having = Action::ALL
        .into_iter()
        .filter(|action| action.field_specs().any(|spec| spec.key == key));
    let names: Vec<&str> = having.map(Action::as_str).collect();
    match key {
        _ if names.is_empty() => {
            let known: Vec<&str> = known.iter().map(|spec| spec.key).collect();
            // Segment's spec has names of its own for some fields, such as `event` for `event_name`.
            match column_uses(action, &[key]).pop() {
                Some(ColumnUse::Field(field)) if known.contains(&&*field) => suggestion::did_you_mean(&field),
                _ => suggestion::remedy(key, &known),
            }
        }
        "traits" if known.iter().any(|spec| spec.key == "properties") => {
            "put it into `properties`, or make another mapping of action identify".to_owned()
        }
        "properties" => "put it into `traits`".to_owned(),
        _ => format!("remove it; it is a field of {}", names.join(", ")),
    }
}

/// What a field's value is looked at with.
struct Checking<'c, 'd> {
    object: &'c Object<'d>,
    places: &'c Places,
    action: Action,
}

impl Checking<'_, '_> {
    fn warn(&self, pointer: &str, message: impl Into<String>, remedy: impl Into<String>) {
        let (mark, path) = self.places.find_in(pointer, self.object.cursor());
        self.object
            .cursor()
            .warning_at(mark, path, message, Some(remedy.into()));
    }

    fn field(&self, spec: &FieldSpec, value: &Value) {
        let pointer = pointer_to("", spec.key);
        match (spec.kind, value) {
            (FieldKind::Fixed(keys), Value::Object(fields)) if !is_directive(fields) => {
                self.fixed(spec.key, keys, fields);
            }
            (FieldKind::Fixed(_) | FieldKind::Free, value) if is_literal_scalar(value) => {
                let message = format!("`{}` must be a map; with this every row is rejected", spec.key);
                self.warn(
                    &pointer,
                    message,
                    "write a map of keys and values, or a directive that gives one",
                );
            }
            _ => {}
        }
        match spec.key {
            "user_id" if is_literal_scalar(value) => {
                let remedy = "read it from a column, e.g. `{\"@path\": \"$.properties.id\"}`";
                self.warn(&pointer, "every row is the same user", remedy);
            }
            "message_id" if is_literal_scalar(value) => {
                let message = "every row has the same `messageId`; Segment keeps the first call and drops the rest";
                self.warn(&pointer, message, "remove it, and each row gets an id of its own");
            }
            "timezone" if self.action == Action::Screen => {
                let remedy = "remove it, or put it into `properties`";
                self.warn(
                    &pointer,
                    "Segment's screen calls take `timezone` and never send it",
                    remedy,
                );
            }
            "consent" if is_consent_lost(value) => {
                let message = "this consent is never kept: it is sent as `{}`";
                let remedy = "give it `categoryPreferences`, a map whose values are all true or false";
                self.warn(&pointer, message, remedy);
            }
            _ => {}
        }
    }

    /// Notes keys that Segment drops from an object whose keys are fixed.
    fn fixed(&self, field: &str, keys: &[FieldSpec], fields: &Map<String, Value>) {
        let known: Vec<&str> = keys.iter().map(|spec| spec.key).collect();
        for key in fields.keys().filter(|key| !known.contains(&key.as_str())) {
            let message = format!(
                "`{}` is not a key of `{field}`; Segment drops it without a word",
                shortened(key)
            );
            let pointer = pointer_to(&pointer_to("", field), key);
            let (value, path) = self.places.find_in(&pointer, self.object.cursor());
            let mark = self.places.key(&pointer).unwrap_or(value);
            let remedy = suggestion::remedy(key, &known);
            self.object.cursor().warning_at(mark, path, message, Some(remedy));
        }
    }
}

fn is_directive(fields: &Map<String, Value>) -> bool {
    fields.keys().any(|key| key.starts_with('@'))
}

fn is_literal_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

/// Whether Segment keeps nothing of it, whatever the row: it keeps consent only whole, with preferences that are all booleans.
fn is_consent_lost(consent: &Value) -> bool {
    let Value::Object(fields) = consent else { return false };
    if is_directive(fields) {
        return false;
    }
    let may_be_boolean = |value: &Value| matches!(value, Value::Bool(_) | Value::Object(_));
    match fields.get("categoryPreferences") {
        Some(Value::Object(preferences)) if is_directive(preferences) => false,
        Some(Value::Object(preferences)) => !preferences.values().all(may_be_boolean),
        Some(Value::Array(preferences)) => !preferences.iter().all(may_be_boolean),
        _ => true,
    }
}
