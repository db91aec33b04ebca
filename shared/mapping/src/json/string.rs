//! JSON strings: escaping, and reading escapes.

use std::cmp::Ordering;

use bumpalo::Bump;

use super::validate::plain_length;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string, quotes included, as `JSON.stringify` spells it.
///
/// What needs no escape (nearly everything) is copied in runs.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let plain = plain_length(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(&special) = rest.get(plain) else { break };
        write_escape(special, out);
        rest = &rest[plain + 1..];
    }
    out.push(b'"');
}

/// Whether `text` stands between the quotes of a JSON string as it is.
#[inline]
#[must_use]
pub fn is_plain_json(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

/// The characters of a JSON string's inside. Half a surrogate pair, which Rust's text cannot hold, becomes U+FFFD.
#[derive(Debug, Clone)]
pub(crate) struct Unescaped<'a> {
    rest: &'a str,
}

/// Returns the characters that `inside` (valid, without its quotes) stands for.
pub(crate) fn unescaped(inside: &str) -> Unescaped<'_> {
    Unescaped { rest: inside }
}

impl<'a> Unescaped<'a> {
    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    fn hex(&mut self) -> u32 {
        let (digits, rest) = self.rest.split_at_checked(4).unwrap_or((self.rest, ""));
        self.rest = rest;
        u32::from_str_radix(digits, 16).unwrap_or(0xfffd)
    }

    fn unicode(&mut self) -> char {
        let first = self.hex();
        if (0xd800..0xdc00).contains(&first) && self.rest.starts_with("\\u") {
            let mut ahead = Unescaped { rest: &self.rest[2..] };
            let second = ahead.hex();
            if (0xdc00..0xe000).contains(&second) {
                self.rest = ahead.rest;
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

impl Iterator for Unescaped<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        self.rest = chars.as_str();
        if first != '\\' {
            return Some(first);
        }
        let escape = chars.next()?;
        self.rest = chars.as_str();
        Some(match escape {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode(),
            other => other,
        })
    }
}

/// Appends the text that the inside of a JSON string stands for: valid JSON, without its quotes. Half a surrogate pair becomes U+FFFD.
pub fn unescape_json_string(inside: &str, text: &mut String) {
    text.extend(unescaped(inside));
}

/// Whether the inside of a JSON string does not stand for itself.
pub(crate) fn has_escape(inside: &str) -> bool {
    memchr::memchr(b'\\', inside.as_bytes()).is_some()
}

/// Returns the text that `inside` stands for; copied only if it has an escape.
pub(crate) fn decode<'a>(inside: &'a str, arena: &'a Bump) -> &'a str {
    if !has_escape(inside) {
        return inside;
    }
    let mut text = bumpalo::collections::String::with_capacity_in(inside.len(), arena);
    text.extend(unescaped(inside));
    text.into_bump_str()
}

/// Whether a key as it is written means `wanted`.
pub(crate) fn key_is(written: &str, wanted: &str) -> bool {
    // An escape is longer than what it stands for, so most keys are settled by their lengths or first characters.
    match written.len().cmp(&wanted.len()) {
        Ordering::Less => false,
        Ordering::Equal => written == wanted && !written.contains('\\'),
        Ordering::Greater => {
            let first = written.as_bytes().first();
            (first == Some(&b'\\') || first == wanted.as_bytes().first())
                && written.contains('\\')
                && unescaped(written).eq(wanted.chars())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{key_is, unescaped, write_json_string};

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write_json_string(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_as_json_stringify_does() {
        assert_eq!(
            written("a\"b\\c/\u{1}\u{8}\u{c}\n\r\t\u{7f}é😀"),
            "\"a\\\"b\\\\c/\\u0001\\b\\f\\n\\r\\t\u{7f}é😀\""
        );
    }

    #[test]
    fn reads_surrogate_pairs_and_replaces_halves() {
        assert_eq!(unescaped("\\ud83d\\ude00\\u00e9\\/").collect::<String>(), "😀é/");
        assert_eq!(unescaped("\\ud83dx\\ude00").collect::<String>(), "\u{fffd}x\u{fffd}");
    }

    #[test]
    fn compares_keys_by_meaning() {
        assert!(key_is("a\\u0062", "ab"));
        assert!(!key_is("a\\u0062", "a\\u0062"));
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(text in any::<String>()) {
            let json = written(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text.clone());
            prop_assert_eq!(unescaped(&json[1..json.len() - 1]).collect::<String>(), text);
        }
    }
}
