//! The one thing in JSON that YAML does not read: a character written as two escapes (a surrogate pair).

use std::borrow::Cow;
use std::char;
use std::fmt::Write;

/// Bytes of two escapes like `\ud83d`.
const PAIR_BYTES: usize = 12;

/// Returns a JSON document with its surrogate pairs (`\ud83d\ude00`) written as YAML writes such a character
/// (`\U0001f600`); other text, and any other document, as it is.
///
/// Only a document that begins with a brace is JSON; in others a backslash need not be an escape.
pub(super) fn joined(text: &str) -> Cow<'_, str> {
    if !text.trim_start().starts_with('{') || !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(escape) = rest.find('\\') {
        joined.push_str(&rest[..escape]);
        rest = &rest[escape..];
        if let Some(character) = pair(rest) {
            // Writing to a string does not fail.
            let _ = write!(joined, "\\U{:08x}", u32::from(character));
            rest = &rest[PAIR_BYTES..];
        } else {
            // An escaped backslash is taken whole, so that its second half begins no escape.
            let length = rest.chars().take(2).map(char::len_utf8).sum();
            joined.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    joined.push_str(rest);
    Cow::Owned(joined)
}

/// Returns the character whose two escapes `text` begins with.
fn pair(text: &str) -> Option<char> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16)
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let (high, low) = (unit(0)?, unit(6)?);
    // A pair gives one character; two units that are characters of their own give the first of two.
    let mut characters = char::decode_utf16([high, low]);
    characters.next()?.ok().filter(|_| characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_joined_and_nothing_else_changes() {
        assert_eq!(joined(r#"{"a": "x\ud83d\ude00y"}"#), r#"{"a": "x\U0001f600y"}"#);
        for same in [
            r#"{"a": "\\ud83d\\ude00"}"#,
            r#"{"a": "\ud83d"}"#,
            r#"{"a": "\ude00\ud83d"}"#,
            r#"{"a": "\u0041\u0042é\"\\"}"#,
            r#"{"a": "\u00"#,
            r#"{"a\"#,
            r"a: '\ud83d\ude00'",
        ] {
            assert_eq!(joined(same), same);
        }
    }
}
