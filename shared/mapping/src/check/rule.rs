//! What the options of each directive may be.

use serde_json::Value as Json;

use super::{Checked, Place, all, any, directive, is_directive, values};
use crate::directive::{MAX_REPLACE_LENGTH, check_liquid};
use crate::literal::utf16_length;

/// One option of a directive: its key, whether it must be there, and what it may be.
pub(super) struct Rule {
    key: &'static str,
    required: bool,
    check: fn(&Json, &Place<'_>) -> Checked,
}

const fn required(key: &'static str, check: fn(&Json, &Place<'_>) -> Checked) -> Rule {
    Rule {
        key,
        required: true,
        check,
    }
}

const fn optional(key: &'static str, check: fn(&Json, &Place<'_>) -> Checked) -> Rule {
    Rule {
        key,
        required: false,
        check,
    }
}

pub(super) const IF: &[Rule] = &[
    optional("exists", raw_or_directive),
    optional("then", raw_or_directive),
    optional("else", raw_or_directive),
];
pub(super) const CASE: &[Rule] = &[optional("operator", text), optional("value", text_or_directive)];
pub(super) const REPLACE: &[Rule] = &[
    required("pattern", pattern),
    optional("replacement", replacement),
    required("value", text_or_directive),
    optional("ignorecase", boolean),
    optional("global", boolean),
];
pub(super) const JSON: &[Rule] = &[
    required("value", raw_or_directive),
    required("mode", |value, place| word(&["encode", "decode"], value, place)),
];
pub(super) const FLATTEN: &[Rule] = &[optional("separator", text), required("value", raw_or_directive)];
pub(super) const MERGE: &[Rule] = &[
    optional("direction", |value, place| word(&["left", "right"], value, place)),
    required("objects", array),
];
pub(super) const TRANSFORM: &[Rule] = &[
    required("apply", object_or_directive),
    required("mapping", object_or_directive),
];

/// First what is in the options, whatever their names; if that is right, the options themselves.
pub(super) fn options_of(options: &Json, rules: &[Rule], place: &Place<'_>) -> Checked {
    let fields = match options {
        Json::Object(fields) if !is_directive(fields) => fields,
        other => return place.mismatch("an object", Some(other)),
    };
    values(fields, place)?;
    all(rules.iter().map(|rule| match fields.get(rule.key) {
        Some(value) => (rule.check)(value, &place.child(rule.key)),
        None if rule.required => place.problem(format!("should have field \"{}\" but it doesn't", rule.key)),
        None => Ok(()),
    }))
}

pub(super) fn raw_or_directive(value: &Json, place: &Place<'_>) -> Checked {
    match value {
        Json::Object(fields) if is_directive(fields) => directive(fields, place),
        _ => Ok(()),
    }
}

pub(super) fn text_or_directive(value: &Json, place: &Place<'_>) -> Checked {
    match value {
        Json::String(_) => Ok(()),
        Json::Object(fields) if is_directive(fields) => directive(fields, place),
        other => place.mismatch("a string or a mapping directive", Some(other)),
    }
}

fn object_or_directive(value: &Json, place: &Place<'_>) -> Checked {
    match value {
        Json::Object(_) => any(value, place),
        other => place.mismatch("a object or a mapping directive", Some(other)),
    }
}

pub(super) fn text(value: &Json, place: &Place<'_>) -> Checked {
    if value.is_string() {
        Ok(())
    } else {
        place.mismatch("a string", Some(value))
    }
}

fn boolean(value: &Json, place: &Place<'_>) -> Checked {
    if value.is_boolean() {
        Ok(())
    } else {
        place.mismatch("a boolean", Some(value))
    }
}

fn array(value: &Json, place: &Place<'_>) -> Checked {
    if value.is_array() {
        Ok(())
    } else {
        place.mismatch_of_type("an array", value)
    }
}

fn pattern(value: &Json, place: &Place<'_>) -> Checked {
    text(value, place)?;
    if value.as_str() == Some("") {
        return place.problem("should be a string of length 1 or greater");
    }
    replacement(value, place)
}

fn replacement(value: &Json, place: &Place<'_>) -> Checked {
    text(value, place)?;
    if value
        .as_str()
        .is_some_and(|text| utf16_length(text) > MAX_REPLACE_LENGTH)
    {
        return place.problem(format!("should be a string of length {MAX_REPLACE_LENGTH} or less"));
    }
    Ok(())
}

fn word(words: &[&str], value: &Json, place: &Place<'_>) -> Checked {
    let Some(text) = value.as_str() else {
        return text(value, place);
    };
    if words.contains(&text.to_lowercase().as_str()) {
        return Ok(());
    }
    place.problem(format!("should be one of {} but it is {value}", words.join(", ")))
}

pub(super) fn array_path(options: &Json, place: &Place<'_>) -> Checked {
    array(options, place)?;
    match options.get(0) {
        Some(path) => text_or_directive(path, place)?,
        None => return place.mismatch("a string or a mapping directive", None),
    }
    options.get(1).map_or(Ok(()), |shape| any(shape, place))
}

/// Checks what is merged. Segment's texts forget where it is.
pub(super) fn merged(options: &Json, place: &Place<'_>) -> Checked {
    let objects = options.get("objects").and_then(Json::as_array);
    let list = place.child("objects");
    objects
        .into_iter()
        .flatten()
        .enumerate()
        .try_for_each(|(index, object)| {
            let index = index.to_string();
            object_or_directive(object, &list.start(&index))
        })
}

pub(super) fn liquid(options: &Json, place: &Place<'_>) -> Checked {
    let checked = options.as_str().map_or(Ok(()), check_liquid);
    checked.or_else(|message| place.problem(message))
}
