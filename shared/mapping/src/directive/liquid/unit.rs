//! Texts counted in UTF-16 units, as JavaScript counts them.
//!
//! A unit that is half of a pair is no text in Rust. While a template is rendered it is a character of Unicode's last
//! private area; two halves side by side are one character again, and what is left of them in the end is U+FFFD.

use std::borrow::Cow;

/// Where halves are in the private area: this much above their units.
const HALVES: u32 = 0x0010_0000;
/// The first byte of characters there, in UTF-8.
const FIRST_BYTE: u8 = 0xf4;

/// Returns a text's length.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    units(text).count()
}

/// Returns the units from `start` to before `end`.
pub(super) fn slice(text: &str, start: usize, end: usize) -> Cow<'_, str> {
    if text.is_ascii() {
        let end = end.min(text.len());
        return Cow::Borrowed(text.get(start..end).unwrap_or_default());
    }
    if start == 0 && end >= length(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(of_units(units(text).skip(start).take(end.saturating_sub(start))))
}

/// Each unit as a text of its own.
pub(super) fn each(text: &str) -> impl Iterator<Item = char> {
    units(text).map(|unit| char::from_u32(u32::from(unit)).unwrap_or_else(|| half(unit)))
}

/// Returns the text of these units.
pub(super) fn of_units(units: impl IntoIterator<Item = u16>) -> String {
    char::decode_utf16(units)
        .map(|read| read.unwrap_or_else(|lone| half(lone.unpaired_surrogate())))
        .collect()
}

/// Whether halves are in a text.
pub(super) fn has_halves(text: &str) -> bool {
    memchr::memchr(FIRST_BYTE, text.as_bytes()).is_some() && text.chars().any(|c| unit_of(c).is_some())
}

/// Makes halves side by side a character again.
pub(super) fn joined(text: &str) -> Cow<'_, str> {
    if has_halves(text) {
        Cow::Owned(of_units(units(text)))
    } else {
        Cow::Borrowed(text)
    }
}

/// As JavaScript gives a text away: halves side by side are a character, others U+FFFD.
pub(super) fn settled(text: &str) -> Cow<'_, str> {
    if has_halves(text) {
        let units: Vec<u16> = units(text).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    } else {
        Cow::Borrowed(text)
    }
}

/// The unit that a character stands for, if it is a half.
pub(super) fn unit_of(c: char) -> Option<u16> {
    let unit = u16::try_from(u32::from(c).checked_sub(HALVES)?).ok()?;
    (0xd800..0xe000).contains(&unit).then_some(unit)
}

fn half(unit: u16) -> char {
    char::from_u32(HALVES + u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn units(text: &str) -> impl Iterator<Item = u16> {
    text.chars().flat_map(|c| {
        let mut pair = [0; 2];
        let length = match unit_of(c) {
            Some(unit) => {
                pair[0] = unit;
                1
            }
            None => c.encode_utf16(&mut pair).len(),
        };
        pair.into_iter().take(length)
    })
}

#[cfg(test)]
mod tests {
    use super::{each, joined, length, settled, slice};

    #[test]
    fn counts_in_units() {
        assert_eq!((length("aé😀"), length("abc")), (4, 3));
        assert_eq!(slice("a😀b", 1, 3), "😀");
        assert_eq!((slice("abc", 1, 9), slice("abc", 5, 9)), ("bc".into(), "".into()));
    }

    #[test]
    fn keeps_halves_until_they_meet_again() {
        let text: String = each("a😀b").collect();
        assert_eq!((length(&text), text.chars().count()), (4, 4));
        assert_eq!((joined(&text), settled(&text)), ("a😀b".into(), "a😀b".into()));
        let half = slice("a😀b", 2, 9);
        assert_eq!((length(&half), settled(&half)), (2, "\u{fffd}b".into()));
    }
}
