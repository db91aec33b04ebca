//! Finding a row's fields: the one place where a line's text is read byte by byte.

use crate::error::RecordError;
use crate::json::unique::{write_unique, write_unique_fields};
use crate::json::validate::Validator;
use crate::json::watch::KeyWatch;
use crate::record::{Record, Span};
use crate::shape::Shape;

/// Where the fields of a row lie. Reused row after row, so that indexing allocates nothing.
#[derive(Debug, Default)]
pub struct Index {
    spans: Vec<Span>,
    keys: Keys,
    watch: KeyWatch,
    /// The text of a row that had a key twice, without it.
    unique: String,
}

/// What stood before each value of the row before: its key, and all that is around it. Most rows have the same, to the byte, and then
/// it need not be read again.
#[derive(Debug, Default)]
struct Keys {
    text: Vec<u8>,
    leads: Vec<Lead>,
    /// `None`: one is written with an escape.
    shape: Option<Shape>,
    has_repeated: bool,
}

/// Where in the text one of them ends, and where its key is, without quotes, counted from where it begins.
#[derive(Debug)]
struct Lead {
    end: usize,
    key_start: usize,
    key_end: usize,
}

impl Keys {
    fn iter(&self) -> impl Iterator<Item = (&[u8], &Lead)> {
        let mut start = 0;
        self.leads
            .iter()
            .map(move |lead| (&self.text[std::mem::replace(&mut start, lead.end)..lead.end], lead))
    }

    fn take(&mut self, row: &str, spans: &[Span], watch: &mut KeyWatch) {
        self.text.clear();
        self.leads.clear();
        let mut start = 0;
        for span in spans {
            let (key_start, key_end) = (span.key_start as usize, span.key_end as usize);
            self.text
                .extend_from_slice(&row.as_bytes()[start..span.value_start as usize]);
            self.leads.push(Lead {
                end: self.text.len(),
                key_start: key_start - start,
                key_end: key_end - start,
            });
            start = span.value_end as usize;
        }
        let has_escape = memchr::memchr(b'\\', &self.text).is_some();
        self.shape = (!has_escape).then(Shape::unique);
        watch.reset();
        let mut object = watch.open();
        for (text, lead) in self.iter() {
            watch.key(&mut object, &text[lead.key_start..lead.key_end], has_escape);
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
        let mut found = |key_start, key_end, value_start, value_end| {
            spans.push(span(start, [key_start, key_end, value_start, value_end]));
        };
        let known = take_known(&mut reader, keys, &mut found)?;
        if known == 0 {
            reader.fields(0, Validator::string, &mut found)?;
        } else if reader.next_field()? {
            reader.fields_from_key(0, Validator::string, &mut found)?;
        }
        let end = reader.offset();
        reader.end()?;
        let mut row = &text[start..end];
        let is_repeated_inside = watch.has_repeated();
        if known != keys.leads.len() || known != spans.len() {
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
        // A row that is read anew has other fields than its text had.
        let shape = keys
            .shape
            .map(|shape| if keys.has_repeated { Shape::UNKNOWN } else { shape });
        Ok(Record::of_shape(row, spans, shape))
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

/// Steps over a row's fields as long as they are written as in the row before, and returns how many they are.
fn take_known(
    reader: &mut Validator<'_>,
    keys: &Keys,
    found: &mut impl FnMut(usize, usize, usize, usize),
) -> Result<usize, RecordError> {
    for (known, (text, lead)) in keys.iter().enumerate() {
        let at = reader.offset();
        if !reader.take_text(text) {
            return Ok(known);
        }
        // There may be more blanks than in the row before.
        reader.skip_blanks();
        let start = reader.offset();
        reader.value(1)?;
        found(at + lead.key_start, at + lead.key_end, start, reader.offset());
    }
    Ok(keys.leads.len())
}

/// A field's places in a record that begins at `start`: key, key's end, value, value's end.
#[inline]
fn span(start: usize, places: [usize; 4]) -> Span {
    let [key_start, key_end, value_start, value_end] = places;
    Span {
        key_start: narrow(key_start, start),
        key_end: narrow(key_end, start),
        value_start: narrow(value_start, start),
        value_end: narrow(value_end, start),
    }
}

/// An offset within the record; it fits, because the text's length does.
#[inline]
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
