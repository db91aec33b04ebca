//! Reading the `csv` block.

use std::collections::HashSet;

use extract::{Dialect, EscapeStyle, ExtractError, MAX_COLUMNS};

use super::{CsvOptions, FormatChoice};
use crate::sync::reader::{Cursor, Object, Reported};
use crate::sync::tree::Kind;

const KEYS: &[&str] = &[
    "delimiter",
    "quote",
    "escape",
    "escape_style",
    "header",
    "columns",
    "null",
    "quoted_null",
];

const STYLES: [EscapeStyle; 3] = [EscapeStyle::Plain, EscapeStyle::Quoted, EscapeStyle::Letters];

/// Reads the block; what it does not say is as `usual`.
pub(super) fn read(cursor: &Cursor<'_>, usual: CsvOptions) -> Result<CsvOptions, Reported> {
    let object = cursor.object(KEYS)?;
    let CsvOptions {
        dialect: usual,
        columns: usual_columns,
    } = usual;
    let delimiter = object.optional("delimiter", usual.delimiter, character);
    let quote = optional_character(&object, "quote", usual.quote);
    let escape = optional_character(&object, "escape", usual.escape);
    // Who takes a preset's escape away takes its style away too.
    let usual_style = match escape {
        Ok(None) => EscapeStyle::default(),
        _ => usual.escape_style,
    };
    let escape_style = object.optional("escape_style", usual_style, style);
    let header = object.optional("header", usual.header, Cursor::boolean);
    let null = object.optional("null", usual.null, nulls);
    let quoted_null = object.optional("quoted_null", usual.quoted_null, Cursor::boolean);
    let columns = object.optional("columns", usual_columns, columns);
    let dialect = Dialect {
        delimiter: delimiter?,
        quote: quote?,
        escape: escape?,
        escape_style: escape_style?,
        header: header?,
        null: null?,
        quoted_null: quoted_null?,
    };
    dialect.check().map_err(|error| dialect_problem(&object, &error))?;
    Ok(CsvOptions {
        dialect,
        columns: columns?,
    })
}

/// Puts a problem of the dialect where its setting is written.
fn dialect_problem(object: &Object<'_>, error: &ExtractError) -> Reported {
    let place = match error {
        ExtractError::Dialect { setting, .. } => object.given(setting),
        _ => None,
    };
    // A clash of two settings may be blamed on the one that was left at its default.
    let place = place
        .or_else(|| object.given("delimiter"))
        .unwrap_or_else(|| object.cursor().clone());
    let text = error.to_string();
    match text.split_once("; ") {
        Some((message, remedy)) => place.problem(message, Some(remedy.to_owned())),
        None => place.problem(text, None),
    }
}

fn character(cursor: &Cursor<'_>) -> Result<u8, Reported> {
    if !matches!(cursor.node().kind, Kind::Text | Kind::Number(_)) {
        return Err(cursor.wrong_type("one character"));
    }
    match *cursor.node().text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(byte),
        _ => {
            let remedy = "use one ASCII character; in double quotes `\\t` is a tab and `\\x01` is ^A";
            Err(cursor.problem(format!("{} is not one character", cursor.quoted()), Some(remedy.into())))
        }
    }
}

/// Here `null` is a value of its own: no such character.
fn optional_character(object: &Object<'_>, key: &str, usual: Option<u8>) -> Result<Option<u8>, Reported> {
    match object.given(key) {
        None => Ok(usual),
        Some(value) if value.node().kind == Kind::Null => Ok(None),
        Some(value) => character(&value).map(Some),
    }
}

fn style(cursor: &Cursor<'_>) -> Result<EscapeStyle, Reported> {
    cursor.word("an escape style", &STYLES.map(|style| (style.as_str(), style)))
}

fn nulls(cursor: &Cursor<'_>) -> Result<Vec<String>, Reported> {
    let items = cursor.list()?;
    // `NULL` without quotes is YAML's null, and is what people write to mean the word.
    let text = |item: &Cursor<'_>| match item.node().kind {
        Kind::Null => Ok(item.node().text.clone()),
        _ => item.scalar().map(str::to_owned),
    };
    all(items.iter().map(text))
}

fn columns(cursor: &Cursor<'_>) -> Result<Vec<String>, Reported> {
    let items = cursor.list()?;
    if items.len() > MAX_COLUMNS {
        let message = format!("{} columns are too many", items.len());
        return Err(cursor.problem(
            message,
            Some(format!("at most {MAX_COLUMNS} can be read; select fewer")),
        ));
    }
    let mut seen = HashSet::new();
    all(items.iter().map(|item| {
        let name = item.scalar()?;
        if name.is_empty() {
            return Err(item.problem("a column must have a name", Some("write its name".into())));
        }
        if !seen.insert(name) {
            return Err(item.problem(
                format!("{} is there twice", item.quoted()),
                Some("name it otherwise".into()),
            ));
        }
        Ok(name.to_owned())
    }))
}

/// Collects everything, going on after an error so that every problem is told.
fn all<T>(items: impl Iterator<Item = Result<T, Reported>>) -> Result<Vec<T>, Reported> {
    let (good, bad): (Vec<_>, Vec<_>) = items.partition(Result::is_ok);
    bad.into_iter().chain(good).collect()
}

/// Columns need names from somewhere.
pub(super) fn check_names(source: &Object<'_>, csv: &CsvOptions, format: Option<FormatChoice>) -> Result<(), Reported> {
    if csv.dialect.header
        || !csv.columns.is_empty()
        || matches!(format, Some(FormatChoice::Jsonl | FormatChoice::Parquet))
    {
        return Ok(());
    }
    let header = source.get("csv").and_then(|csv| csv.any_object("").ok()?.get("header"));
    let place = header.unwrap_or_else(|| source.cursor().clone());
    Err(place.problem(
        "no column has a name",
        Some("list the names in `columns`, or use `header: true`".into()),
    ))
}
