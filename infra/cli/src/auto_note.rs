//! What `fields: auto` makes of an extract's columns, told where people look: which columns are not sent, and why.

use std::collections::BTreeSet;

use extract::Format;
use ledger::{Changes, Fields, Mapping, PlannedObject, Rows, Sync};
use mapping::{Action, ColumnUse, column_uses};
use platform::Stores;
use serde_json::{Map, Value};
use test_mapping::first_rows;

use crate::error::CliError;
use crate::terminal::note;

/// Objects that are looked at; those of one extract are mostly alike.
pub(crate) const LOOKED_AT: usize = 20;

/// Rows of JSON lines that are read to learn their keys.
const ROWS: u64 = 50;

/// Notes which columns of these objects no field takes, for each mapping that says `fields: auto`. Objects with the same
/// columns are told of once. Of events nothing is told: they have keys of Segment's own, which mean nothing here.
///
/// # Errors
/// When rows of an object cannot be read.
pub(crate) async fn tell(stores: &Stores, sync: &Sync, objects: &[PlannedObject]) -> Result<(), CliError> {
    let enabled = sync.mappings.iter().filter(|mapping| mapping.enabled);
    let auto: Vec<&Mapping> = enabled.filter(|mapping| mapping.fields == Fields::Auto).collect();
    if auto.is_empty() || sync.source.rows == Rows::Events {
        return Ok(());
    }
    let mut told = BTreeSet::new();
    for object in objects
        .iter()
        .filter(|object| !object.chunks.is_empty() && object.unreadable.is_none())
        .take(LOOKED_AT)
    {
        let path = object.path();
        let columns = columns(stores, object).await?;
        for mapping in auto.iter().filter(|mapping| mapping.reads(&path)) {
            for text in notes(sync, mapping, &columns) {
                if told.insert((mapping.name.as_str(), text.clone())) {
                    note(&format!("warning: {}: mapping `{}`: {text}", object.key, mapping.name));
                }
            }
        }
    }
    Ok(())
}

/// Returns the columns of an object; of JSON lines the keys of its first rows.
async fn columns(stores: &Stores, object: &PlannedObject) -> Result<Vec<String>, CliError> {
    if object.layout.format != Format::Jsonl {
        return Ok(object.layout.columns.clone());
    }
    let mut columns: Vec<String> = Vec::new();
    first_rows(stores, object, ROWS, |_, row| {
        let row = row
            .ok()
            .and_then(|row| serde_json::from_str::<Map<String, Value>>(row.record.text()).ok());
        for key in row.iter().flat_map(Map::keys) {
            if !columns.contains(key) {
                columns.push(key.clone());
            }
        }
    })
    .await?;
    Ok(columns)
}

fn notes(sync: &Sync, mapping: &Mapping, columns: &[String]) -> Vec<String> {
    let uses = column_uses(mapping.action, columns);
    let mut notes = missing(mapping.action, &uses);
    for (column, used) in columns.iter().zip(&uses) {
        if let ColumnUse::Shadowed { field, by } = used {
            let winner = &columns[*by];
            notes.push(format!(
                "column `{column}` is not used, since column `{winner}` gives `{field}` already"
            ));
        }
    }
    let unknown: Vec<String> = columns
        .iter()
        .zip(&uses)
        .filter(|(column, used)| **used == ColumnUse::Unknown && !is_of_source(sync, column))
        .map(|(column, _)| format!("`{column}`"))
        .collect();
    if let Some(first) = unknown.first() {
        let (list, block) = (unknown.join(", "), block(mapping.action));
        let first = first.trim_matches('`');
        notes.push(format!(
            "no field of {} has the name of column {list}, so it is not sent; call it `{block}.{first}` to send it",
            mapping.action
        ));
    }
    notes
}

/// Whether a column has its use outside mappings.
fn is_of_source(sync: &Sync, column: &str) -> bool {
    let tells_changes = matches!(&sync.source.changes, Changes::Column(changes) if changes.column == column);
    tells_changes || sync.source.id.as_deref() == Some(column)
}

/// Returns the field that takes whatever the user has.
pub(crate) fn block(action: Action) -> &'static str {
    match action {
        Action::Identify | Action::Group => "traits",
        Action::Track | Action::Page | Action::Screen => "properties",
    }
}

/// Says what no column gives though no call can do without it.
fn missing(action: Action, uses: &[ColumnUse]) -> Vec<String> {
    let has = |name: &str| {
        uses.iter()
            .any(|used| matches!(used, ColumnUse::Field(field) if field == name))
    };
    let required = match action {
        Action::Track => Some(("event_name", "event")),
        Action::Group => Some(("group_id", "groupId")),
        Action::Identify | Action::Page | Action::Screen => None,
    };
    let mut missing = Vec::new();
    if !has("user_id") && !has("anonymous_id") {
        missing.push("no column is called `userId` or `anonymousId`; without both every row is rejected".to_owned());
    }
    if let Some((_, spec)) = required.filter(|(field, _)| !has(field)) {
        missing.push(format!(
            "no column is called `{spec}`; without it every row is rejected"
        ));
    }
    missing
}
