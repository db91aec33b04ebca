//! From a record batch to rows of JSON text.

mod moment;
mod nested;
mod number;
mod period;
mod plan;
#[cfg(test)]
mod tests;
mod text;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use mapping::{Shape, Span};
use plan::Plan;
use values::Values;

use crate::csv::Column;
use crate::limit::{KEPT_OF_LONG_ROW, MAX_ROW_BYTES};
use crate::misfit::{Misfit, WrongValue};
use crate::row::{BadRow, Place, Row, record};
use crate::value::ValueCheck;
use crate::{ColumnType, ExtractError};

/// Writes the rows of record batches as JSON objects, each over the one before.
pub(crate) struct BatchRows {
    fields: Vec<Field>,
    /// That of every row; `None`: a column is written with an escape.
    shape: Option<Shape>,
    batch: Vec<Values>,
    json: ValueCheck,
    scratch: Vec<u8>,
    out: Vec<u8>,
    spans: Vec<Span>,
}

/// What all batches share of one column.
struct Field {
    /// Where it is in the batch.
    place: usize,
    column: Column,
    plan: Plan,
    /// Whether `types` says that its values mean something else; their text is then read as a CSV cell's.
    is_cell: bool,
}

/// Why a value has no place in a row of JSON.
#[derive(Debug)]
enum Unfit {
    /// What its column holds, as words behind the column's name, and the value.
    Value { holds: &'static str, value: String },
    /// It is not what `types` says.
    Cell(WrongValue),
    /// The row would be longer than [`MAX_ROW_BYTES`].
    TooLong,
}

impl Unfit {
    fn wrong(holds: &'static str, value: &str) -> Self {
        let value = value.to_owned();
        Self::Value { holds, value }
    }

    fn of(self, column: &str) -> Misfit {
        match self {
            Self::Value { holds, value } => {
                Misfit::bad_value(column, WrongValue::new(format!("column `{column}` {holds}"), &value))
            }
            Self::Cell(wrong) => Misfit::bad_value(column, wrong),
            Self::TooLong => Misfit::too_long(),
        }
    }
}

impl BatchRows {
    /// Returns the writer of batches with `schema`, of which `types` names columns whose values are to be read as CSV cells of
    /// a type are; names of other columns mean nothing.
    ///
    /// # Errors
    /// For a column whose values cannot be JSON in a row.
    pub(crate) fn new(schema: &Schema, types: &BTreeMap<String, ColumnType>) -> Result<Self, ExtractError> {
        let field = |(index, place): (usize, usize)| {
            let field = schema.field(place);
            let (plan, kind) = (Plan::new(field)?, types.get(field.name()).copied());
            Ok(Field {
                place,
                column: Column::new(field.name(), kind.unwrap_or_default(), index == 0),
                is_cell: kind.is_some_and(|kind| !plan.is_already(field.data_type(), kind)),
                plan,
            })
        };
        let fields = plan::lasting(schema.fields()).into_iter().enumerate().map(field);
        let fields = fields.collect::<Result<Vec<_>, ExtractError>>()?;
        Ok(Self {
            shape: Column::have_plain_keys(fields.iter().map(|field| &field.column)).then(Shape::unique),
            fields,
            batch: Vec::new(),
            json: ValueCheck::default(),
            scratch: Vec::new(),
            out: Vec::new(),
            spans: Vec::new(),
        })
    }

    /// Takes a batch, which has the schema, in place of the one before.
    pub(crate) fn load(&mut self, batch: &RecordBatch) {
        let load = |field: &Field| Values::load(batch.column(field.place), &field.plan);
        self.batch = self.fields.iter().map(load).collect();
    }

    /// Returns a row of the batch, from 0; it lasts until the next row is written.
    ///
    /// # Errors
    /// For a row with a value that JSON does not have or that is not what `types` says, or with more than [`MAX_ROW_BYTES`].
    pub(crate) fn row(&mut self, row: usize, place: Place) -> Result<Row<'_>, BadRow> {
        let written = self.write_fields(row);
        let record = written.and_then(|()| record(&self.out, &self.spans, self.shape));
        record
            .map(|record| place.row(record))
            .map_err(|misfit| misfit.at(place, &self.out))
    }

    /// Writes a row; of one that is none there stays what there is to show of it: its JSON with null in place of values that do not
    /// fit, or the beginning of a row that is too long.
    fn write_fields(&mut self, row: usize) -> Result<(), Misfit> {
        self.out.clear();
        self.spans.clear();
        let Self {
            fields,
            batch,
            json,
            scratch,
            out,
            spans,
            ..
        } = self;
        if fields.is_empty() {
            out.push(b'{');
        }
        let mut misfit = None;
        for (field, values) in fields.iter().zip(batch) {
            if !field.is_cell
                && let Some(text) = values.plain_text(row)
                && out.len() + text.len() < MAX_ROW_BYTES / 2
            {
                spans.push(field.column.write_plain(text, out));
                continue;
            }
            let written = field.column.write(out, |out| {
                let start = out.len();
                let written = if field.is_cell {
                    write_cell(&field.column, values, row, json, scratch, out)
                } else {
                    values.write(row, json, out)
                };
                match written {
                    Ok(()) if out.len() < MAX_ROW_BYTES => return Ok(()),
                    Ok(()) | Err(Unfit::TooLong) => return Err(Misfit::too_long()),
                    Err(unfit) => misfit.get_or_insert_with(|| unfit.of(field.column.name())),
                };
                out.truncate(start);
                out.extend_from_slice(b"null");
                Ok(())
            });
            match written {
                Ok(span) => spans.push(span),
                Err(too_long) => {
                    out.truncate(KEPT_OF_LONG_ROW);
                    return Err(too_long);
                }
            }
        }
        out.push(b'}');
        misfit.map_or(Ok(()), Err)
    }
}

/// Appends what a value's text becomes by the type that `types` gives its column.
fn write_cell(
    column: &Column,
    values: &Values,
    row: usize,
    json: &mut ValueCheck,
    scratch: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<(), Unfit> {
    if let Some(text) = values.text(row) {
        if text.len() > MAX_ROW_BYTES {
            return Err(Unfit::TooLong);
        }
        return column.write_value(text, json, out).map_err(Unfit::Cell);
    }
    scratch.clear();
    values.write(row, json, scratch)?;
    let written = str::from_utf8(scratch).unwrap_or_default();
    if written == "null" {
        out.extend_from_slice(scratch);
        return Ok(());
    }
    // Dates, UUIDs and the like: nothing in them needs an escape.
    let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = inside.unwrap_or(written);
    column.write_value(text, json, out).map_err(Unfit::Cell)
}

/// Shows nothing of the rows: their content has no place in logs.
impl fmt::Debug for BatchRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<_> = self.fields.iter().map(|field| field.column.name()).collect();
        f.debug_struct("BatchRows")
            .field("columns", &columns)
            .finish_non_exhaustive()
    }
}
