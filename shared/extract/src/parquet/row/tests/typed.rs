//! Columns that `types` names.

use arrow_array::types::{Int8Type, Int64Type};
use arrow_array::{
    BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, ListArray, StringArray,
};

use super::*;

fn typed(array: impl arrow_array::Array + 'static, kind: ColumnType) -> Vec<String> {
    values(&batch_of(Arc::new(array)), &[("c", kind)])
}

#[test]
fn reads_text_as_a_csv_cell_of_the_type() {
    let rejected = |wanted| format!("bad_value: does not hold {wanted}, which `types` says it does: \"x\"");
    let texts = || StringArray::from(vec![Some("+1"), None, Some("x")]);
    assert_eq!(typed(texts(), ColumnType::Number), ["1", "null", &rejected("a number")]);
    let dictionary: DictionaryArray<Int8Type> = [Some("+1"), None, Some("x")].into_iter().collect();
    assert_eq!(
        typed(dictionary, ColumnType::Number),
        ["1", "null", &rejected("a number")]
    );
    assert_eq!(
        typed(StringArray::from(vec!["T", "x"]), ColumnType::Boolean),
        ["true", &rejected("true or false")]
    );
    assert_eq!(
        typed(StringArray::from(vec!["[1]", "x"]), ColumnType::Json),
        ["[1]", &rejected("json")]
    );
    assert_eq!(typed(texts(), ColumnType::String), ["\"+1\"", "null", "\"x\""]);
}

#[test]
fn makes_text_of_any_value() {
    assert_eq!(
        typed(Int64Array::from(vec![Some(i64::MAX), None]), ColumnType::String),
        ["\"9223372036854775807\"", "null"]
    );
    assert_eq!(
        typed(Float64Array::from(vec![1.5, f64::NAN]), ColumnType::String),
        ["\"1.5\"", "null"]
    );
    assert_eq!(
        typed(Date32Array::from(vec![0]), ColumnType::String),
        ["\"1970-01-01\""]
    );
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    assert_eq!(typed(list, ColumnType::String), ["\"[1,null]\""]);
    let json = extended(Arc::new(StringArray::from(vec!["{\"a\": 1}"])), "arrow.json");
    assert_eq!(values(&json, &[("c", ColumnType::String)]), [r#""{\"a\": 1}""#]);
}

#[test]
fn leaves_values_alone_that_are_of_the_type() {
    let decimal = Decimal128Array::from(vec![150])
        .with_precision_and_scale(38, 2)
        .unwrap();
    assert_eq!(typed(decimal, ColumnType::Number), ["1.5"]);
    assert_eq!(typed(BooleanArray::from(vec![true]), ColumnType::Boolean), ["true"]);
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)])]);
    assert_eq!(typed(list, ColumnType::Json), ["[1]"]);
    let bad =
        "bad_value: holds an infinity, which is no number in JSON; make it NULL in the warehouse's query: \"Infinity\"";
    assert_eq!(
        typed(Float64Array::from(vec![f64::INFINITY]), ColumnType::Number),
        [bad]
    );
}

#[test]
fn reads_values_of_other_types_by_their_text() {
    let rejected = "bad_value: does not hold true or false, which `types` says it does: \"2\"";
    assert_eq!(
        typed(Int64Array::from(vec![0, 1, 2]), ColumnType::Boolean),
        ["false", "true", rejected]
    );
    let rejected = "bad_value: does not hold a number, which `types` says it does: \"1970-01-01\"";
    assert_eq!(typed(Date32Array::from(vec![0]), ColumnType::Number), [rejected]);
}
