//! Rejected rows: the lines of `rejected/…jsonl.gz`.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{LedgerError, RowError};

/// One rejected row with its content: a line of a job's `rejected/` object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedRow {
    /// The mapping that rejected it; `None`: the row could not be decoded, so every mapping lost it.
    pub mapping: Option<String>,
    /// Key of the object that the row is in.
    pub object: String,
    /// The row's number within the object, from 1; `None` where the rows before its chunk were not counted. The offset
    /// is always there.
    pub row: Option<u64>,
    /// The row's first byte in the object.
    pub offset: u64,
    /// A stable word for the reason.
    pub code: String,
    /// What is wrong with it.
    pub message: String,
    /// The field or column it is about.
    pub field: Option<String>,
    /// The row: a JSON object, or, if it could not be decoded, a JSON string with its text.
    pub record: Box<RawValue>,
}

impl RejectedRow {
    const KIND: &'static str = "rejected row";

    /// Returns the line of a row that decodes; `row` is its number in the object, if that is known, `record` is its JSON text, copied as it is.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`] if `record` is no JSON.
    pub fn decoded(error: RowError, row: Option<u64>, record: &str) -> Result<Self, LedgerError> {
        let record = RawValue::from_string(record.to_owned()).map_err(unwritable)?;
        Ok(Self::of(error, row, record))
    }

    /// Returns the line of a row that does not decode; `row` is its number in the object, if that is known, `text` is its text, as far as it is text.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`] if the text has no JSON form.
    pub fn undecoded(error: RowError, row: Option<u64>, text: &str) -> Result<Self, LedgerError> {
        let record = to_raw_value(text).map_err(unwritable)?;
        Ok(Self::of(error, row, record))
    }

    /// Appends the row to `out` as one line, its line break included.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`] if a value has no JSON form.
    pub fn write_line(&self, out: &mut Vec<u8>) -> Result<(), LedgerError> {
        serde_json::to_writer(&mut *out, self).map_err(unwritable)?;
        out.push(b'\n');
        Ok(())
    }

    /// Returns the row that a line holds.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`] if it holds none.
    pub fn from_line(line: &str) -> Result<Self, LedgerError> {
        serde_json::from_str(line).map_err(|source| LedgerError::Unreadable {
            kind: Self::KIND,
            source,
        })
    }

    fn of(error: RowError, row: Option<u64>, record: Box<RawValue>) -> Self {
        let RowError {
            mapping,
            object,
            offset,
            code,
            message,
            field,
            ..
        } = error;
        Self {
            mapping,
            object,
            row,
            offset,
            code,
            message,
            field,
            record,
        }
    }
}

fn unwritable(source: serde_json::Error) -> LedgerError {
    LedgerError::Unwritable {
        kind: RejectedRow::KIND,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> RowError {
        RowError {
            mapping: Some("m".into()),
            object: "a.csv".into(),
            row: 7,
            offset: 99,
            code: "missing_identity".into(),
            message: "neither id".into(),
            field: None,
        }
    }

    #[test]
    fn row_that_decodes_keeps_its_spelling() {
        let record = r#"{"b":1.0,"a":12345678901234567890}"#;
        let mut out = Vec::new();
        RejectedRow::decoded(error(), Some(7), record)
            .unwrap()
            .write_line(&mut out)
            .unwrap();
        let line = String::from_utf8(out).unwrap();
        assert!(line.ends_with(&format!("\"record\":{record}}}\n")), "{line}");
        assert_eq!(RejectedRow::from_line(&line).unwrap().record.get(), record);
    }

    #[test]
    fn row_that_does_not_decode_is_kept_as_text_on_one_line() {
        let mut out = Vec::new();
        RejectedRow::undecoded(error(), None, "a,\"b\nc")
            .unwrap()
            .write_line(&mut out)
            .unwrap();
        assert_eq!(std::str::from_utf8(&out).unwrap().lines().count(), 1);
        let row = RejectedRow::from_line(std::str::from_utf8(&out).unwrap()).unwrap();
        assert_eq!(row.record.get(), r#""a,\"b\nc""#);
    }

    #[test]
    fn broken_record_is_not_passed_off_as_json() {
        assert!(RejectedRow::decoded(error(), Some(7), "{\"a\":").is_err());
    }
}
