//! Reading the `source` block.

use std::collections::BTreeMap;
use std::collections::HashSet;

use extract::ColumnType;

use super::preset::{self, Preset};
use super::{Changes, ColumnChanges, Complete, CsvOptions, FormatChoice, Rows, Source, csv};
use crate::sync::reader::{Cursor, Object, Reported};
use crate::sync::suggestion;
use crate::sync::tree::Kind;

const KEYS: &[&str] = &[
    "extract", "preset", "format", "complete", "rows", "id", "changes", "csv", "types",
];
const CHANGE_KEYS: &[&str] = &["column", "new", "updated", "deleted"];

const ROWS: [(&str, Rows); 2] = [("records", Rows::Records), ("events", Rows::Events)];

pub(super) fn source(cursor: &Cursor<'_>) -> Result<Source, Reported> {
    let object = cursor.object(KEYS)?;
    let extract = object.require("extract").and_then(|value| extract_place(&value));
    let format = object.optional("format", FormatChoice::Auto, format);
    let preset = object.optional("preset", None, |value| preset::read(value).map(Some));
    // What is wrong beside a preset that nobody knows is told as without one.
    let known = preset.ok().flatten();
    let usual_complete = known.map_or(Complete::Object, Preset::complete);
    let complete = object.optional("complete", usual_complete, complete);
    let rows = object.optional("rows", Rows::Records, |value| value.word("a kind of rows", &ROWS));
    let id = object.optional("id", None, |value| value.text().map(|text| Some(text.to_owned())));
    let changes = object.optional("changes", Changes::None, changes);
    let usual_csv = known.map_or_else(CsvOptions::default, Preset::csv);
    let csv = object.optional("csv", usual_csv.clone(), |value| csv::read(value, usual_csv));
    let types = object.optional("types", BTreeMap::new(), types);
    if let Ok(rows) = rows {
        check_rows(&object, rows, format.ok())?;
    }
    if let Ok(csv) = &csv {
        check_columns(&object, &csv.columns);
        csv::check_names(&object, csv, format.ok())?;
    }
    preset?;
    Ok(Source {
        extract: extract?,
        format: format?,
        complete: complete?,
        rows: rows?,
        id: id?,
        changes: changes?,
        csv: csv?,
        types: types?,
    })
}

fn complete(cursor: &Cursor<'_>) -> Result<Complete, Reported> {
    let words = [
        ("object", Complete::Object),
        ("marker", Complete::Marker),
        ("manifest", Complete::Manifest),
    ];
    cursor.word("a way to tell that an extract is complete", &words)
}

pub(super) fn rows(cursor: &Cursor<'_>) -> Option<Rows> {
    let Kind::Map(entries) = &cursor.node().kind else {
        return None;
    };
    match entries.iter().find(|entry| entry.key == "rows") {
        Some(entry) => ROWS
            .iter()
            .find(|(word, _)| *word == entry.value.text)
            .map(|(_, rows)| *rows),
        None => Some(Rows::Records),
    }
}

fn extract_place(cursor: &Cursor<'_>) -> Result<String, Reported> {
    let text = cursor.text()?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(text.to_owned());
    };
    let forms = Some("use `s3://<bucket>/<prefix>` or a local path".to_owned());
    if scheme != "s3" {
        return Err(cursor.problem(format!("{} is in no place that can be read", cursor.quoted()), forms));
    }
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(cursor.problem(format!("{} names no bucket", cursor.quoted()), forms));
    }
    match key.find(['*', '?', '[']) {
        None => Ok(text.to_owned()),
        Some(at) => Err(pattern_in_s3(cursor, bucket, key, at)),
    }
}

/// Notes that S3 knows no patterns: the one that begins at `at` in the key would match nothing.
fn pattern_in_s3(cursor: &Cursor<'_>, bucket: &str, key: &str, at: usize) -> Reported {
    let pattern = &key[at..=at];
    let folder = key[..at].rfind('/').map_or("", |end| &key[..=end]);
    let message = format!("`{pattern}` is a character like any other in s3");
    let remedy = format!("name the folder, `s3://{bucket}/{folder}`, and choose files with `mappings[].files`");
    cursor.problem(message, Some(remedy))
}

fn format(cursor: &Cursor<'_>) -> Result<FormatChoice, Reported> {
    let formats = [
        ("auto", FormatChoice::Auto),
        ("csv", FormatChoice::Csv),
        ("jsonl", FormatChoice::Jsonl),
        ("parquet", FormatChoice::Parquet),
    ];
    cursor.word("a format", &formats)
}

fn changes(cursor: &Cursor<'_>) -> Result<Changes, Reported> {
    if matches!(cursor.node().kind, Kind::Map(_)) {
        return column_changes(cursor).map(Changes::Column);
    }
    let snapshot = cursor.word("a way to tell changes", &[("none", false), ("snapshot", true)])?;
    if snapshot {
        let remedy = "use `none`, or `{column: <name>, new: […], updated: […], deleted: […]}`";
        return Err(cursor.problem("`snapshot` is not available in this version", Some(remedy.into())));
    }
    Ok(Changes::None)
}

fn column_changes(cursor: &Cursor<'_>) -> Result<ColumnChanges, Reported> {
    let object = cursor.object(CHANGE_KEYS)?;
    let column = object.require("column").and_then(|value| Ok(value.text()?.to_owned()));
    let mut seen = HashSet::new();
    let mut values = |key| object.optional(key, Vec::new(), |list| change_values(list, &mut seen));
    let (new, updated, deleted) = (values("new"), values("updated"), values("deleted"));
    let (column, new, updated, deleted) = (column?, new?, updated?, deleted?);
    if new.is_empty() && updated.is_empty() && deleted.is_empty() {
        let remedy = "give at least one of `new`, `updated` and `deleted`, e.g. `new: [I]`";
        return Err(cursor.problem("no value of the column means anything", Some(remedy.into())));
    }
    Ok(ColumnChanges {
        column,
        new,
        updated,
        deleted,
    })
}

/// Reads the values of one change; a value that means two changes is a problem.
fn change_values(cursor: &Cursor<'_>, seen: &mut HashSet<String>) -> Result<Vec<String>, Reported> {
    let mut values = Vec::new();
    let mut result = Ok(());
    for item in cursor.list()? {
        match item.scalar() {
            Ok(value) if seen.insert(value.to_owned()) => values.push(value.to_owned()),
            Ok(_) => result = Err(item.problem(format!("{} is there twice", item.quoted()), Some("keep one".into()))),
            Err(reported) => result = Err(reported),
        }
    }
    result.map(|()| values)
}

fn types(cursor: &Cursor<'_>) -> Result<BTreeMap<String, ColumnType>, Reported> {
    let words = ColumnType::ALL.map(|kind| (kind.as_str(), kind));
    let mut types = BTreeMap::new();
    let mut result = Ok(());
    for (column, _, value) in cursor.any_object("a map of columns and their types")?.entries() {
        match value.word("a column type", &words) {
            Ok(kind) => _ = types.insert(column.to_owned(), kind),
            Err(reported) => result = Err(reported),
        }
    }
    result.map(|()| types)
}

/// Events bring their own identity and type: settings that are about warehouse rows contradict them.
fn check_rows(source: &Object<'_>, rows: Rows, format: Option<FormatChoice>) -> Result<(), Reported> {
    if rows == Rows::Records {
        return Ok(());
    }
    let mut result = Ok(());
    for key in ["id", "changes", "types"] {
        if let Some(value) = source.get(key).filter(|value| value.node().text != "none") {
            let message = format!("`{key}` is for `rows: records`; events bring their own");
            result = Err(value.problem(message, Some(format!("remove `{key}`, or use `rows: records`"))));
        }
    }
    if let (Some(FormatChoice::Csv), Some(value)) = (format, source.get("format")) {
        let message = "events are lines of JSON, not csv";
        result = Err(value.problem(message, Some("use `jsonl`, or `rows: records`".into())));
    }
    result
}

/// Where the columns are listed, every column named elsewhere must be one of them.
fn check_columns(source: &Object<'_>, columns: &[String]) {
    if columns.is_empty() {
        return;
    }
    let known: Vec<&str> = columns.iter().map(String::as_str).collect();
    let check = |name: &str, value: &Cursor<'_>| {
        if !known.contains(&name) {
            let message = "names a column that `csv.columns` does not list";
            value.problem(message, Some(suggestion::remedy(name, &known)));
        }
    };
    let column = source
        .get("changes")
        .and_then(|changes| changes.any_object("").ok()?.get("column"));
    for value in [source.get("id"), column].into_iter().flatten() {
        check(&value.node().text, &value);
    }
    for (name, _, value) in source
        .get("types")
        .and_then(|types| types.any_object("").ok())
        .iter()
        .flat_map(Object::entries)
    {
        check(name, &value);
    }
}
