//! Writing JSON text anew without the keys that are there twice.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::scan;
use super::string::unescaped;

/// Appends `value`, valid JSON, with objects as `JSON.parse` reads them: of one key the last value in the first place, at any depth.
pub(crate) fn write_unique(value: &str, out: &mut String) {
    match value.as_bytes().first() {
        Some(b'{') => write_unique_fields(value, out, |_, _, _, _| ()),
        Some(b'[') => {
            out.push('[');
            for (place, item) in scan::items(value).enumerate() {
                separate(place, out);
                write_unique(item, out);
            }
            out.push(']');
        }
        _ => out.push_str(value),
    }
}

/// As [`write_unique`] of an object; tells `found` the places of each key (without quotes) and value in `out`.
pub(crate) fn write_unique_fields(object: &str, out: &mut String, mut found: impl FnMut(usize, usize, usize, usize)) {
    let mut places = BTreeMap::new();
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for (key, value) in scan::fields(object) {
        let place = *places.entry(meaning(key)).or_insert(fields.len());
        match fields.get_mut(place) {
            Some(field) => field.1 = value,
            None => fields.push((key, value)),
        }
    }
    out.push('{');
    for (place, (key, value)) in fields.into_iter().enumerate() {
        separate(place, out);
        out.push('"');
        let start = out.len();
        out.push_str(key);
        let end = out.len();
        out.push_str("\":");
        let value_start = out.len();
        write_unique(value, out);
        found(start, end, value_start, out.len());
    }
    out.push('}');
}

fn separate(place: usize, out: &mut String) {
    if place > 0 {
        out.push(',');
    }
}

/// What a key means: text, or UTF-16 units with halves of surrogate pairs, which JavaScript tells apart and Rust's text cannot hold.
fn meaning(written: &str) -> Result<Cow<'_, str>, Vec<u16>> {
    if !written.contains('\\') {
        return Ok(Cow::Borrowed(written));
    }
    let units = units(written);
    String::from_utf16(&units).map(Cow::Owned).map_err(|_| units)
}

fn units(written: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(written.len());
    let mut rest = written;
    while !rest.is_empty() {
        if let Some((digits, behind)) = rest.strip_prefix("\\u").and_then(|rest| rest.split_at_checked(4)) {
            units.extend(u16::from_str_radix(digits, 16));
            rest = behind;
        } else {
            let mut chars = unescaped(rest);
            let next = chars.next().unwrap_or_default();
            units.extend_from_slice(next.encode_utf16(&mut [0; 2]));
            rest = chars.rest();
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::write_unique;

    fn unique(text: &str) -> String {
        let mut out = String::new();
        write_unique(text, &mut out);
        out
    }

    #[test]
    fn last_value_of_a_key_stands_in_its_first_place() {
        assert_eq!(unique(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
        assert_eq!(unique(r#"{"a":1,"\u0061":[2, 3]}"#), r#"{"a":[2,3]}"#);
        assert_eq!(
            unique(r#"{"__proto__":1,"__proto__":{"x":1,"x":2}}"#),
            r#"{"__proto__":{"x":2}}"#
        );
    }

    #[test]
    fn objects_at_any_depth_are_written_anew() {
        assert_eq!(
            unique(r#" [{"a":{"b":1,"b":2}},[{"c":"}","c":null}],"{"]"#.trim()),
            r#"[{"a":{"b":2}},[{"c":null}],"{"]"#
        );
        assert_eq!(
            unique("{ \"a\" : {\"b\" :1.50,\n\"c\": \"\\u00e9 \"} }"),
            "{\"a\":{\"b\":1.50,\"c\":\"\\u00e9 \"}}"
        );
    }

    #[test]
    fn keys_are_equal_by_their_utf16_units() {
        let pairs = [
            ("\\ud83d\\ude00", "😀", true),
            ("\\ufffd", "\u{fffd}", true),
            ("\\ud800", "\\ud800", true),
            ("\\ud800", "\\udc00", false),
            ("\\ud800", "\u{fffd}", false),
            ("\\\\ud800", "\\ud800", false),
            ("\\/\\n\\u0022", "/\\u000a\\\"", true),
        ];
        for (one, other, are_equal) in pairs {
            let text = format!("{{\"{one}\":1,\"{other}\":2}}");
            let expected = if are_equal {
                format!("{{\"{one}\":2}}")
            } else {
                text.clone()
            };
            assert_eq!(unique(&text), expected);
        }
    }
}
