//! Rules of what rows of a batch become.

mod annotated;
mod kinds;
mod nesting;
mod random;
mod row;
mod typed;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};

use super::BatchRows;
use crate::row::{BadRow, Place};
use crate::{ColumnType, ExtractError};

const PLACE: Place = Place {
    number: 1,
    offset: 0,
    length: 0,
};

/// A batch of one column `c`.
fn batch_of(array: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter([("c", array)]).unwrap()
}

/// A batch of one column `c` of an extension type.
fn extended(array: ArrayRef, extension: &str) -> RecordBatch {
    let mut metadata = HashMap::from([("ARROW:extension:name".to_owned(), extension.to_owned())]);
    if extension == "arrow.json" {
        metadata.insert("ARROW:extension:metadata".to_owned(), String::new());
    }
    let field = Field::new("c", array.data_type().clone(), true).with_metadata(metadata);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).unwrap()
}

/// The rows of a batch, or why they are none.
fn rows(batch: &RecordBatch, types: &[(&str, ColumnType)]) -> Vec<Result<String, BadRow>> {
    let types: BTreeMap<_, _> = types.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let mut rows = BatchRows::new(&batch.schema(), &types).unwrap();
    rows.load(batch);
    let all = 0..batch.num_rows();
    all.map(|row| written(&mut rows, row)).collect()
}

fn written(rows: &mut BatchRows, row: usize) -> Result<String, BadRow> {
    rows.row(row, PLACE).map(|row| row.record.text().to_owned())
}

/// The JSON of an array's values; of one that has none, its code, the words behind the column's name, and the value.
fn values(batch: &RecordBatch, types: &[(&str, ColumnType)]) -> Vec<String> {
    let value = |row: Result<String, BadRow>| match row {
        Ok(text) => text
            .strip_prefix("{\"c\":")
            .unwrap()
            .strip_suffix('}')
            .unwrap()
            .to_owned(),
        Err(bad) => {
            let message = bad.message.strip_prefix("column `c` ").unwrap_or(&bad.message);
            format!("{}: {message}: {}", bad.code, bad.value.as_deref().unwrap_or_default())
        }
    };
    rows(batch, types).into_iter().map(value).collect()
}

fn json(array: impl arrow_array::Array + 'static) -> Vec<String> {
    values(&batch_of(Arc::new(array)), &[])
}

fn refusal(field: Field) -> ExtractError {
    BatchRows::new(&Schema::new(vec![field]), &BTreeMap::new()).unwrap_err()
}
