//! What is legal and surely wrong with a document that can be used.

use std::collections::HashMap;

use ::mapping::{Change, Origin, Trigger, reads};

use super::files::FilePattern;
use super::mapping::{Mapping, value_of};
use super::place::{Mark, Places};
use super::reader::{Cursor, Object};
use super::source::{Changes, Rows};
use super::tree::Kind;
use super::{Sync, suggestion};

/// A column that the document names, and where.
#[derive(Debug, Clone)]
pub(super) struct ColumnRead {
    /// Who names it, and how: ``mapping `x` reads``.
    pub(super) by: String,
    pub(super) column: String,
    /// Whether an object that has columns for all rows cannot be read without it.
    pub(super) is_needed: bool,
    pub(super) at: Mark,
    pub(super) path: String,
}

/// What a row's event has beside `properties`, and what mappings carried over from Segment read by default.
const ROOTS: [&str; 5] = ["type", "event", "properties", "messageId", "context"];

/// Notes what is surely wrong, and returns the columns that the source names and that enabled mappings read.
pub(super) fn check(root: &Cursor<'_>, sync: &Sync) -> Vec<ColumnRead> {
    let Some(items) = root.any_object("a map").ok().and_then(|root| root.get("mappings")) else {
        return Vec::new();
    };
    check_enabled(root, &items, sync);
    let mut columns = source_columns(root, sync);
    if items.node().kind == Kind::Text {
        // `mappings: auto` has nothing of its own to look at.
        return columns;
    }
    let items = items.list().unwrap_or_default();
    let pairs = items.iter().zip(&sync.mappings);
    let mut seen = HashMap::new();
    for (index, (item, mapping)) in pairs.enumerate().filter(|(_, (_, mapping))| mapping.enabled) {
        let Ok(object) = item.any_object("a map") else { continue };
        check_trigger(&object, mapping, sync);
        check_literals(&object);
        check_repeated(&object, index, mapping, sync, &mut seen);
        let mut reads = check_reads(&object, mapping, sync.source.rows);
        reads.extend(trigger_columns(&object, mapping, sync.source.rows));
        // Which object a column is missing from matters only where the mapping is for all of them.
        columns.extend(reads.into_iter().filter(|_| mapping.files.is_empty()));
    }
    columns
}

fn check_enabled(root: &Cursor<'_>, mappings: &Cursor<'_>, sync: &Sync) {
    if sync.mappings.iter().all(|mapping| !mapping.enabled) {
        mappings.warning(
            "no mapping is enabled: nothing is sent",
            Some("set `enabled: true` on one".into()),
        );
    } else if !sync.destination.enabled {
        let destination = root.any_object("a map").ok().and_then(|root| root.get("destination"));
        let enabled = destination.and_then(|destination| destination.any_object("a map").ok()?.get("enabled"));
        if let Some(enabled) = enabled {
            enabled.warning("nothing is sent", Some("set `enabled: true` to send".into()));
        }
    }
}

fn check_trigger(object: &Object<'_>, mapping: &Mapping, sync: &Sync) {
    let cursor = object.get("trigger").unwrap_or_else(|| object.cursor().clone());
    let Ok(trigger) = Trigger::parse(&mapping.trigger_text(sync.source.rows)) else {
        return;
    };
    let every = [Change::New, Change::Updated, Change::Deleted];
    let never = |changes: &[Change]| trigger.never_matches(Origin::Rows(changes));
    match sync.source.rows {
        Rows::Events => {
            if trigger.never_matches(Origin::Events) {
                let remedy = "an event's type is track, identify, group, page, screen or alias";
                cursor.warning("no event passes this trigger", Some(remedy.into()));
            }
        }
        Rows::Records if never(&every) => {
            let message = "no row passes this trigger: the event of a row has type `track`, event `new`, `updated` or \
                           `deleted`, and its columns under `properties`";
            let remedy = "write `added`, `updated`, `added or updated` or `deleted`, or FQL on `properties.…`";
            cursor.warning(message, Some(remedy.into()));
        }
        Rows::Records => match &sync.source.changes {
            Changes::None if never(&[Change::New]) => {
                let message = "no row passes this trigger: without `source.changes` every row is `new`";
                let remedy = "write `added`, or say in `source.changes` which column tells what became of a row";
                cursor.warning(message, Some(remedy.into()));
            }
            Changes::Column(column) if never(&column.changes()) => {
                let message = "no row passes this trigger: `source.changes` has no value for what it asks for";
                cursor.warning(
                    message,
                    Some("add the values to `new`, `updated` or `deleted` there".into()),
                );
            }
            _ => {}
        },
    }
}

fn check_repeated(
    object: &Object<'_>,
    index: usize,
    mapping: &Mapping,
    sync: &Sync,
    seen: &mut HashMap<String, usize>,
) {
    let trigger = mapping.trigger_text(sync.source.rows);
    let files: Vec<&str> = mapping.files.iter().map(FilePattern::as_str).collect();
    let calls = Mapping {
        name: format!("{trigger} {}", files.join(" ")),
        ..mapping.clone()
    };
    if let Some(first) = seen.insert(calls.fingerprint(), index) {
        let message = format!("mappings[{first}] makes the same calls of the same rows: each is sent twice");
        object.cursor().warning(
            message,
            Some("remove one of the two, or give them other triggers".into()),
        );
    }
}

/// Notes texts that are sent as they stand and look as if a column was meant.
fn check_literals(object: &Object<'_>) {
    let Some(fields) = object.get("fields") else { return };
    let mut values = vec![fields];
    while let Some(value) = values.pop() {
        match &value.node().kind {
            Kind::Map(_) => {
                let entries = value.any_object("a map");
                let inside = entries.iter().flat_map(Object::entries);
                values.extend(
                    inside
                        .filter(|(key, ..)| !key.starts_with('@'))
                        .map(|(_, _, value)| value),
                );
            }
            Kind::List(_) => values.extend(value.list().unwrap_or_default()),
            Kind::Text => check_literal(&value),
            _ => {}
        }
    }
}

fn check_literal(value: &Cursor<'_>) {
    let text = &value.node().text;
    let directive = match text.find("{{") {
        Some(start) if text[start..].contains("}}") => "@template",
        _ if text.starts_with("$.") => "@path",
        _ => return,
    };
    let remedy = format!("write {{\"{directive}\": \"{text}\"}} to send what is there in the row");
    value.warning("this text is sent as it stands", Some(remedy));
}

/// Returns the columns that the trigger tests.
fn trigger_columns(object: &Object<'_>, mapping: &Mapping, rows: Rows) -> Vec<ColumnRead> {
    let trigger = Trigger::parse(&mapping.trigger_text(rows))
        .ok()
        .filter(|_| rows == Rows::Records);
    let Some((trigger, cursor)) = trigger.zip(object.get("trigger")) else {
        return Vec::new();
    };
    let read = |column: String| ColumnRead {
        by: format!("the trigger of `{}` tests", mapping.name),
        column,
        is_needed: false,
        at: cursor.node().at,
        path: cursor.path().to_owned(),
    };
    trigger.columns().into_iter().map(read).collect()
}

/// Notes what is read from where no row has anything, and returns the columns that are read.
fn check_reads(object: &Object<'_>, mapping: &Mapping, rows: Rows) -> Vec<ColumnRead> {
    let Some(fields) = object.get("fields").filter(|_| rows == Rows::Records) else {
        return Vec::new();
    };
    let mut places = Places::default();
    let Ok(value) = value_of(&fields, String::new(), &mut places) else {
        return Vec::new();
    };
    let mut columns = Vec::new();
    for read in reads(&value) {
        let (at, path) = places.find_in(&read.pointer, &fields);
        if let Some(column) = read.column() {
            columns.push(ColumnRead {
                by: format!("mapping `{}` reads", mapping.name),
                column: column.to_owned(),
                is_needed: false,
                at,
                path,
            });
        } else if let Some(root) = read.path.keys().first().filter(|root| !ROOTS.contains(&&***root)) {
            let mut keys: Vec<&str> = read.path.keys().iter().map(|key| &**key).collect();
            if keys.len() > 1 && suggestion::closest(root, ["properties"]).is_some() {
                keys.remove(0);
            }
            let message = format!("a row's event has no `{root}`: its columns are under `properties`");
            let meant = format!("$.properties.{}", keys.join("."));
            fields.warning_at(at, path, message, Some(suggestion::did_you_mean(&meant)));
        }
    }
    columns
}

/// Returns the columns that the `source` block names.
fn source_columns(root: &Cursor<'_>, sync: &Sync) -> Vec<ColumnRead> {
    let source = root.any_object("a map").ok().and_then(|root| root.get("source"));
    let Some(source) = source.filter(|_| sync.source.rows == Rows::Records) else {
        return Vec::new();
    };
    let Ok(source) = source.any_object("a map") else {
        return Vec::new();
    };
    let inner = |key: &str| source.get(key)?.any_object("a map").ok();
    let named = |cursor: Cursor<'_>, column: &str, at: Mark| ColumnRead {
        by: format!("`{}` names", cursor.path()),
        column: column.to_owned(),
        is_needed: true,
        at,
        path: cursor.path().to_owned(),
    };
    let mut columns = Vec::new();
    if let (Some(cursor), Some(id)) = (source.get("id"), &sync.source.id) {
        columns.push(named(cursor.clone(), id, cursor.node().at));
    }
    if let Changes::Column(change) = &sync.source.changes
        && let Some(cursor) = inner("changes").and_then(|changes| changes.get("column"))
    {
        columns.push(ColumnRead {
            is_needed: false,
            ..named(cursor.clone(), &change.column, cursor.node().at)
        });
    }
    // Files that mappings tell apart have columns of their own.
    let is_mixed = sync.mappings.iter().any(|mapping| !mapping.files.is_empty());
    for (column, at, cursor) in inner("types").filter(|_| !is_mixed).iter().flat_map(Object::entries) {
        columns.push(named(cursor, column, at));
    }
    columns
}

/// Returns what to say of a column that is not among `columns`.
pub(super) fn missing_column(read: &ColumnRead, place: &str, columns: &[String]) -> (String, String) {
    let message = format!("there is no column `{}` in {place}, which {}", read.column, read.by);
    let known = columns.iter().map(String::as_str);
    let remedy = suggestion::closest(&read.column, known).map_or_else(
        || format!("its columns are: {}", columns.join(", ")),
        suggestion::did_you_mean,
    );
    (message, remedy)
}
