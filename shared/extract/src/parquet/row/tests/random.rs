//! Random arrays, against what they were made of.

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int64Array, StringViewArray, StructArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::{DataType, Fields};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

type Model = (Option<i64>, u64, f64, Option<String>, Option<Vec<Option<i64>>>, i8);

fn model() -> impl Strategy<Value = Model> {
    let list = option::of(vec(option::of(any::<i64>()), 0..4));
    let double = any::<f64>().prop_filter("finite", |number| number.is_finite());
    (
        option::of(any::<i64>()),
        any::<u64>(),
        double,
        option::of(any::<String>()),
        list,
        any::<i8>(),
    )
}

/// What a row of the model is in JSON, by the library that all else uses.
fn expected((int, unsigned, double, text, list, small): &Model) -> Value {
    json!({
        "int": int, "unsigned": unsigned, "double": double, "text": text, "list": list,
        "struct": {"dictionary": text, "small": small},
    })
}

fn batch(rows: &[Model]) -> RecordBatch {
    let mut lists = ListBuilder::new(Int64Builder::new());
    for row in rows {
        lists.append_option(row.4.clone());
    }
    let dictionary: DictionaryArray<Int8Type> = rows.iter().map(|row| row.3.as_deref()).collect();
    let small = arrow_array::Int8Array::from_iter_values(rows.iter().map(|row| row.5));
    let fields = Fields::from(vec![
        Field::new("dictionary", dictionary.data_type().clone(), true),
        Field::new("small", DataType::Int8, false),
    ]);
    let structs = StructArray::new(fields, vec![Arc::new(dictionary), Arc::new(small)], None);
    let columns: [(&str, ArrayRef); 6] = [
        ("int", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
        (
            "unsigned",
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.1))),
        ),
        (
            "double",
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2))),
        ),
        (
            "text",
            Arc::new(rows.iter().map(|row| row.3.as_deref()).collect::<StringViewArray>()),
        ),
        ("list", Arc::new(lists.finish())),
        ("struct", Arc::new(structs)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

proptest! {
    #[test]
    fn rows_hold_what_arrays_were_made_of(models in vec(model(), 1..20), from in any::<prop::sample::Index>()) {
        let from = from.index(models.len());
        let slice = batch(&models).slice(from, models.len() - from);
        for (row, model) in rows(&slice, &[]).into_iter().zip(&models[from..]) {
            let text = row.unwrap();
            let mut value: Value = serde_json::from_str(&text).unwrap();
            // Whole doubles are spelled as integers.
            value["double"] = value["double"].as_f64().into();
            prop_assert_eq!(value, expected(model));
            prop_assert!(mapping::Index::default().of(&text).is_ok());
        }
    }

    #[test]
    fn floats_read_back_bit_by_bit(single in any::<f32>(), double in any::<f64>()) {
        prop_assume!(single.is_finite() && double.is_finite());
        let text = json(Float32Array::from(vec![single])).remove(0);
        prop_assert_eq!(text.parse::<f32>().unwrap().to_bits(), single.to_bits());
        let text = json(Float64Array::from(vec![double])).remove(0);
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), double.to_bits());
    }

    #[test]
    fn decimals_are_their_digits_moved(value in -(10_i128.pow(38) - 1)..10_i128.pow(38), zeros in 0_u32..38, scale in 0_i8..=38) {
        let value = value / 10_i128.pow(zeros);
        let array = Decimal128Array::from(vec![value]).with_precision_and_scale(38, scale).unwrap();
        let text = json(array).remove(0);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let missing = usize::try_from(scale).unwrap() - fraction.len();
        prop_assert_eq!(format!("{whole}{fraction}{}", "0".repeat(missing)).parse::<i128>().unwrap(), value);
        prop_assert!(!fraction.ends_with('0'));
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
    }

    #[test]
    fn timestamps_read_back_as_the_same_instant(nanos in any::<i64>()) {
        let text = json(TimestampNanosecondArray::from(vec![nanos])).remove(0);
        let instant: jiff::Timestamp = text.trim_matches('"').parse().unwrap();
        prop_assert_eq!(instant.as_nanosecond(), i128::from(nanos));
    }
}
