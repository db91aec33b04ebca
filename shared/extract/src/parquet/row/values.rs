//! One array of a batch, as what it is.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalYearMonthType, RunEndIndexType,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer, i256};
use arrow_schema::{DataType, TimeUnit};
use mapping::is_plain_json;

use super::Unfit;
use super::moment::{write_date, write_time, write_timestamp};
use super::nested::{Lists, Maps, Structs};
use super::number::{write_decimal, write_float, write_integer, write_scaled};
use super::period::{write_duration, write_months};
use super::plan::Plan;
use super::text::{Blobs, Texts, write_base64, write_json, write_text, write_uuid};
use crate::value::ValueCheck;

/// An array's values, downcast once for all rows.
pub(super) struct Values {
    nulls: Option<NullBuffer>,
    data: Data,
}

/// Types that are written alike are one here; small ones are widened.
enum Data {
    Null,
    Boolean(BooleanBuffer),
    Integer(ScalarBuffer<i64>),
    Unsigned(ScalarBuffer<u64>),
    Single(ScalarBuffer<f32>),
    Double(ScalarBuffer<f64>),
    Decimal(ScalarBuffer<i128>, i8),
    WideDecimal(ScalarBuffer<i256>, i8),
    /// Days since 1970, or parts of them, and how many of those a day has.
    Date(ScalarBuffer<i64>, i64),
    Time(ScalarBuffer<i64>, TimeUnit),
    Timestamp(ScalarBuffer<i64>, TimeUnit),
    Duration(ScalarBuffer<i64>, TimeUnit),
    Months(ScalarBuffer<i32>),
    Text(Texts),
    /// Text that is JSON, and in how many lists and objects it lies.
    Json(Texts, usize),
    Bytes(Blobs),
    Uuid(Blobs),
    List(Box<Lists>),
    Struct(Structs),
    Map(Box<Maps>),
    /// Where each row's value stands.
    Indirect(Vec<usize>, Box<Values>),
}

impl Values {
    /// Returns the values of `array`, for which `plan` was made.
    pub(super) fn load(array: &ArrayRef, plan: &Plan) -> Self {
        let data = match plan {
            Plan::Plain => Some(Data::plain(array)),
            Plan::Uuid => Blobs::of(array).map(Data::Uuid),
            Plan::Json { depth } => Texts::of(array).map(|texts| Data::Json(texts, *depth)),
            Plan::List(items) => Lists::of(array, items).map(|lists| Data::List(Box::new(lists))),
            Plan::Struct(members) => Structs::of(array, members).map(Data::Struct),
            Plan::Map(keys, values) => Maps::of(array, keys, values).map(|maps| Data::Map(Box::new(maps))),
            Plan::Indirect(values) => Data::indirect(array, values),
        };
        Self {
            nulls: array.nulls().cloned(),
            // Nothing else is left where the plan fits.
            data: data.unwrap_or(Data::Null),
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) || matches!(self.data, Data::Null)
    }

    /// Returns the text of a value that is text.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        if self.is_null(row) {
            return None;
        }
        match &self.data {
            Data::Text(texts) | Data::Json(texts, _) => Some(texts.get(row)),
            Data::Indirect(places, values) => values.text(places[row]),
            _ => None,
        }
    }

    /// Returns the text of a value that is text, if JSON escapes nothing of it.
    #[inline]
    pub(super) fn plain_text(&self, row: usize) -> Option<&str> {
        let Data::Text(texts) = &self.data else { return None };
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        Some(texts.get(row)).filter(|text| is_plain_json(text))
    }

    /// Appends the JSON of a row's value.
    ///
    /// # Errors
    /// When it has none; what was appended then means nothing.
    pub(super) fn write(&self, row: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match &self.data {
            Data::Null => out.extend_from_slice(b"null"),
            Data::Boolean(values) => out.extend_from_slice(if values.value(row) { b"true" } else { b"false" }),
            Data::Integer(values) => write_integer(values[row], out),
            Data::Unsigned(values) => write_integer(values[row], out),
            Data::Single(values) => write_float(values[row], out)?,
            Data::Double(values) => write_float(values[row], out)?,
            Data::Decimal(values, scale) => write_decimal(values[row], *scale, out),
            Data::WideDecimal(values, scale) => write_wide_decimal(values[row], *scale, out),
            Data::Date(values, units_a_day) => write_date(values[row], *units_a_day, out)?,
            Data::Time(values, unit) => write_time(values[row], *unit, out)?,
            Data::Timestamp(values, unit) => write_timestamp(values[row], *unit, out)?,
            Data::Duration(values, unit) => write_duration(values[row], *unit, out),
            Data::Months(values) => write_months(values[row], out),
            Data::Text(texts) => write_text(texts.get(row), out)?,
            Data::Json(texts, depth) => write_json(texts.get(row), *depth, json, out)?,
            Data::Bytes(blobs) => write_base64(blobs.get(row), out)?,
            Data::Uuid(blobs) => write_uuid(blobs.get(row), out)?,
            Data::List(lists) => lists.write(row, json, out)?,
            Data::Struct(structs) => structs.write(row, json, out)?,
            Data::Map(maps) => maps.write(row, json, out)?,
            Data::Indirect(places, values) => values.write(places[row], json, out)?,
        }
        Ok(())
    }
}

impl Data {
    fn plain(array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Boolean => Self::Boolean(array.as_boolean().values().clone()),
            DataType::Int8 => Self::Integer(widened::<Int8Type, _>(array)),
            DataType::Int16 => Self::Integer(widened::<Int16Type, _>(array)),
            DataType::Int32 => Self::Integer(widened::<Int32Type, _>(array)),
            DataType::Int64 => Self::Integer(as_is::<Int64Type>(array)),
            DataType::UInt8 => Self::Integer(widened::<UInt8Type, _>(array)),
            DataType::UInt16 => Self::Integer(widened::<UInt16Type, _>(array)),
            DataType::UInt32 => Self::Integer(widened::<UInt32Type, _>(array)),
            DataType::UInt64 => Self::Unsigned(as_is::<UInt64Type>(array)),
            DataType::Float16 => Self::Single(widened::<Float16Type, _>(array)),
            DataType::Float32 => Self::Single(as_is::<Float32Type>(array)),
            DataType::Float64 => Self::Double(as_is::<Float64Type>(array)),
            DataType::Decimal32(_, scale) => Self::Decimal(widened::<Decimal32Type, _>(array), *scale),
            DataType::Decimal64(_, scale) => Self::Decimal(widened::<Decimal64Type, _>(array), *scale),
            DataType::Decimal128(_, scale) => Self::Decimal(as_is::<Decimal128Type>(array), *scale),
            DataType::Decimal256(_, scale) => Self::WideDecimal(as_is::<Decimal256Type>(array), *scale),
            DataType::Interval(_) => Self::Months(as_is::<IntervalYearMonthType>(array)),
            data_type if data_type.is_temporal() => Self::temporal(array),
            _ => Self::textual(array),
        }
    }

    fn temporal(array: &ArrayRef) -> Self {
        use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
        match array.data_type() {
            DataType::Date32 => Self::Date(widened::<Date32Type, _>(array), 1),
            DataType::Date64 => Self::Date(as_is::<Date64Type>(array), 86_400_000),
            DataType::Time32(Second) => Self::Time(widened::<Time32SecondType, _>(array), Second),
            DataType::Time32(unit) => Self::Time(widened::<Time32MillisecondType, _>(array), *unit),
            DataType::Time64(Microsecond) => Self::Time(as_is::<Time64MicrosecondType>(array), Microsecond),
            DataType::Time64(unit) => Self::Time(as_is::<Time64NanosecondType>(array), *unit),
            DataType::Timestamp(Second, _) => Self::Timestamp(as_is::<TimestampSecondType>(array), Second),
            DataType::Timestamp(Millisecond, _) => {
                Self::Timestamp(as_is::<TimestampMillisecondType>(array), Millisecond)
            }
            DataType::Timestamp(Microsecond, _) => {
                Self::Timestamp(as_is::<TimestampMicrosecondType>(array), Microsecond)
            }
            DataType::Timestamp(Nanosecond, _) => Self::Timestamp(as_is::<TimestampNanosecondType>(array), Nanosecond),
            DataType::Duration(Second) => Self::Duration(as_is::<DurationSecondType>(array), Second),
            DataType::Duration(Millisecond) => Self::Duration(as_is::<DurationMillisecondType>(array), Millisecond),
            DataType::Duration(Microsecond) => Self::Duration(as_is::<DurationMicrosecondType>(array), Microsecond),
            DataType::Duration(Nanosecond) => Self::Duration(as_is::<DurationNanosecondType>(array), Nanosecond),
            _ => Self::Null,
        }
    }

    fn textual(array: &ArrayRef) -> Self {
        let texts = Texts::of(array).map(Self::Text);
        let data = texts.or_else(|| Blobs::of(array).map(Self::Bytes));
        data.unwrap_or(Self::Null)
    }

    fn indirect(array: &ArrayRef, values: &Plan) -> Option<Self> {
        let (places, below) = if let Some(dictionary) = array.as_any_dictionary_opt() {
            // The keys of nulls lead anywhere; into an empty dictionary, none can.
            let is_empty = dictionary.values().is_empty();
            let keys = if is_empty {
                vec![0; array.len()]
            } else {
                dictionary.normalized_keys()
            };
            (keys, dictionary.values())
        } else {
            (run_places(array)?, array.as_any_ree_opt()?.values())
        };
        Some(Self::Indirect(places, Box::new(Values::load(below, values))))
    }
}

fn as_is<T: ArrowPrimitiveType>(array: &ArrayRef) -> ScalarBuffer<T::Native> {
    array.as_primitive::<T>().values().clone()
}

fn widened<T: ArrowPrimitiveType, W: ArrowNativeType + From<T::Native>>(array: &ArrayRef) -> ScalarBuffer<W> {
    array
        .as_primitive::<T>()
        .values()
        .iter()
        .map(|value| W::from(*value))
        .collect()
}

/// Returns where each row's value stands, of an array that has each but once for a run of rows.
fn run_places(array: &ArrayRef) -> Option<Vec<usize>> {
    fn places<R: RunEndIndexType>(array: &ArrayRef) -> Option<Vec<usize>> {
        let runs = array.as_run_opt::<R>()?;
        Some((0..runs.len()).map(|row| runs.get_physical_index(row)).collect())
    }
    places::<Int16Type>(array)
        .or_else(|| places::<Int32Type>(array))
        .or_else(|| places::<Int64Type>(array))
}

/// Few decimals need more than 128 bits, whatever their column allows.
fn write_wide_decimal(value: i256, scale: i8, out: &mut Vec<u8>) {
    if let Some(value) = value.to_i128() {
        return write_decimal(value, scale, out);
    }
    let text = value.to_string();
    let digits = text.trim_start_matches('-');
    write_scaled(digits.len() < text.len(), digits, scale, out);
}
