//! Lists, structs and maps, in each other.

use arrow_array::builder::{Int64Builder, MapBuilder, StringBuilder};
use arrow_array::types::Int64Type;
use arrow_array::{
    Date32Array, FixedSizeListArray, Float64Array, Int64Array, LargeListArray, LargeListViewArray, ListArray,
    ListViewArray, MapArray, StringArray, StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Fields, UnionFields, UnionMode};
use mapping::MAX_DEPTH;

use super::*;

fn numbers() -> [Option<Vec<Option<i64>>>; 4] {
    [Some(vec![Some(1), None]), None, Some(vec![]), Some(vec![Some(-3)])]
}

#[test]
fn writes_lists_of_every_kind_as_arrays() {
    let expected = ["[1,null]", "null", "[]", "[-3]"];
    let short = ListArray::from_iter_primitive::<Int64Type, _, _>(numbers());
    assert_eq!(json(short.slice(2, 2)), expected[2..]);
    assert_eq!(json(short), expected);
    let long = LargeListArray::from_iter_primitive::<Int64Type, _, _>(numbers());
    assert_eq!(json(long.slice(1, 3)), expected[1..]);
    let views = ListViewArray::from_iter_primitive::<Int64Type, _, _>(numbers());
    assert_eq!(json(views.slice(1, 3)), expected[1..]);
    let views = LargeListViewArray::from_iter_primitive::<Int64Type, _, _>(numbers());
    assert_eq!(json(views), expected);
    let pairs = [Some(vec![Some(1), Some(2)]), None, Some(vec![None, Some(3)])];
    let fixed = FixedSizeListArray::from_iter_primitive::<Int64Type, _, _>(pairs, 2);
    assert_eq!(json(fixed.slice(1, 2)), ["null", "[null,3]"]);
    assert_eq!(json(fixed), ["[1,2]", "null", "[null,3]"]);
}

#[test]
fn writes_structs_as_objects_with_their_names_escaped() {
    let fields = Fields::from(vec![
        Field::new("a\"", DataType::Int64, true),
        Field::new("b", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])),
        Arc::new(StringArray::from(vec![Some("x"), Some("y"), None])),
    ];
    let structs = StructArray::new(fields, columns, Some(NullBuffer::from(vec![true, false, true])));
    assert_eq!(json(structs.slice(1, 2)), ["null", r#"{"a\"":3,"b":null}"#]);
    assert_eq!(json(structs), [r#"{"a\"":1,"b":"x"}"#, "null", r#"{"a\"":3,"b":null}"#]);
    assert_eq!(json(StructArray::new_empty_fields(1, None)), ["{}"]);
}

#[test]
fn of_two_fields_of_one_name_the_last_counts() {
    let field = || Field::new("a", DataType::Int64, true);
    let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(vec![1])), Arc::new(Int64Array::from(vec![2]))];
    assert_eq!(
        json(StructArray::new(Fields::from(vec![field(), field()]), columns, None)),
        [r#"{"a":2}"#]
    );
}

#[test]
fn writes_maps_as_objects() {
    let mut builder = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for (keys, is_there) in [(vec!["k\"", "", "k\""], true), (vec![], true), (vec![], false)] {
        for key in keys {
            builder.keys().append_value(key);
            builder.values().append_option((!key.is_empty()).then_some(7));
        }
        builder.append(is_there).unwrap();
    }
    let maps = builder.finish();
    assert_eq!(json(maps.slice(1, 2)), ["{}", "null"]);
    assert_eq!(json(maps), [r#"{"k\"":7,"":null}"#, "{}", "null"]);
}

fn map_of(keys: ArrayRef) -> MapArray {
    let length = keys.len();
    let fields = Fields::from(vec![
        Field::new("key", keys.data_type().clone(), false),
        Field::new("value", DataType::Int64, true),
    ]);
    let values = Arc::new(Int64Array::from_iter_values(0..i64::try_from(length).unwrap()));
    let entries = StructArray::new(fields.clone(), vec![keys, values], None);
    let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
    MapArray::new(field, OffsetBuffer::from_lengths([length]), entries, None, false)
}

#[test]
fn of_a_map_key_that_is_there_twice_the_last_value_stands_in_the_first_place() {
    let keys: ArrayRef = Arc::new(Int64Array::from(vec![7, 8, 7, 9]));
    assert_eq!(json(map_of(keys)), [r#"{"7":2,"8":1,"9":3}"#]);
}

#[test]
fn makes_text_of_keys_that_are_none() {
    assert_eq!(
        json(map_of(Arc::new(Int64Array::from(vec![-1, 2])))),
        [r#"{"-1":0,"2":1}"#]
    );
    assert_eq!(
        json(map_of(Arc::new(Date32Array::from(vec![0])))),
        [r#"{"1970-01-01":0}"#]
    );
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    assert_eq!(json(map_of(Arc::new(lists))), [r#"{"[1,null]":0}"#]);
}

/// Values in lists, structs and lists again.
fn deep(values: ArrayRef) -> ArrayRef {
    let list = |values: ArrayRef| {
        let field = Arc::new(Field::new("item", values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([values.len(), 0]);
        Arc::new(ListArray::new(field, offsets, values, None)) as ArrayRef
    };
    let inner = list(values);
    let fields = Fields::from(vec![Field::new("in", inner.data_type().clone(), true)]);
    let nulls = NullBuffer::from(vec![true, false]);
    list(Arc::new(StructArray::new(fields, vec![inner], Some(nulls))))
}

#[test]
fn nests_them_in_each_other() {
    let array = deep(Arc::new(StringArray::from(vec![Some("a"), None])));
    assert_eq!(values(&batch_of(array), &[]), [r#"[{"in":["a",null]},null]"#, "[]"]);
}

#[test]
fn rejects_a_row_for_a_value_deep_inside() {
    let array = deep(Arc::new(Float64Array::from(vec![1.0, f64::INFINITY])));
    let results = rows(&batch_of(array), &[]);
    let bad = results[0].as_ref().unwrap_err();
    assert_eq!(
        (bad.code, bad.column.as_deref(), bad.text.as_str()),
        ("bad_value", Some("c"), r#"{"c":null}"#)
    );
    assert_eq!(results[1].as_deref(), Ok(r#"{"c":[]}"#));
}

/// A field of lists in each other, so many.
fn lists(levels: usize, innermost: Field) -> Field {
    (0..levels).fold(innermost, |item, _| {
        Field::new("c", DataType::List(Arc::new(item)), true)
    })
}

#[test]
fn refuses_a_column_that_nests_deeper_than_rows() {
    let number = Field::new("c", DataType::Int64, true);
    let schema = Schema::new(vec![lists(MAX_DEPTH - 1, number.clone())]);
    assert!(BatchRows::new(&schema, &BTreeMap::new()).is_ok());
    let error = refusal(lists(MAX_DEPTH, number)).to_string();
    assert!(error.starts_with("column `c` nests deeper than 128 levels"), "{error}");
    assert!(error.ends_with("flatten it in the warehouse's query"), "{error}");
}

#[test]
fn names_the_field_that_cannot_be_read() {
    let union = Field::new("u", DataType::Union(UnionFields::empty(), UnionMode::Sparse), true);
    let inside = lists(1, Field::new_struct("s", vec![union], true));
    let error = refusal(inside).to_string();
    assert!(error.starts_with("column `c.u` holds Union"), "{error}");
}

#[test]
fn counts_the_levels_around_json_text() {
    let deepest = MAX_DEPTH - 4;
    let texts = [deepest, deepest + 1].map(|levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    for (text, fits) in texts.iter().zip([true, false]) {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some(text.as_str()), None]));
        let metadata = HashMap::from([("ARROW:extension:name".to_owned(), "arrow.json".to_owned())]);
        let item = Arc::new(Field::new("item", DataType::Utf8, true).with_metadata(metadata));
        let inner: ArrayRef = Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([2, 0]), texts, None));
        let fields = Fields::from(vec![Field::new("in", inner.data_type().clone(), true)]);
        let structs: ArrayRef = Arc::new(StructArray::new(fields, vec![inner], None));
        let field = Arc::new(Field::new("item", structs.data_type().clone(), true));
        let outer = ListArray::new(field, OffsetBuffer::from_lengths([2]), structs, None);
        let row = rows(&batch_of(Arc::new(outer)), &[]).remove(0);
        assert_eq!(row.is_ok(), fits);
        assert!(row.map_or(true, |row| mapping::Index::default().of(&row).is_ok()));
    }
}
