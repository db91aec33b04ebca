//! What the mapping crate and Segment's field table have to say about a mapping.

use ::mapping::{Action, Compiled, Trigger};
use serde_json::Value;

use super::place::{Places, field_path, shortened};
use super::reader::{Cursor, Object, Reported};
use super::source::Rows;
use super::{field, suggestion};

/// Words that stand for FQL over a warehouse row's change.
const CHANGE_WORDS: [&str; 4] = ["added", "updated", "added or updated", "deleted"];

/// The mapping kit's directives (Segment's actions-core, mapping kit).
const DIRECTIVES: [&str; 13] = [
    "@path",
    "@template",
    "@if",
    "@case",
    "@literal",
    "@replace",
    "@arrayPath",
    "@json",
    "@flatten",
    "@merge",
    "@transform",
    "@excludeWhenNull",
    "@liquid",
];

/// Returns the trigger's text, if it can be read.
pub(super) fn trigger(cursor: &Cursor<'_>, rows: Option<Rows>) -> Result<String, Reported> {
    let text = cursor.text()?;
    if rows == Some(Rows::Events) && CHANGE_WORDS.contains(&text.trim()) {
        let message = format!("{} is for `rows: records`; an event has no change", cursor.quoted());
        return Err(cursor.problem(message, Some("use FQL, e.g. `type = \"track\"`".into())));
    }
    match Trigger::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(cursor.problem(error.to_string(), None)),
    }
}

/// Returns the directive that was meant by one that does not exist.
fn other_directive(message: &str) -> Option<String> {
    let word = message.strip_prefix("has an invalid directive: ")?;
    suggestion::closest(word, DIRECTIVES).map(suggestion::did_you_mean)
}

/// Notes what is wrong with an action's fields.
pub(super) fn fields(object: &Object<'_>, action: Action, fields: &Value, places: &Places) -> Result<(), Reported> {
    let keys = check_keys(object, action);
    let Err(problems) = Compiled::compile(action, fields) else {
        return keys;
    };
    let mut result = keys;
    for problem in problems {
        let place = places.find(&problem.pointer).cloned();
        let (mark, path) = place.unwrap_or_else(|| (object.cursor().node().at, object.cursor().path().to_owned()));
        let remedy = other_directive(&problem.message);
        result = Err(object.cursor().problem_at(mark, path, problem.message, remedy));
    }
    result
}

/// Returns the remedy for a field that only other actions have.
fn other_action(key: &str) -> Option<String> {
    let having = Action::ALL
        .into_iter()
        .filter(|&action| field::keys(action).any(|known| known == key));
    let names: Vec<&str> = having.map(Action::as_str).collect();
    (!names.is_empty()).then(|| format!("remove it; it is a field of {}", names.join(", ")))
}

/// Notes fields that the action does not have, and the lack of those without which it rejects every row.
fn check_keys(object: &Object<'_>, action: Action) -> Result<(), Reported> {
    if object.entries().any(|(key, ..)| field::is_root_directive(key)) {
        return Ok(());
    }
    let known: Vec<&str> = field::keys(action).collect();
    let mut result = Ok(());
    for (key, at, _) in object
        .entries()
        .filter(|(key, ..)| !known.contains(key) && !field::is_reserved(key))
    {
        let message = format!(
            "`{}` is not a field of {action}; Segment would drop it without a word",
            shortened(key)
        );
        let path = field_path(object.cursor().path(), key);
        let remedy = other_action(key).unwrap_or_else(|| suggestion::remedy(key, &known));
        result = Err(object.cursor().problem_at(at, path, message, Some(remedy)));
    }
    if let Some(required) = field::required(action).filter(|key| object.get(key).is_none()) {
        let message = format!("`{required}` is missing; without it {action} rejects every row");
        result = Err(object.cursor().problem(message, None));
    }
    if object.get("user_id").is_none() && object.get("anonymous_id").is_none() {
        let message = "neither `user_id` nor `anonymous_id` is there; without both every row is rejected";
        result = Err(object.cursor().problem(message, None));
    }
    result
}
