//! Walking over JSON text that is known to be valid. Nothing is copied, and text that is not valid after all
//! yields nonsense but never a panic.

use memchr::memchr2;

/// The fields of an object in the order of the text: key as written between its quotes, JSON text of the value.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    at: usize,
}

/// Returns the fields of `object`, the text of a valid JSON object.
pub(crate) fn fields(object: &str) -> Fields<'_> {
    Fields { text: object, at: 1 }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let quote = skip_separators(bytes, self.at);
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, quote);
        let start = skip_separators(bytes, key_end);
        let end = value_end(bytes, start);
        self.at = end;
        Some((self.text.get(quote + 1..key_end - 1)?, self.text.get(start..end)?))
    }
}

/// The items of an array, each as JSON text.
#[derive(Debug, Clone)]
pub(crate) struct Items<'a> {
    text: &'a str,
    at: usize,
}

/// Returns the items of `array`, the text of a valid JSON array.
pub(crate) fn items(array: &str) -> Items<'_> {
    Items { text: array, at: 1 }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let start = skip_separators(bytes, self.at);
        if matches!(bytes.get(start), None | Some(b']')) {
            return None;
        }
        let end = value_end(bytes, start);
        self.at = end;
        self.text.get(start..end)
    }
}

/// Steps over what stands between values: blanks, commas, colons.
fn skip_separators(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')) {
        at += 1;
    }
    at
}

/// Returns the place after the string that starts at `quote`.
fn string_end(bytes: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if bytes[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    bytes.len()
}

/// Returns the place after the value that starts at `start`; at least one byte is stepped over.
fn value_end(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start) {
        Some(b'"') => string_end(bytes, start),
        Some(b'{' | b'[') => container_end(bytes, start),
        _ => bytes
            .iter()
            .enumerate()
            .skip(start + 1)
            .find(|(_, byte)| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'))
            .map_or(bytes.len(), |(at, _)| at),
    }
}

fn container_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::{fields, items};

    #[test]
    fn gives_fields_in_the_order_of_the_text() {
        let found: Vec<_> = fields("{ \"a\\\"}\" : [1, {\"x\":\"]\"}] ,\"b\":-1.5e3,\"c\":\"\\\\\"}").collect();
        assert_eq!(
            found,
            [("a\\\"}", "[1, {\"x\":\"]\"}]"), ("b", "-1.5e3"), ("c", "\"\\\\\"")]
        );
        assert_eq!(fields("{ }").count(), 0);
    }

    #[test]
    fn gives_items_in_the_order_of_the_text() {
        assert_eq!(
            items("[ 1,\"a,]\" , [2],{} ,null]").collect::<Vec<_>>(),
            ["1", "\"a,]\"", "[2]", "{}", "null"]
        );
        assert_eq!(items("[]").count(), 0);
    }

    #[test]
    fn does_not_panic_on_text_that_is_not_json() {
        for text in [
            "",
            "{",
            "[",
            "{\"",
            "{\"a",
            "{\"a\"",
            "{\"a\":",
            "[\"\\",
            "{\"é",
            "[[[",
            "{\"a\":{\"b\"",
        ] {
            assert!(fields(text).count() < 9);
            assert!(items(text).count() < 9);
        }
    }
}
