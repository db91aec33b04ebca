//! Rules of what each type becomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};

use super::BatchRows;
use crate::ColumnType;
use crate::row::Place;

const PLACE: Place = Place {
    number: 1,
    offset: 0,
    length: 0,
};

/// The rows of a batch, or why they are none.
fn rows(batch: RecordBatch, types: &[(&str, ColumnType)]) -> Vec<Result<String, String>> {
    let types: BTreeMap<_, _> = types.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let mut rows = BatchRows::new(&batch.schema(), &types).unwrap();
    rows.load(batch);
    let all = 0..rows.rows();
    all.map(|row| {
        let written = rows.write(row).map(|record| record.text().to_owned());
        written.map_err(|misfit| format!("{misfit:?}"))
    })
    .collect()
}

#[test]
fn writes_a_row_as_an_object_of_its_columns() {
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![Some(i64::MAX), None])) as ArrayRef),
        ("na\"me", Arc::new(StringArray::from(vec!["a\"b", ""]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ]);
    assert_eq!(
        rows(batch.unwrap(), &[]),
        [
            Ok(r#"{"id":9223372036854775807,"na\"me":"a\"b","ok":true}"#.to_owned()),
            Ok(r#"{"id":null,"na\"me":"","ok":null}"#.to_owned())
        ]
    );
}

#[test]
fn shows_a_row_that_is_none_without_the_value_at_fault() {
    let batch = RecordBatch::try_from_iter([
        ("a", Arc::new(Float64Array::from(vec![f64::INFINITY])) as ArrayRef),
        ("b", Arc::new(Int64Array::from(vec![1]))),
    ]);
    let batch = batch.unwrap();
    let mut rows = BatchRows::new(&batch.schema(), &BTreeMap::new()).unwrap();
    rows.load(batch);
    let bad = rows.write(0).unwrap_err().at(PLACE, b"");
    assert_eq!(
        (bad.code, bad.column.as_deref(), bad.value.as_deref()),
        ("bad_value", Some("a"), Some("\"Infinity\""))
    );
    assert!(
        bad.message.starts_with("column `a` holds an infinity"),
        "{}",
        bad.message
    );
    assert_eq!(rows.shown(), br#"{"a":null,"b":1}"#);
}
