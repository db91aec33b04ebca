//! Finding a row's fields: the one place where a line's text is read byte by byte.

use crate::error::RecordError;
use crate::json::validate::Validator;
use crate::record::{Record, Span};

/// Where the fields of a row lie. Reused row after row, so that indexing allocates nothing.
#[derive(Debug, Default)]
pub struct Index {
    spans: Vec<Span>,
    keys: Keys,
}

/// The keys of the row before, quotes included. Most rows have the same, and then need not be read again.
#[derive(Debug, Default)]
struct Keys {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Whether no key is there twice and none has an escape. Found out when two rows have the same keys: it would be in
    /// vain where every row has others.
    are_distinct: Option<bool>,
}

impl Keys {
    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.text[std::mem::replace(&mut start, end)..end])
    }

    fn take(&mut self, row: &str, spans: &[Span]) {
        self.text.clear();
        self.ends.clear();
        self.are_distinct = None;
        for span in spans {
            let key = &row.as_bytes()[span.key_start as usize - 1..=span.key_end as usize];
            self.text.extend_from_slice(key);
            self.ends.push(self.text.len());
        }
    }

    fn are_distinct(&mut self) -> bool {
        if self.are_distinct.is_none() {
            let mut keys: Vec<_> = self.iter().collect();
            keys.sort_unstable();
            let are_distinct = keys.windows(2).all(|pair| pair[0] != pair[1]);
            self.are_distinct = Some(are_distinct && memchr::memchr(b'\\', &self.text).is_none());
        }
        self.are_distinct == Some(true)
    }
}

impl Index {
    /// Checks `text` by the grammar of `JSON.parse` and returns it as a record.
    ///
    /// # Errors
    /// [`RecordError`] when the text is not exactly one JSON object, nests deeper than
    /// [`MAX_DEPTH`](crate::MAX_DEPTH), or is 4 GiB or longer.
    pub fn of<'r>(&'r mut self, text: &'r str) -> Result<Record<'r>, RecordError> {
        self.spans.clear();
        if u32::try_from(text.len()).is_err() {
            return Err(RecordError::TooLong { length: text.len() });
        }
        let mut reader = Validator::new(text);
        reader.skip_blanks();
        if reader.peek() != Some(b'{') {
            return Err(reader.unexpected("an object"));
        }
        let start = reader.offset();
        let spans = &mut self.spans;
        let mut keys = self.keys.iter();
        let mut are_as_before = true;
        let step_over_key = |reader: &mut Validator<'_>| {
            if keys.next().is_some_and(|key| reader.take_text(key)) {
                return Ok(());
            }
            are_as_before = false;
            reader.string()
        };
        reader.fields(0, step_over_key, |key_start, key_end, value_start, value_end| {
            spans.push(Span {
                key_start: narrow(key_start, start),
                key_end: narrow(key_end, start),
                value_start: narrow(value_start, start),
                value_end: narrow(value_end, start),
            });
        })?;
        drop(keys);
        let end = reader.offset();
        reader.end()?;
        let row = &text[start..end];
        if are_as_before && self.spans.len() == self.keys.ends.len() {
            if self.keys.are_distinct() {
                return Ok(Record::with_distinct_keys(row, &self.spans));
            }
        } else {
            self.keys.take(row, &self.spans);
        }
        Ok(Record::new(row, &self.spans))
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
        let record = index.of(" {\"a\" : [1,2], \"b\\n\":\"x\" ,\"a\":{}} ").unwrap();
        let found: Vec<_> = record
            .fields()
            .iter()
            .map(|span| (record.key(span), record.value(span)))
            .collect();
        assert_eq!(found, [("a", "[1,2]"), ("b\\n", "\"x\""), ("a", "{}")]);
        assert_eq!(record.text(), "{\"a\" : [1,2], \"b\\n\":\"x\" ,\"a\":{}}");
    }

    #[test]
    fn forgets_the_row_before() {
        let mut index = Index::default();
        index.of("{\"a\":1}").unwrap();
        assert!(index.of("{}").unwrap().fields().is_empty());
    }

    #[test]
    fn knows_distinct_keys_from_the_second_row_on() {
        let mut index = Index::default();
        let mut known = |text: &str| index.of(text).unwrap().has_distinct_keys();
        let rows = [
            "{\"a\":1,\"b\":2}",
            "{\"a\":3,\"b\":4}",
            "{\"a\":5}",
            "{\"a\":6}",
            "{\"a\":7,\"b\":8}",
        ];
        assert_eq!(rows.map(&mut known), [false, true, false, true, false]);
        for odd in ["{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\\n\":1}"] {
            assert_eq!([odd; 3].map(&mut known), [false; 3], "{odd}");
        }
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
