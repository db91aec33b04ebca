//! What each type becomes.

use arrow_array::types::{Int8Type, Int32Type, UInt64Type};
use arrow_array::{
    BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal32Array, Decimal64Array,
    Decimal128Array, Decimal256Array, DictionaryArray, DurationMicrosecondArray, DurationMillisecondArray,
    DurationNanosecondArray, DurationSecondArray, FixedSizeBinaryArray, Float16Array, Float32Array, Float64Array,
    Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray, LargeBinaryArray, LargeStringArray,
    NullArray, RunArray, StringArray, StringViewArray, Time32MillisecondArray, Time32SecondArray,
    Time64MicrosecondArray, Time64NanosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::i256;
use arrow_schema::{DataType, IntervalUnit};

use super::*;

#[test]
fn writes_whole_numbers_with_all_their_digits() {
    assert_eq!(
        json(Int8Array::from(vec![Some(i8::MIN), None, Some(i8::MAX)])),
        ["-128", "null", "127"]
    );
    assert_eq!(json(Int16Array::from(vec![i16::MIN, i16::MAX])), ["-32768", "32767"]);
    assert_eq!(
        json(Int32Array::from(vec![i32::MIN, i32::MAX])),
        ["-2147483648", "2147483647"]
    );
    assert_eq!(
        json(Int64Array::from(vec![i64::MIN, 0, i64::MAX])),
        ["-9223372036854775808", "0", "9223372036854775807"]
    );
    assert_eq!(json(UInt8Array::from(vec![u8::MAX])), ["255"]);
    assert_eq!(json(UInt16Array::from(vec![u16::MAX])), ["65535"]);
    assert_eq!(json(UInt32Array::from(vec![u32::MAX])), ["4294967295"]);
    assert_eq!(
        json(UInt64Array::from(vec![u64::MAX, 0])),
        ["18446744073709551615", "0"]
    );
}

#[test]
fn writes_floats_as_the_shortest_text_that_reads_back() {
    let doubles = vec![
        0.1,
        1e308,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        -0.0,
        1e21,
        1e20,
        3.0,
        1.0 / 3.0,
    ];
    assert_eq!(
        json(Float64Array::from(doubles)),
        [
            "0.1",
            "1e+308",
            "1.7976931348623157e+308",
            "2.2250738585072014e-308",
            "5e-324",
            "-0",
            "1e+21",
            "100000000000000000000",
            "3",
            "0.3333333333333333"
        ]
    );
    let singles = vec![0.1, f32::MAX, 1e-45, -0.0, 16_777_216.0];
    assert_eq!(
        json(Float32Array::from(singles)),
        ["0.1", "3.4028235e+38", "1e-45", "-0", "16777216"]
    );
    let halves = [0x0000, 0x8000, 0x3c00, 0x7bff, 0x0001].map(half_of_bits);
    assert_eq!(
        json(Float16Array::from(halves.to_vec())),
        ["0", "-0", "1", "65504", "5.9604645e-8"]
    );
}

/// A half-precision float, whose type has no name here.
fn half_of_bits(bits: u16) -> <arrow_array::types::Float16Type as arrow_array::ArrowPrimitiveType>::Native {
    let buffer = arrow_buffer::ScalarBuffer::from(arrow_buffer::Buffer::from_vec(vec![bits]));
    Float16Array::new(buffer, None).value(0)
}

#[test]
fn makes_nan_null_and_rejects_infinities() {
    assert_eq!(json(Float64Array::from(vec![f64::NAN, -f64::NAN])), ["null", "null"]);
    assert_eq!(json(Float32Array::from(vec![f32::NAN])), ["null"]);
    let rejected = "bad_value: holds an infinity, which is no number in JSON; make it NULL in the warehouse's query";
    assert_eq!(
        json(Float64Array::from(vec![f64::INFINITY, f64::NEG_INFINITY])),
        [
            format!("{rejected}: \"Infinity\""),
            format!("{rejected}: \"-Infinity\"")
        ]
    );
    assert_eq!(
        json(Float32Array::from(vec![f32::INFINITY])),
        [format!("{rejected}: \"Infinity\"")]
    );
}

#[test]
fn writes_decimals_exactly_without_zeros_that_only_fill_their_scale() {
    let scaled = |values: Vec<i128>, precision, scale| {
        let array = Decimal128Array::from(values).with_precision_and_scale(precision, scale);
        json(array.unwrap())
    };
    let most = 10_i128.pow(38) - 1;
    assert_eq!(
        scaled(
            vec![most, -most, 1, -1, 0, 15_000_000_000, 1_234_567_890_100_000_000_000],
            38,
            10
        ),
        [
            "9999999999999999999999999999.9999999999",
            "-9999999999999999999999999999.9999999999",
            "0.0000000001",
            "-0.0000000001",
            "0",
            "1.5",
            "123456789010"
        ]
    );
    assert_eq!(
        scaled(vec![most, 120], 38, 0),
        ["99999999999999999999999999999999999999", "120"]
    );
    assert_eq!(
        scaled(vec![most, 10], 38, 38),
        [
            "0.99999999999999999999999999999999999999",
            "0.0000000000000000000000000000000000001"
        ]
    );
    assert_eq!(scaled(vec![-12, 0], 5, -3), ["-12000", "0"]);
    let small = Decimal32Array::from(vec![-12_345])
        .with_precision_and_scale(9, 2)
        .unwrap();
    assert_eq!(json(small), ["-123.45"]);
    let middle = Decimal64Array::from(vec![999_999_999_999_999_999])
        .with_precision_and_scale(18, 18)
        .unwrap();
    assert_eq!(json(middle), ["0.999999999999999999"]);
    let nines = "9".repeat(76);
    let wide = [&nines, &format!("-{nines}"), "-150"].map(|text| i256::from_string(text).unwrap());
    let wide = Decimal256Array::from(wide.to_vec())
        .with_precision_and_scale(76, 2)
        .unwrap();
    assert_eq!(
        json(wide),
        [
            format!("{}.99", &nines[2..]),
            format!("-{}.99", &nines[2..]),
            "-1.5".to_owned()
        ]
    );
}

#[test]
fn writes_text_as_it_stands() {
    let texts = ["", "a\"b\\\n\u{0}", "🦀 naïve", "\u{2028}"];
    let expected = [r#""""#, r#""a\"b\\\n\u0000""#, "\"🦀 naïve\"", "\"\u{2028}\""];
    assert_eq!(json(StringArray::from(texts.to_vec())), expected);
    assert_eq!(json(LargeStringArray::from(texts.to_vec())), expected);
    assert_eq!(json(StringViewArray::from(texts.to_vec())), expected);
    assert_eq!(json(StringArray::from(vec![None, Some("x")])), ["null", "\"x\""]);
    assert_eq!(
        json(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ["true", "null", "false"]
    );
    assert_eq!(json(NullArray::new(2)), ["null", "null"]);
}

#[test]
fn writes_bytes_as_base64() {
    let blobs: [&[u8]; 5] = [b"", b"f", b"fo", b"foo", &[0xff, 0xfe, 0x00]];
    let expected = ["\"\"", "\"Zg==\"", "\"Zm8=\"", "\"Zm9v\"", "\"//4A\""];
    assert_eq!(json(BinaryArray::from(blobs.to_vec())), expected);
    assert_eq!(json(LargeBinaryArray::from(blobs.to_vec())), expected);
    assert_eq!(json(BinaryViewArray::from(blobs.to_vec())), expected);
    let fixed = FixedSizeBinaryArray::try_from_iter([[1_u8; 16]].iter()).unwrap();
    assert_eq!(json(fixed), ["\"AQEBAQEBAQEBAQEBAQEBAQ==\""]);
}

#[test]
fn writes_uuids_as_such() {
    let bytes: Vec<u8> = (0..16).map(|byte| byte * 17).collect();
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size([Some(bytes), None].into_iter(), 16).unwrap();
    let batch = extended(Arc::new(fixed), "arrow.uuid");
    assert_eq!(
        values(&batch, &[]),
        ["\"00112233-4455-6677-8899-aabbccddeeff\"", "null"]
    );
}

#[test]
fn puts_json_columns_in_as_json() {
    let texts = vec![
        Some(" {\"a\": 1.50}\n"),
        Some("null"),
        None,
        Some("{a}"),
        Some("1,\"b\":2"),
        Some(""),
    ];
    let rejected = "bad_value: does not hold json, which the file says it does";
    let expected = [
        "{\"a\": 1.50}".to_owned(),
        "null".to_owned(),
        "null".to_owned(),
        format!("{rejected}: \"{{a}}\""),
        format!("{rejected}: \"1,\\\"b\\\":2\""),
        format!("{rejected}: \"\""),
    ];
    assert_eq!(
        values(&extended(Arc::new(StringArray::from(texts.clone())), "arrow.json"), &[]),
        expected
    );
    let dictionary: DictionaryArray<Int8Type> = texts.into_iter().collect();
    assert_eq!(values(&extended(Arc::new(dictionary), "arrow.json"), &[]), expected);
}

#[test]
fn writes_dates_before_1970_and_before_year_0() {
    assert_eq!(
        json(Date32Array::from(vec![
            0, -1, 19_782, 2_932_896, -719_528, -719_529, -141_427
        ])),
        [
            "\"1970-01-01\"",
            "\"1969-12-31\"",
            "\"2024-02-29\"",
            "\"9999-12-31\"",
            "\"0000-01-01\"",
            "\"-000001-12-31\"",
            "\"1582-10-15\""
        ]
    );
    assert_eq!(
        json(Date64Array::from(vec![86_400_000, 86_399_999, -1, -86_400_001])),
        ["\"1970-01-02\"", "\"1970-01-01\"", "\"1969-12-31\"", "\"1969-12-30\""]
    );
    let rejected = "bad_value: holds a day outside the years -9999 to 9999";
    for day in [2_932_897, i32::MAX, i32::MIN] {
        assert_eq!(json(Date32Array::from(vec![day])), [format!("{rejected}: \"{day}\"")]);
    }
    assert_eq!(
        json(Date64Array::from(vec![i64::MIN])),
        [format!("{rejected}: \"{}\"", i64::MIN)]
    );
}

#[test]
fn writes_times_with_as_many_digits_as_they_need() {
    assert_eq!(
        json(Time32SecondArray::from(vec![0, 86_399, 86_400])),
        ["\"00:00:00\"", "\"23:59:59\"", "\"24:00:00\""]
    );
    assert_eq!(
        json(Time32MillisecondArray::from(vec![1, 45_296_000])),
        ["\"00:00:00.001\"", "\"12:34:56\""]
    );
    assert_eq!(
        json(Time64MicrosecondArray::from(vec![1_000, 86_399_999_999])),
        ["\"00:00:00.001\"", "\"23:59:59.999999\""]
    );
    assert_eq!(
        json(Time64NanosecondArray::from(vec![1, 1_000])),
        ["\"00:00:00.000000001\"", "\"00:00:00.000001\""]
    );
    let rejected = "bad_value: holds a time that no day has";
    assert_eq!(
        json(Time32SecondArray::from(vec![-1, 86_401])),
        [format!("{rejected}: \"-1\""), format!("{rejected}: \"86401\"")]
    );
}

#[test]
fn writes_timestamps_in_utc_to_the_millisecond_or_finer() {
    let end_of_time = 253_402_300_799;
    assert_eq!(
        json(TimestampSecondArray::from(vec![0, -1, end_of_time])),
        [
            "\"1970-01-01T00:00:00.000Z\"",
            "\"1969-12-31T23:59:59.000Z\"",
            "\"9999-12-31T23:59:59.000Z\""
        ]
    );
    assert_eq!(
        json(TimestampMillisecondArray::from(vec![-1])),
        ["\"1969-12-31T23:59:59.999Z\""]
    );
    assert_eq!(
        json(TimestampMicrosecondArray::from(vec![
            -1,
            1_709_208_000_120_000,
            -62_198_755_200_000_000
        ])),
        [
            "\"1969-12-31T23:59:59.999999Z\"",
            "\"2024-02-29T12:00:00.120Z\"",
            "\"-000001-01-01T00:00:00.000Z\""
        ]
    );
    assert_eq!(
        json(TimestampNanosecondArray::from(vec![i64::MIN, i64::MAX])),
        [
            "\"1677-09-21T00:12:43.145224192Z\"",
            "\"2262-04-11T23:47:16.854775807Z\""
        ]
    );
    let rejected = "bad_value: holds a day outside the years -9999 to 9999";
    for second in [end_of_time + 1, i64::MAX, i64::MIN] {
        assert_eq!(
            json(TimestampSecondArray::from(vec![second])),
            [format!("{rejected}: \"{second}\"")]
        );
    }
}

#[test]
fn writes_timestamps_alike_with_a_zone_and_without() {
    for zone in ["UTC", "America/New_York", "+05:30"] {
        let array = TimestampMillisecondArray::from(vec![1_709_208_000_000]).with_timezone(zone);
        assert_eq!(json(array), ["\"2024-02-29T12:00:00.000Z\""]);
    }
}

#[test]
fn writes_lengths_of_time_as_iso_8601() {
    assert_eq!(
        json(DurationSecondArray::from(vec![0, 93_780, -90])),
        ["\"PT0S\"", "\"PT26H3M\"", "\"PT-1M-30S\""]
    );
    assert_eq!(
        json(DurationMillisecondArray::from(vec![500, -1])),
        ["\"PT0.500S\"", "\"PT-0.001S\""]
    );
    assert_eq!(
        json(DurationMicrosecondArray::from(vec![60_000_001])),
        ["\"PT1M0.000001S\""]
    );
    assert_eq!(
        json(DurationNanosecondArray::from(vec![i64::MIN])),
        ["\"PT-2562047H-47M-16.854775808S\""]
    );
    assert_eq!(
        json(IntervalYearMonthArray::from(vec![0, 14, -14, 12])),
        ["\"P0M\"", "\"P1Y2M\"", "\"P-1Y-2M\"", "\"P1Y\""]
    );
}

#[test]
fn refuses_intervals_of_which_a_part_would_be_lost() {
    for unit in [IntervalUnit::DayTime, IntervalUnit::MonthDayNano] {
        let error = refusal(Field::new("c", DataType::Interval(unit), true));
        assert!(
            matches!(&error, ExtractError::UnsupportedType { column, .. } if column == "c"),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .ends_with("which is not read; cast it to text in the warehouse's query"),
            "{error}"
        );
    }
}

#[test]
fn looks_values_up_in_dictionaries() {
    let texts: DictionaryArray<Int8Type> = [Some("b"), None, Some("a"), Some("b")].into_iter().collect();
    assert_eq!(json(texts.clone()), ["\"b\"", "null", "\"a\"", "\"b\""]);
    assert_eq!(json(texts.slice(1, 2)), ["null", "\"a\""]);
    let keys = arrow_array::UInt64Array::from(vec![Some(1), Some(0), None]);
    let days = DictionaryArray::<UInt64Type>::new(keys, Arc::new(Date32Array::from(vec![None, Some(0)])));
    assert_eq!(json(days), ["\"1970-01-01\"", "null", "null"]);
    let empty =
        DictionaryArray::<Int32Type>::new(Int32Array::new_null(2), Arc::new(StringArray::from(Vec::<&str>::new())));
    assert_eq!(json(empty), ["null", "null"]);
}

#[test]
fn repeats_values_that_stand_for_a_run_of_rows() {
    let runs = RunArray::try_new(
        &Int32Array::from(vec![2, 3, 5]),
        &StringArray::from(vec![Some("a"), None, Some("b")]),
    )
    .unwrap();
    assert_eq!(json(runs.slice(1, 3)), ["\"a\"", "null", "\"b\""]);
    assert_eq!(json(runs), ["\"a\"", "\"a\"", "null", "\"b\"", "\"b\""]);
}

#[test]
fn reads_slices_where_they_begin() {
    let slice = |array: ArrayRef| values(&batch_of(array.slice(1, 2)), &[]);
    assert_eq!(
        slice(Arc::new(Int8Array::from(vec![Some(1), None, Some(3)]))),
        ["null", "3"]
    );
    assert_eq!(
        slice(Arc::new(BooleanArray::from(vec![true, false, true]))),
        ["false", "true"]
    );
    assert_eq!(
        slice(Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]))),
        ["\"b\"", "null"]
    );
    assert_eq!(
        slice(Arc::new(StringViewArray::from(vec!["a", "b", "c"]))),
        ["\"b\"", "\"c\""]
    );
    assert_eq!(
        slice(Arc::new(
            FixedSizeBinaryArray::try_from_iter([[0_u8], [1], [2]].iter()).unwrap()
        )),
        ["\"AQ==\"", "\"Ag==\""]
    );
}
