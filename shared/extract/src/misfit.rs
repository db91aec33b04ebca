//! Why a row, or a value in it, is not what it should be.

use crate::limit::{MAX_ROW_BYTES, QUOTED_OF_VALUE};
use crate::row::{BadRow, Place};

/// Why a row is no object of its columns.
#[derive(Debug)]
pub(crate) struct Misfit {
    code: &'static str,
    message: String,
    column: Option<Box<str>>,
    value: Option<Box<str>>,
}

impl Misfit {
    pub(crate) fn at(self, place: Place, raw: &[u8]) -> BadRow {
        BadRow {
            column: self.column,
            value: self.value,
            ..BadRow::new(place, self.code, self.message, raw)
        }
    }

    pub(crate) fn not_utf8(error: std::str::Utf8Error) -> Self {
        Self::of_row("not_utf8", not_utf8(error))
    }

    pub(crate) fn escapes_no_text() -> Self {
        let message = "an escape by number is not UTF-8; unload the extract as UTF-8";
        Self::of_row("not_utf8", message.to_owned())
    }

    pub(crate) fn wrong_column_count(cells: usize, columns: usize) -> Self {
        let message = format!(
            "row has {} but there are {}",
            count(cells, "cell"),
            count(columns, "column")
        );
        Self::of_row("wrong_column_count", message)
    }

    /// A row whose JSON is too long; what it is made of has no length of its own.
    pub(crate) fn too_long() -> Self {
        let message = format!("row has more than the {MAX_ROW_BYTES} bytes that are read, written as JSON");
        Self::of_row("row_too_long", message)
    }

    pub(crate) fn bad_value(column: &str, WrongValue { message, value }: WrongValue) -> Self {
        Self {
            column: Some(column.into()),
            value: Some(value.into()),
            ..Self::of_row("bad_value", message)
        }
    }

    /// A misfit that is no single column's fault.
    fn of_row(code: &'static str, message: String) -> Self {
        Self {
            code,
            message,
            column: None,
            value: None,
        }
    }
}

/// Why text that should be UTF-8 is not.
pub(crate) fn not_utf8(error: std::str::Utf8Error) -> String {
    format!(
        "not UTF-8 at byte {} of the row; unload the extract as UTF-8",
        error.valid_up_to() + 1
    )
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A value that is not what its column's type says. The value is apart: it has no place where rows have none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongValue {
    pub(crate) message: String,
    pub(crate) value: String,
}

impl WrongValue {
    /// Quotes `text`, of which only the beginning is kept.
    pub(crate) fn new(message: String, text: &str) -> Self {
        let shown: String = text.chars().take(QUOTED_OF_VALUE).collect();
        let cut = if shown.len() < text.len() { "…" } else { "" };
        Self {
            message,
            value: format!("{shown:?}{cut}"),
        }
    }
}
