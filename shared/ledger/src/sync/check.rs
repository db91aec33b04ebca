//! What the mapping crate has to say about a mapping.

use ::mapping::{Action, Compiled, DIRECTIVES, Trigger};
use serde_json::Value;

use super::place::Places;
use super::reader::{Cursor, Object, Reported};
use super::source::Rows;
use super::{field, suggestion};

/// Words that stand for FQL over a warehouse row's change.
const CHANGE_WORDS: [&str; 4] = ["added", "updated", "added or updated", "deleted"];

/// Returns the trigger's text, if it can be read and means the same to Segment's destinations and by FQL's documentation.
pub(super) fn trigger(cursor: &Cursor<'_>, rows: Option<Rows>) -> Result<String, Reported> {
    let text = cursor.text()?;
    if rows == Some(Rows::Events) && CHANGE_WORDS.contains(&text.trim()) {
        let message = format!("{} is for `rows: records`; an event has no change", cursor.quoted());
        return Err(cursor.problem(message, Some("use FQL, e.g. `type = \"track\"`".into())));
    }
    match Trigger::parse_strict(text) {
        Ok((_, doubts)) => {
            // A row's event always has a name.
            let doubts = doubts
                .into_iter()
                .filter(|doubt| rows != Some(Rows::Records) || doubt.field != "event");
            for doubt in doubts {
                cursor.warning(doubt.message, Some(in_yaml(&doubt.remedy)));
            }
            Ok(text.to_owned())
        }
        Err(refused) => {
            // What is near one of the words is no FQL.
            let word = suggestion::closest(text, CHANGE_WORDS).filter(|_| refused.rewrite().is_none());
            let remedy = word.map_or_else(|| in_yaml(refused.remedy()), suggestion::did_you_mean);
            Err(cursor.problem(refused.to_string(), Some(remedy)))
        }
    }
}

/// Returns the remedy with the triggers in it as YAML needs them: one that begins with `!` would be a tag.
fn in_yaml(remedy: &str) -> String {
    let parts = remedy.split('`').enumerate();
    let parts = parts.map(|(at, part)| match part {
        trigger if at % 2 == 1 && (trigger.starts_with('!') || trigger.contains(": ") || trigger.contains(" #")) => {
            format!("'{}'", trigger.replace('\'', "''"))
        }
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Notes what is wrong with an action's fields.
pub(super) fn fields(object: &Object<'_>, action: Action, fields: &Value, places: &Places) -> Result<(), Reported> {
    let keys = field::check(object, action, fields, places);
    let Err(problems) = Compiled::compile(action, fields) else {
        return keys;
    };
    let mut result = keys;
    for problem in problems {
        let (mark, path) = places.find_in(&problem.pointer, object.cursor());
        let remedy = kit_remedy(&problem.message);
        result = Err(object.cursor().problem_at(mark, path, problem.message, Some(remedy)));
    }
    result
}

/// Parts of the mapping kit's messages, and what helps.
const KIT_REMEDIES: [(&str, &str); 12] = [
    (
        "should only have one @-prefixed key",
        "give the directive a map of its own, with no key beside it",
    ),
    (
        "should be a object or a mapping directive",
        "write a map, or a directive that gives one",
    ),
    (
        "relative to the current time",
        "read the date from a column, e.g. `{{ properties.date | date: \"%Y\" }}`",
    ),
    ("or a mapping directive but it is a number", "put it in quotes"),
    ("or a mapping directive but it is a boolean", "put it in quotes"),
    (
        "or a mapping directive but it is",
        "write a path in quotes, or a directive such as `{\"@path\": \"$.properties.x\"}`",
    ),
    (
        "of length 10 or less",
        "shorten it; the filter `replace` of @liquid takes longer texts",
    ),
    ("of length 1 or greater", "write the text that is to be replaced"),
    (
        "should be an object but it is",
        "write a map with the directive's options",
    ),
    (
        "should be a boolean but it is",
        "write `true` or `false`, without quotes",
    ),
    ("should be an array but it is", "write a list"),
    ("should be a string but it is", "put it in quotes"),
];

/// What helps against all others.
const KIT_REMEDY: &str = "write it as Segment's documentation of the directive says";

/// Returns what helps against a problem of the mapping kit.
fn kit_remedy(message: &str) -> String {
    if let Some(word) = message.strip_prefix("has an invalid directive: ") {
        return suggestion::remedy(word, &DIRECTIVES);
    }
    if let Some(key) = message
        .strip_prefix("should have field \"")
        .and_then(|rest| rest.split('"').next())
    {
        return format!("add the key `{key}`");
    }
    if let Some((words, given)) = message
        .strip_prefix("should be one of ")
        .and_then(|rest| rest.split_once(" but it is "))
    {
        let words: Vec<&str> = words.split(", ").collect();
        return suggestion::remedy(given, &words);
    }
    let known = KIT_REMEDIES.into_iter().find(|(part, _)| message.contains(part));
    known.map_or(KIT_REMEDY, |(_, remedy)| remedy).to_owned()
}
