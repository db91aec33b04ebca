//! Columns of JSON lines that `types` names: warehouses write as text what is none, 64-bit integers and JSON above all.

use mapping::{Record, Span, unescape_json_string};

use crate::csv::{Column, offset};
use crate::misfit::Misfit;
use crate::row::record;
use crate::value::ValueCheck;
use crate::{ColumnType, Layout};

/// One column that `types` names.
#[derive(Debug)]
struct Typed {
    column: Column,
    kind: ColumnType,
    /// Where it was in the row before, which mostly is where it is in this one.
    place: usize,
}

/// Writes rows anew, each over the one before, with the values that `types` asks for.
#[derive(Debug)]
pub(super) struct TypedRow {
    /// In the order of their names.
    columns: Vec<Typed>,
    json: ValueCheck,
    key: String,
    value: String,
    out: Vec<u8>,
    spans: Vec<Span>,
}

impl TypedRow {
    /// Returns `None` where nothing is typed: then a row is its line.
    pub(super) fn new(layout: &Layout) -> Option<Self> {
        let columns = layout.types.iter();
        let columns: Vec<_> = columns
            .map(|(name, &kind)| Typed {
                column: Column::new(name, kind, false),
                kind,
                place: 0,
            })
            .collect();
        (!columns.is_empty()).then(|| Self {
            columns,
            json: ValueCheck::default(),
            key: String::new(),
            value: String::new(),
            out: Vec::new(),
            spans: Vec::new(),
        })
    }

    /// Returns the row with its typed columns converted; it lasts until the next row is written. What is not typed stays as it is
    /// spelled, and a column that the row does not have is not added.
    ///
    /// # Errors
    /// When a value is not what `types` says.
    pub(super) fn write<'r>(&'r mut self, row: Record<'r>) -> Result<Record<'r>, Misfit> {
        // Most rows of most files are as they should be: nothing of them is copied.
        if row.has_plain_keys() && self.columns.iter_mut().all(|typed| typed.is_right(row)) {
            return Ok(row);
        }
        self.out.clear();
        self.spans.clear();
        let mut copied = 0;
        for field in row.fields() {
            let value = field.value_start as usize..field.value_end as usize;
            self.out.extend_from_slice(&row.text().as_bytes()[copied..value.start]);
            copied = value.end;
            let value_start = offset(&self.out);
            match self.column_of(row.key(field)) {
                Some(column) => self.write_value(column, row.value(field))?,
                None => self.out.extend_from_slice(row.value(field).as_bytes()),
            }
            self.spans.push(Span {
                key_start: value_start - (field.value_start - field.key_start),
                key_end: value_start - (field.value_start - field.key_end),
                value_start,
                value_end: offset(&self.out),
            });
        }
        self.out.extend_from_slice(&row.text().as_bytes()[copied..]);
        record(&self.out, &self.spans, row.shape())
    }

    /// Returns the place of the column that a key, as it is written, names.
    fn column_of(&mut self, written: &str) -> Option<usize> {
        let Self { columns, key, .. } = self;
        let name = plain(written, key);
        columns.binary_search_by(|typed| typed.column.name().cmp(name)).ok()
    }

    /// Appends what a value becomes: itself, if it is of the type, else what a cell with its text would.
    fn write_value(&mut self, column: usize, written: &str) -> Result<(), Misfit> {
        let Self {
            columns,
            json,
            value,
            out,
            ..
        } = self;
        let Typed { column, kind, .. } = &columns[column];
        if is_of_type(*kind, written) {
            out.extend_from_slice(written.as_bytes());
            return Ok(());
        }
        let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = inside.map_or(written, |inside| plain(inside, value));
        column
            .write_value(text, json, out)
            .map_err(|wrong| Misfit::bad_value(column.name(), wrong))
    }
}

impl Typed {
    /// Whether a row, no key of which has an escape, holds in this column what `types` asks for, or does not have it.
    fn is_right(&mut self, row: Record<'_>) -> bool {
        let is_called = |field: &Span| row.key(field) == self.column.name();
        let before = row.fields().get(self.place).filter(|field| is_called(field));
        let found = before.or_else(|| {
            self.place = row.fields().iter().position(is_called)?;
            row.fields().get(self.place)
        });
        found.is_none_or(|field| is_of_type(self.kind, row.value(field)))
    }
}

/// Whether a value, as it is written, is of the type already.
fn is_of_type(kind: ColumnType, written: &str) -> bool {
    let first = written.as_bytes().first();
    match (kind, first) {
        (_, Some(b'n')) | (ColumnType::Number, Some(b'-' | b'0'..=b'9')) | (ColumnType::Boolean, Some(b't' | b'f')) => {
            true
        }
        (ColumnType::String, _) => first == Some(&b'"'),
        (ColumnType::Json, _) => first != Some(&b'"'),
        _ => false,
    }
}

/// Returns what the inside of a JSON string means, read into `buffer` if it has an escape.
fn plain<'t>(inside: &'t str, buffer: &'t mut String) -> &'t str {
    if !inside.contains('\\') {
        return inside;
    }
    buffer.clear();
    unescape_json_string(inside, buffer);
    buffer
}

#[cfg(test)]
mod tests {
    use mapping::Index;

    use super::*;
    use crate::{Dialect, Format};

    fn typed(types: &[(&str, ColumnType)]) -> TypedRow {
        TypedRow::new(&Layout {
            format: Format::Jsonl,
            compression: None,
            csv: Dialect::default(),
            columns: Vec::new(),
            types: types.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
        })
        .unwrap()
    }

    fn rewritten(types: &[(&str, ColumnType)], line: &str) -> Option<String> {
        let mut index = Index::default();
        let mut reader = typed(types);
        let row = reader.write(index.of(line).unwrap()).ok()?;
        // The places must be those of the text as it is now.
        let again = Index::default().of(row.text()).unwrap().fields().to_vec();
        assert_eq!(row.fields(), again);
        Some(row.text().to_owned())
    }

    fn value(kind: ColumnType, value: &str) -> Option<String> {
        let row = rewritten(&[("c", kind)], &format!("{{\"c\":{value}}}"))?;
        Some(row[5..row.len() - 1].to_owned())
    }

    #[test]
    fn text_becomes_what_a_cell_with_it_would() {
        for (kind, text, expected) in [
            (ColumnType::Number, "\"9223372036854775807\"", "9223372036854775807"),
            (ColumnType::Number, "\"+05.50\"", "5.50"),
            (ColumnType::Number, "\"NaN\"", "null"),
            (ColumnType::Boolean, "\"Yes\"", "true"),
            (ColumnType::Json, r#""{\"a\": [\"\u00e9\"]}""#, "{\"a\": [\"é\"]}"),
            (ColumnType::Json, r#""\"x\"""#, "\"x\""),
            (
                ColumnType::Timestamp,
                "\"2024-02-29 12:00:00 UTC\"",
                "\"2024-02-29T12:00:00.000Z\"",
            ),
            (ColumnType::Date, "\"2024-02-29\"", "\"2024-02-29\""),
            (ColumnType::Binary, r#""\\x00ff""#, "\"AP8=\""),
        ] {
            assert_eq!(value(kind, text).as_deref(), Some(expected), "{kind:?} {text}");
        }
    }

    #[test]
    fn value_that_is_of_the_type_stays_as_it_is_spelled() {
        for (kind, text) in [
            (ColumnType::Number, "-1.50E3"),
            (ColumnType::Boolean, "false"),
            (ColumnType::String, r#""\u00e9\ud83d""#),
            (ColumnType::Json, "[1, 2.50]"),
            (ColumnType::Json, "true"),
        ] {
            assert_eq!(value(kind, text).as_deref(), Some(text), "{kind:?} {text}");
        }
        for kind in ColumnType::ALL {
            assert_eq!(value(kind, "null").as_deref(), Some("null"), "{kind:?}");
        }
    }

    #[test]
    fn value_of_another_type_is_read_by_its_text() {
        assert_eq!(value(ColumnType::String, "1.50").as_deref(), Some("\"1.50\""));
        assert_eq!(value(ColumnType::String, "true").as_deref(), Some("\"true\""));
        assert_eq!(value(ColumnType::String, r#"["a"]"#).as_deref(), Some(r#""[\"a\"]""#));
        assert_eq!(value(ColumnType::Boolean, "1").as_deref(), Some("true"));
        for (kind, text) in [
            (ColumnType::Number, "true"),
            (ColumnType::Number, "\"1,000\""),
            (ColumnType::Number, "\"\""),
            (ColumnType::Boolean, "2"),
            (ColumnType::Json, "\"x\""),
            (ColumnType::Json, r#""1,\"id\":2""#),
            (ColumnType::Timestamp, "1700000000"),
            (ColumnType::Date, "{}"),
        ] {
            assert_eq!(value(kind, text), None, "{kind:?} {text}");
        }
    }

    #[test]
    fn what_is_around_stays_and_columns_that_are_not_there_are_not_added() {
        let types = [
            ("a", ColumnType::Number),
            ("é", ColumnType::Json),
            ("z", ColumnType::String),
        ];
        assert_eq!(
            rewritten(
                &types,
                r#" { "x" : "1" , "a" : "12345" ,"\u00e9":"[]", "o": {"a": "1"} } "#
            )
            .as_deref(),
            Some(r#"{ "x" : "1" , "a" : 12345 ,"\u00e9":[], "o": {"a": "1"} }"#)
        );
        assert_eq!(rewritten(&types, "{}").as_deref(), Some("{}"));
    }

    #[test]
    fn only_the_last_of_equal_keys_counts() {
        let types = [("a", ColumnType::Number)];
        let line = r#"{"a":"x","\u0061":"y","a":"1"}"#;
        assert_eq!(rewritten(&types, line).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(rewritten(&types, r#"{"a":"1","a":"x"}"#), None);
    }
}
