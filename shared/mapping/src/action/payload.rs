//! One row's fields after the mapping, emptied, checked and coerced.

use bumpalo::Bump;

use super::coercion::{WrongType, coerce, described, is_empty};
use super::field::{COUNT, Field, Kind, MAX_KEYS, Spec};
use crate::json::scan;
use crate::json::string::key_is;
use crate::{Action, Value};

/// The values of all fields; absent ones are `undefined`. Fixed objects hold their known keys only.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    values: [Value<'a>; COUNT],
    arena: &'a Bump,
}

/// What the schema finds in one row: everything at once, in the order of Segment's messages.
#[derive(Debug, Default)]
pub(crate) struct SchemaError {
    texts: Vec<String>,
    /// The first field that is wrong.
    field: Option<&'static str>,
}

impl SchemaError {
    /// A mapping that gives no object at all. Empty values vanish before the schema is asked.
    pub(crate) fn not_an_object(value: Value<'_>) -> Self {
        let got = if is_empty(Kind::Free, value, true) {
            Value::Undefined
        } else {
            value
        };
        Self {
            texts: vec![format!(
                "The root value must be an object but it was {}.",
                described(got)
            )],
            field: None,
        }
    }

    pub(crate) fn message(&self) -> String {
        self.texts.join(" ")
    }

    pub(crate) fn field(&self) -> Option<&'static str> {
        self.field
    }

    fn add(&mut self, field: Field, text: String) {
        self.texts.push(text);
        self.field.get_or_insert(field.spec().key);
    }
}

impl<'a> Payload<'a> {
    /// No field has a value yet; `arena` holds what is built for this row.
    pub(crate) fn new(arena: &'a Bump) -> Self {
        Self {
            values: [Value::Undefined; COUNT],
            arena,
        }
    }

    pub(crate) fn arena(&self) -> &'a Bump {
        self.arena
    }

    pub(crate) fn set(&mut self, field: Field, value: Value<'a>) {
        self.values[field as usize] = value;
    }

    pub(crate) fn get(&self, field: Field) -> Value<'a> {
        self.values[field as usize]
    }

    /// Removes what is empty and coerces what is left to the fields' kinds.
    pub(crate) fn validate(&mut self, action: Action) -> Result<(), SchemaError> {
        let mut error = SchemaError::default();
        let is_missing = |field: &Field| is_empty(field.spec().kind, self.get(*field), true);
        if let Some(field) = action.required().filter(is_missing) {
            error.add(
                field,
                format!("The root value is missing the required field '{}'.", field.spec().key),
            );
        }
        for &field in action.fields() {
            let value = self.get(field);
            if is_empty(field.spec().kind, value, true) {
                self.set(field, Value::Undefined);
                continue;
            }
            let mut report = |wrong: WrongType| error.add(field, wrong.to_string());
            match coerce(field.spec(), value, self.arena) {
                Ok(object) => match field.spec().kind {
                    Kind::Fixed(keys) => self.set(field, fixed(keys, object, self.arena, &mut report)),
                    _ => self.set(field, object),
                },
                Err(wrong) => report(wrong),
            }
        }
        if error.texts.is_empty() { Ok(()) } else { Err(error) }
    }
}

/// Keeps the known keys of an object, coerced.
fn fixed<'a>(
    keys: &'static [Spec],
    object: Value<'a>,
    arena: &'a Bump,
    report: &mut impl FnMut(WrongType),
) -> Value<'a> {
    let found = known(keys, object);
    let mut entries = bumpalo::collections::Vec::with_capacity_in(keys.len(), arena);
    for (spec, value) in keys.iter().zip(found) {
        if is_empty(spec.kind, value, false) {
            continue;
        }
        match coerce(spec, value, arena) {
            Ok(value) => entries.push((spec.key, value)),
            Err(wrong) => report(wrong),
        }
    }
    Value::Object(entries.into_bump_slice())
}

/// The values of the known keys, in one pass over the object's text.
fn known<'a>(keys: &[Spec], object: Value<'a>) -> [Value<'a>; MAX_KEYS] {
    let mut found = [Value::Undefined; MAX_KEYS];
    if let Value::Raw(text) = object {
        for (written, value) in scan::fields(text) {
            if let Some(at) = keys.iter().position(|spec| key_is(written, spec.key)) {
                found[at] = Value::of_json(value);
            }
        }
    } else {
        for (slot, spec) in found.iter_mut().zip(keys) {
            *slot = object.property(spec.key);
        }
    }
    found
}
