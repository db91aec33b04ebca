//! Finding a row's fields: the one place where a line's text is read byte by byte.

use crate::error::RecordError;
use crate::json::unique::{write_unique, write_unique_fields};
use crate::json::validate::Validator;
use crate::json::watch::KeyWatch;
use crate::record::{Record, Span};

/// Where the fields of a row lie. Reused row after row, so that indexing allocates nothing.
#[derive(Debug, Default)]
pub struct Index {
    spans: Vec<Span>,
    keys: Keys,
    watch: KeyWatch,
    /// The text of a row that had a key twice, without it.
    unique: String,
}

/// The keys of the row before, quotes included. Most rows have the same, and then need not be read again.
#[derive(Debug, Default)]
struct Keys {
    text: Vec<u8>,
    ends: Vec<usize>,
    has_escape: bool,
    has_repeated: bool,
}

impl Keys {
    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.text[std::mem::replace(&mut start, end)..end])
    }

    fn take(&mut self, row: &str, spans: &[Span], watch: &mut KeyWatch) {
        self.text.clear();
        self.ends.clear();
        for span in spans {
            let key = &row.as_bytes()[span.key_start as usize - 1..=span.key_end as usize];
            self.text.extend_from_slice(key);
            self.ends.push(self.text.len());
        }
        self.has_escape = memchr::memchr(b'\\', &self.text).is_some();
        watch.reset();
        let mut object = watch.open();
        for key in self.iter() {
            watch.key(&mut object, key, self.has_escape);
        }
        watch.close(&object);
        self.has_repeated = watch.has_repeated();
    }
}

impl Index {
    /// Checks `text` by the grammar of `JSON.parse` and returns it as a record. Where an object has a key twice, at any depth, the
    /// record is what `JSON.parse` makes of it: the last value in the first place. Any other text stays as it is.
    ///
    /// # Errors
    /// [`RecordError`] when the text is not exactly one JSON object, nests deeper than
    /// [`MAX_DEPTH`](crate::MAX_DEPTH), or is 4 GiB or longer.
    pub fn of<'r>(&'r mut self, text: &'r str) -> Result<Record<'r>, RecordError> {
        let Self {
            spans,
            keys,
            watch,
            unique,
        } = self;
        spans.clear();
        if u32::try_from(text.len()).is_err() {
            return Err(RecordError::TooLong { length: text.len() });
        }
        let mut reader = Validator::new(text, watch);
        reader.skip_blanks();
        if reader.peek() != Some(b'{') {
            return Err(reader.unexpected("an object"));
        }
        let start = reader.offset();
        let mut known = keys.iter();
        let mut are_as_before = true;
        let step_over_key = |reader: &mut Validator<'_>| {
            if known.next().is_some_and(|key| reader.take_text(key)) {
                return Ok(());
            }
            are_as_before = false;
            reader.string()
        };
        reader.fields(0, step_over_key, |key_start, key_end, value_start, value_end| {
            spans.push(span(start, [key_start, key_end, value_start, value_end]));
        })?;
        drop(known);
        let end = reader.offset();
        reader.end()?;
        let mut row = &text[start..end];
        let is_repeated_inside = watch.has_repeated();
        if !are_as_before || spans.len() != keys.ends.len() {
            keys.take(row, spans, watch);
        }
        if keys.has_repeated || is_repeated_inside {
            spans.clear();
            unique.clear();
            write_unique_fields(row, unique, |key_start, key_end, value_start, value_end| {
                spans.push(span(0, [key_start, key_end, value_start, value_end]));
            });
            row = unique;
        }
        Ok(if keys.has_escape {
            Record::new(row, spans)
        } else {
            Record::with_plain_keys(row, spans)
        })
    }

    /// Checks `text` by the grammar of `JSON.parse` as one value of any type that lies in `depth` arrays and objects, and returns it
    /// without the blanks around it; of keys that are there twice as [`Index::of`].
    ///
    /// # Errors
    /// [`RecordError`] when the text is not exactly one value or nests deeper than [`MAX_DEPTH`](crate::MAX_DEPTH) where it lies.
    pub fn value<'r>(&'r mut self, text: &'r str, depth: usize) -> Result<&'r str, RecordError> {
        let mut reader = Validator::new(text, &mut self.watch);
        reader.skip_blanks();
        let start = reader.offset();
        reader.value(depth)?;
        let end = reader.offset();
        reader.end()?;
        let value = &text[start..end];
        if !self.watch.has_repeated() {
            return Ok(value);
        }
        self.unique.clear();
        write_unique(value, &mut self.unique);
        Ok(&self.unique)
    }
}

/// A field's places in a record that begins at `start`: key, key's end, value, value's end.
fn span(start: usize, places: [usize; 4]) -> Span {
    let [key_start, key_end, value_start, value_end] = places.map(|place| narrow(place, start));
    Span {
        key_start,
        key_end,
        value_start,
        value_end,
    }
}

/// An offset within the record; it fits, because the text's length does.
fn narrow(offset: usize, start: usize) -> u32 {
    u32::try_from(offset - start).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Index;
    use crate::MAX_DEPTH;

    fn refusal(text: &str) -> String {
        Index::default().of(text).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn indexes_fields_in_the_order_of_the_text() {
        let mut index = Index::default();
        let record = index.of(" {\"a\" : [1,2], \"b\\n\":\"x\" ,\"c\":{}} ").unwrap();
        let found: Vec<_> = record
            .fields()
            .iter()
            .map(|span| (record.key(span), record.value(span)))
            .collect();
        assert_eq!(found, [("a", "[1,2]"), ("b\\n", "\"x\""), ("c", "{}")]);
        assert_eq!(record.text(), "{\"a\" : [1,2], \"b\\n\":\"x\" ,\"c\":{}}");
    }

    #[test]
    fn forgets_the_row_before() {
        let mut index = Index::default();
        index.of("{\"a\":1}").unwrap();
        assert!(index.of("{}").unwrap().fields().is_empty());
    }

    #[test]
    fn keys_are_distinct_and_known_to_be_where_none_has_an_escape() {
        let mut index = Index::default();
        let mut known = |text: &str| index.of(text).unwrap().has_plain_keys();
        let rows = ["{\"a\":1,\"b\":2}", "{\"a\":3,\"b\":4}", "{\"a\":5,\"a\":6}", "{}"];
        assert_eq!(rows.map(&mut known), [true; 4]);
        assert_eq!(["{\"a\\n\":1}"; 2].map(&mut known), [false; 2]);
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_value_stands_in_the_first_place() {
        let mut index = Index::default();
        let rows = [
            (r#" {"a":1, "b":2, "a":3} "#, r#"{"a":3,"b":2}"#),
            (r#"{"a":4, "b":5, "a":6}"#, r#"{"a":6,"b":5}"#),
            (r#"{"a": 1, "b": {"x":1,"y":2}}"#, r#"{"a": 1, "b": {"x":1,"y":2}}"#),
            (r#"{"a": 1, "b": {"x":1,"x":2}}"#, r#"{"a":1,"b":{"x":2}}"#),
            (
                r#"{"a": 1, "b": [{"x":1},{"x":2}]}"#,
                r#"{"a": 1, "b": [{"x":1},{"x":2}]}"#,
            ),
            (r#"{"é":1,"\u00e9":2}"#, r#"{"é":2}"#),
        ];
        for (text, expected) in rows {
            let record = index.of(text).unwrap();
            assert_eq!(record.text(), expected);
            let again = Index::default().of(expected).unwrap().fields().to_vec();
            assert_eq!(record.fields(), again);
        }
    }

    #[test]
    fn takes_values_of_any_type_where_they_lie() {
        let mut index = Index::default();
        assert_eq!(index.value(" [1, {\"a\":1}] ", 1), Ok("[1, {\"a\":1}]"));
        assert_eq!(
            index.value("{\"a\":1, \"a\":{\"b\":1,\"b\":2}}", 1),
            Ok("{\"a\":{\"b\":2}}")
        );
        for text in ["", "1,\"\":2", "1}", "{} {}"] {
            assert!(index.value(text, 1).is_err(), "{text}");
        }
        assert!(index.value("[]", MAX_DEPTH - 1).is_ok());
        assert!(index.value("[]", MAX_DEPTH).is_err());
    }

    #[test]
    fn says_where_and_what_was_expected() {
        assert_eq!(refusal("[1]"), "not JSON at byte 0: expected an object");
        assert_eq!(refusal("{\"a\":01}"), "not JSON at byte 6: expected `,` or `}`");
        assert_eq!(refusal("{\"a\":tru}"), "not JSON at byte 5: expected true");
        assert_eq!(
            refusal("{\"a\":\"\t\"}"),
            "not JSON at byte 6: expected an escape in place of the control character"
        );
        assert_eq!(refusal("{\"a\":1"), "JSON ends at byte 6: expected `,` or `}`");
        assert_eq!(refusal("{} x"), "not JSON at byte 3: expected the end of the text");
    }

    #[test]
    fn refuses_what_nests_too_deep() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(Index::default().of(&nested(MAX_DEPTH)).is_ok());
        assert!(refusal(&nested(MAX_DEPTH + 1)).contains("deeper than 128"));
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in "\\{(\"[a\\\\u0]{0,6}\":[-0-9.eE\\[\\],\"truefalsn{} ]{0,8},?){0,3}\\}") {
            // serde_json refuses halves of surrogate pairs and numbers beyond a double; JSON.parse does not.
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(Index::default().of(&text).is_ok(), theirs);
        }
    }
}
