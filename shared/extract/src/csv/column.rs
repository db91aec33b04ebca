//! One column: its key as JSON, written once, and what its cells become.

use mapping::{Span, write_json_string};

use super::binary::write_binary;
use super::moment::{write_date, write_time, write_timestamp};
use super::number::write_number;
use crate::ColumnType;
use crate::misfit::WrongValue;
use crate::value::ValueCheck;

/// What all rows share of one column.
#[derive(Debug)]
pub(crate) struct Column {
    name: String,
    kind: ColumnType,
    /// The key with what goes before and behind it: `{"name":`, or with a comma in place of the brace.
    opening: Vec<u8>,
    /// The same with the quote that opens a text.
    text_opening: Vec<u8>,
}

impl Column {
    pub(crate) fn new(name: &str, kind: ColumnType, is_first: bool) -> Self {
        let mut opening = vec![if is_first { b'{' } else { b',' }];
        write_json_string(name, &mut opening);
        opening.push(b':');
        let text_opening = [&opening[..], b"\""].concat();
        Self {
            name: name.to_owned(),
            kind,
            opening,
            text_opening,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether no column is written with an escape: then a key can be found by its text alone.
    pub(crate) fn have_plain_keys<'c>(columns: impl IntoIterator<Item = &'c Self>) -> bool {
        columns.into_iter().all(|column| !column.key().contains(&b'\\'))
    }

    /// Returns the key as it is written, without its quotes.
    pub(crate) fn key(&self) -> &[u8] {
        let inside = 2..self.opening.len() - 2;
        &self.opening[inside]
    }

    /// Whether its cells are texts, whatever they say.
    pub(crate) fn is_text(&self) -> bool {
        self.kind == ColumnType::String
    }

    /// Appends the field with a text of which JSON escapes nothing.
    #[inline]
    pub(crate) fn write_plain(&self, text: &str, out: &mut Vec<u8>) -> Span {
        let key_start = offset(out) + 2;
        out.extend_from_slice(&self.text_opening);
        let value_start = offset(out) - 1;
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        Span {
            key_start,
            key_end: value_start - 2,
            value_start,
            value_end: offset(out),
        }
    }

    /// Appends the field with a value that `write_value` appends.
    pub(crate) fn write<E>(
        &self,
        out: &mut Vec<u8>,
        write_value: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Span, E> {
        let key_start = offset(out) + 2;
        out.extend_from_slice(&self.opening);
        let value_start = offset(out);
        write_value(out)?;
        Ok(Span {
            key_start,
            key_end: value_start - 2,
            value_start,
            value_end: offset(out),
        })
    }

    /// Appends what a cell that is not NULL becomes.
    ///
    /// # Errors
    /// When the cell's text is not what the column's type says.
    pub(crate) fn write_value(&self, text: &str, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), WrongValue> {
        let fits = match self.kind {
            ColumnType::String => {
                write_json_string(text, out);
                true
            }
            ColumnType::Number => write_number(text, out),
            ColumnType::Boolean => write_boolean(text, out),
            ColumnType::Timestamp => write_timestamp(text, out),
            ColumnType::Date => write_date(text, out),
            ColumnType::Time => write_time(text, out),
            ColumnType::Binary => write_binary(text, out),
            ColumnType::Json => json.value_in(text).is_some_and(|value| {
                out.extend_from_slice(value.as_bytes());
                true
            }),
        };
        if fits { Ok(()) } else { Err(self.misfit(text)) }
    }

    fn misfit(&self, text: &str) -> WrongValue {
        let wanted = match self.kind {
            ColumnType::String => "text",
            ColumnType::Number => "a number",
            ColumnType::Boolean => "true or false",
            ColumnType::Timestamp => "a timestamp",
            ColumnType::Date => "a date",
            ColumnType::Time => "a time of day",
            ColumnType::Binary => "bytes in hexadecimal digits",
            ColumnType::Json => "json",
        };
        let message = format!(
            "column `{}` does not hold {wanted}, which `types` says it does",
            self.name
        );
        WrongValue::new(message, text)
    }
}

/// An offset in a row's text. It fits: values come from one row, and keys from it or one header, each of at most
/// `MAX_ROW_BYTES`, and JSON makes of a byte at most six.
pub(crate) fn offset(out: &[u8]) -> u32 {
    u32::try_from(out.len()).unwrap_or(u32::MAX)
}

fn write_boolean(text: &str, out: &mut Vec<u8>) -> bool {
    if matches!(text, "true" | "false") {
        out.extend_from_slice(text.as_bytes());
        return true;
    }
    let text = text.trim_matches([' ', '\t']);
    let is_one_of = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(["true", "t", "1", "yes"]) {
        out.extend_from_slice(b"true");
    } else if is_one_of(["false", "f", "0", "no"]) {
        out.extend_from_slice(b"false");
    } else {
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::QUOTED_OF_VALUE;

    fn value(kind: ColumnType, text: &str) -> Result<String, WrongValue> {
        let mut out = Vec::new();
        Column::new("c", kind, true).write_value(text, &mut ValueCheck::default(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn makes_strings_of_text() {
        assert_eq!(value(ColumnType::String, "a\"b\n"), Ok(r#""a\"b\n""#.to_owned()));
    }

    #[test]
    fn makes_booleans_of_the_usual_words() {
        for text in ["true", "T", "1", "Yes", " true "] {
            assert_eq!(value(ColumnType::Boolean, text).unwrap(), "true");
        }
        for text in ["FALSE", "f", "0", "no"] {
            assert_eq!(value(ColumnType::Boolean, text).unwrap(), "false");
        }
    }

    #[test]
    fn puts_json_in_as_it_is_written() {
        assert_eq!(
            value(ColumnType::Json, "{\"a\": [1, 2.50]}\n").as_deref(),
            Ok("{\"a\": [1, 2.50]}")
        );
    }

    #[test]
    fn names_column_and_value_that_misfit() {
        let misfit = |kind, text| {
            let WrongValue { message, value } = value(kind, text).unwrap_err();
            assert!(message.contains("column `c`") && !message.contains(text), "{message}");
            (message, value)
        };
        let (message, value) = misfit(ColumnType::Number, "Infinity");
        assert!(message.contains("a number") && value == r#""Infinity""#, "{message}");
        let (message, value) = misfit(ColumnType::Boolean, "maybe");
        assert!(message.contains("true or false") && value == r#""maybe""#, "{message}");
        let (message, value) = misfit(ColumnType::Json, "{a}");
        assert!(message.contains("json") && value == r#""{a}""#, "{message}");
    }

    #[test]
    fn shows_only_the_beginning_of_a_long_value() {
        let wrong = value(ColumnType::Number, &"é".repeat(1000)).unwrap_err();
        assert_eq!(wrong.value, format!("{:?}…", "é".repeat(QUOTED_OF_VALUE)));
    }

    #[test]
    fn notes_where_key_and_value_lie() {
        let mut out = b"{\"z\":1".to_vec();
        let span = Column::new("a\"b", ColumnType::String, false)
            .write(&mut out, |out| {
                out.extend_from_slice(b"null");
                Ok::<_, String>(())
            })
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(&text[span.key_start as usize..span.key_end as usize], "a\\\"b");
        assert_eq!(&text[span.value_start as usize..span.value_end as usize], "null");
    }
}
