//! The row itself: keys, spans, limits.

use arrow_array::{BinaryArray, types::Int64Type};
use arrow_array::{BooleanArray, Float64Array, Int64Array, ListArray, RecordBatchOptions, StringArray};

use super::*;
use crate::MAX_ROW_BYTES;

#[test]
fn writes_a_row_as_an_object_of_its_columns() {
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from(vec![Some(i64::MAX), None])) as ArrayRef),
        ("na\"me", Arc::new(StringArray::from(vec!["a\"b", ""]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ]);
    assert_eq!(
        rows(&batch.unwrap(), &[]),
        [
            Ok(r#"{"id":9223372036854775807,"na\"me":"a\"b","ok":true}"#.to_owned()),
            Ok(r#"{"id":null,"na\"me":"","ok":null}"#.to_owned())
        ]
    );
}

#[test]
fn writes_a_row_of_no_columns_as_an_empty_object() {
    let options = RecordBatchOptions::new().with_row_count(Some(2));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    assert_eq!(rows(&batch, &[]), [Ok("{}".to_owned()), Ok("{}".to_owned())]);
}

#[test]
fn says_where_keys_and_values_lie() {
    let batch = RecordBatch::try_from_iter([
        ("a\"b", Arc::new(StringArray::from(vec!["x,y", "é"])) as ArrayRef),
        ("n", Arc::new(Int64Array::from(vec![None, Some(-5)]))),
    ]);
    let mut rows = BatchRows::new(&batch.as_ref().unwrap().schema(), &BTreeMap::new()).unwrap();
    rows.load(&batch.unwrap());
    for (row, expected) in [["\"x,y\"", "null"], ["\"é\"", "-5"]].into_iter().enumerate() {
        let record = rows.row(row, PLACE).unwrap().record;
        let fields: Vec<_> = record
            .fields()
            .iter()
            .map(|span| (record.key(span), record.value(span)))
            .collect();
        assert_eq!(fields, [("a\\\"b", expected[0]), ("n", expected[1])]);
    }
}

#[test]
fn has_each_column_once_and_knows_where_none_has_an_escape() {
    let read = |names: &[&str]| {
        let fields: Vec<_> = names
            .iter()
            .map(|name| Field::new(*name, arrow_schema::DataType::Int64, true))
            .collect();
        let arrays = names
            .iter()
            .map(|_| Arc::new(Int64Array::from(vec![1])) as ArrayRef)
            .collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
        let mut rows = BatchRows::new(&batch.schema(), &BTreeMap::new()).unwrap();
        rows.load(&batch);
        let record = rows.row(0, PLACE).unwrap().record;
        (record.fields().len(), record.has_plain_keys())
    };
    assert_eq!(read(&["a", "b"]), (2, true));
    assert_eq!(read(&["a", "b", "a"]), (2, true));
    assert_eq!(read(&["a", "b\n"]), (2, false));
}

#[test]
fn shows_a_row_that_is_none_without_the_value_at_fault() {
    let batch = RecordBatch::try_from_iter([
        ("a", Arc::new(Float64Array::from(vec![f64::INFINITY])) as ArrayRef),
        ("b", Arc::new(Int64Array::from(vec![1]))),
        ("c", Arc::new(Float64Array::from(vec![f64::NEG_INFINITY]))),
    ]);
    let bad = rows(&batch.unwrap(), &[]).remove(0).unwrap_err();
    assert_eq!(
        (bad.code, bad.column.as_deref(), bad.value.as_deref()),
        ("bad_value", Some("a"), Some("\"Infinity\""))
    );
    assert!(
        bad.message.starts_with("column `a` holds an infinity"),
        "{}",
        bad.message
    );
    assert!(!bad.message.contains("Infinity"), "{}", bad.message);
    assert_eq!(bad.text, r#"{"a":null,"b":1,"c":null}"#);
}

#[test]
fn rejects_a_row_that_is_too_long_and_reads_the_next() {
    let fits = "x".repeat(MAX_ROW_BYTES - r#"{"c":""}"#.len());
    let over = format!("{fits}x");
    let results = rows(
        &batch_of(Arc::new(StringArray::from(vec![fits.as_str(), &over, "x"]))),
        &[],
    );
    assert_eq!(results[0].as_ref().map(String::len).ok(), Some(MAX_ROW_BYTES));
    let bad = results[1].as_ref().unwrap_err();
    assert_eq!(
        (bad.code, bad.column.as_deref(), bad.text.len()),
        ("row_too_long", None, crate::limit::KEPT_OF_LONG_ROW)
    );
    assert_eq!(results[2].as_deref(), Ok(r#"{"c":"x"}"#));
}

#[test]
fn writes_no_more_of_a_long_row_than_its_limit() {
    let long = [
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(
            (0..10_000_000).map(Some),
        )])) as ArrayRef,
        Arc::new(StringArray::from(vec!["x".repeat(64 * MAX_ROW_BYTES)])),
        Arc::new(BinaryArray::from(vec![vec![0; 64 * MAX_ROW_BYTES].as_slice()])),
    ];
    for array in long {
        let batch = batch_of(array);
        for types in [BTreeMap::new(), BTreeMap::from([("c".to_owned(), ColumnType::String)])] {
            let mut rows = BatchRows::new(&batch.schema(), &types).unwrap();
            rows.load(&batch);
            assert_eq!(written(&mut rows, 0).unwrap_err().code, "row_too_long");
            assert!(rows.out.capacity().max(rows.scratch.capacity()) <= 3 * MAX_ROW_BYTES);
        }
    }
}

#[test]
fn shows_nothing_of_rows_in_logs() {
    let batch = batch_of(Arc::new(StringArray::from(vec!["secret"])));
    let mut rows = BatchRows::new(&batch.schema(), &BTreeMap::new()).unwrap();
    rows.load(&batch);
    rows.row(0, PLACE).unwrap();
    assert!(!format!("{rows:?}").contains("secret"));
}
