//! From a row's cells to one JSON object.

use mapping::{Record, Shape, Span};

use super::cell::{Cell, Cells};
use super::column::Column;
use super::dialect::Marks;
use crate::misfit::Misfit;
use crate::row::record;
use crate::value::ValueCheck;
use crate::{Layout, utf8};

/// Writes rows as JSON objects, each over the one before.
#[derive(Debug)]
pub(super) struct RowWriter {
    marks: Marks,
    null: Vec<String>,
    quoted_null: bool,
    columns: Vec<Column>,
    /// That of every row; `None`: a column is written with an escape.
    shape: Option<Shape>,
    json: ValueCheck,
    scratch: String,
    out: Vec<u8>,
    spans: Vec<Span>,
}

impl RowWriter {
    pub(super) fn new(layout: &Layout) -> Self {
        let kind = |name| layout.types.get(name).copied().unwrap_or_default();
        let columns = layout.columns.iter().enumerate();
        let columns: Vec<_> = columns
            .map(|(index, name)| Column::new(name, kind(name), index == 0))
            .collect();
        Self {
            marks: layout.csv.marks(),
            null: layout.csv.null.clone(),
            quoted_null: layout.csv.quoted_null,
            shape: Column::have_plain_keys(&columns).then(Shape::unique),
            columns,
            json: ValueCheck::default(),
            scratch: String::new(),
            out: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Returns the row as a record; it lasts until the next row is written.
    pub(super) fn write(&mut self, raw: &[u8]) -> Result<Record<'_>, Misfit> {
        self.out.clear();
        self.spans.clear();
        let row = utf8::text(raw).map_err(Misfit::not_utf8)?;
        self.write_cells(Cells::new(row, self.marks))?;
        self.out.push(b'}');
        record(&self.out, &self.spans, self.shape)
    }

    fn write_cells(&mut self, mut cells: Cells<'_>) -> Result<(), Misfit> {
        let Self {
            null,
            quoted_null,
            columns,
            json,
            scratch,
            out,
            spans,
            ..
        } = self;
        let is_null = |spelled: &str| null.iter().any(|token| token == spelled);
        let mut misfit = None;
        for (index, column) in columns.iter().enumerate() {
            let plain = cells.next_plain();
            if let Some(text) = plain
                && column.is_text()
                && !is_null(text)
            {
                spans.push(column.write_plain(text, out));
                continue;
            }
            let Some(Cell { text, unquoted }) = plain.map(Cell::unquoted).or_else(|| cells.next_cell(scratch)) else {
                return Err(Misfit::wrong_column_count(index, columns.len()));
            };
            let is_null = unquoted.or(quoted_null.then_some(text)).is_some_and(is_null);
            let written = column.write(out, |out| {
                if is_null {
                    out.extend_from_slice(b"null");
                    return Ok(());
                }
                column.write_value(text, json, out)
            });
            match written {
                Ok(span) => spans.push(span),
                Err(wrong) => {
                    misfit.get_or_insert_with(|| Misfit::bad_value(column.name(), wrong));
                }
            }
        }
        if !cells.is_utf8() {
            misfit.get_or_insert(Misfit::escapes_no_text());
        }
        match (cells.count_rest(), misfit) {
            (0, None) => Ok(()),
            (0, Some(misfit)) => Err(misfit),
            (more, _) => Err(Misfit::wrong_column_count(columns.len() + more, columns.len())),
        }
    }
}
