//! Strings, JSON in strings, bytes and UUIDs.

use arrow_array::{
    Array, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray, LargeStringArray, StringArray,
    StringViewArray,
};
use mapping::write_json_string;

use super::Unfit;
use crate::MAX_ROW_BYTES;
use crate::spelling;
use crate::value::ValueCheck;

/// An array of strings, however they are kept.
pub(super) enum Texts {
    Short(StringArray),
    Long(LargeStringArray),
    View(StringViewArray),
}

impl Texts {
    pub(super) fn of(array: &dyn Array) -> Option<Self> {
        let array = array.as_any();
        let short = || array.downcast_ref().cloned().map(Self::Short);
        let long = || array.downcast_ref().cloned().map(Self::Long);
        let view = || array.downcast_ref().cloned().map(Self::View);
        short().or_else(long).or_else(view)
    }

    pub(super) fn get(&self, row: usize) -> &str {
        match self {
            Self::Short(array) => array.value(row),
            Self::Long(array) => array.value(row),
            Self::View(array) => array.value(row),
        }
    }
}

/// An array of bytes, however they are kept.
pub(super) enum Blobs {
    Short(BinaryArray),
    Long(LargeBinaryArray),
    View(BinaryViewArray),
    Fixed(FixedSizeBinaryArray),
}

impl Blobs {
    pub(super) fn of(array: &dyn Array) -> Option<Self> {
        let array = array.as_any();
        let short = || array.downcast_ref().cloned().map(Self::Short);
        let long = || array.downcast_ref().cloned().map(Self::Long);
        let view = || array.downcast_ref().cloned().map(Self::View);
        let fixed = || array.downcast_ref().cloned().map(Self::Fixed);
        short().or_else(long).or_else(view).or_else(fixed)
    }

    pub(super) fn get(&self, row: usize) -> &[u8] {
        match self {
            Self::Short(array) => array.value(row),
            Self::Long(array) => array.value(row),
            Self::View(array) => array.value(row),
            Self::Fixed(array) => array.value(row),
        }
    }
}

pub(super) fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if text.len() > MAX_ROW_BYTES {
        return Err(Unfit::TooLong);
    }
    write_json_string(text, out);
    Ok(())
}

/// Appends the JSON value in `text`, which is to lie in `depth` lists and objects besides the row.
pub(super) fn write_json(text: &str, depth: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
    if text.len() > MAX_ROW_BYTES {
        return Err(Unfit::TooLong);
    }
    match json.value_within(text, depth) {
        Some(value) => {
            out.extend_from_slice(value.as_bytes());
            Ok(())
        }
        None => Err(Unfit::wrong("does not hold json, which the file says it does", text)),
    }
}

/// Appends bytes as base64.
pub(super) fn write_base64(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unfit> {
    if bytes.len() > MAX_ROW_BYTES {
        return Err(Unfit::TooLong);
    }
    spelling::write_base64(bytes, out);
    Ok(())
}

/// Appends 16 bytes as a UUID: lower case, with hyphens.
pub(super) fn write_uuid(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unfit> {
    let Ok(uuid) = uuid::Uuid::from_slice(bytes) else {
        return write_base64(bytes, out);
    };
    out.push(b'"');
    let mut buffer = uuid::Uuid::encode_buffer();
    out.extend_from_slice(uuid.hyphenated().encode_lower(&mut buffer).as_bytes());
    out.push(b'"');
    Ok(())
}
