//! Texts counted in UTF-16 units, as JavaScript counts them.

use std::borrow::Cow;

/// Returns a text's length.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char::len_utf16).sum()
}

/// Returns the units from `start` to before `end`. Halves of pairs become U+FFFD.
pub(super) fn slice(text: &str, start: usize, end: usize) -> Cow<'_, str> {
    if text.is_ascii() {
        let end = end.min(text.len());
        return Cow::Borrowed(text.get(start..end).unwrap_or_default());
    }
    if start == 0 && end >= length(text) {
        return Cow::Borrowed(text);
    }
    let units: Vec<u16> = text
        .encode_utf16()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect();
    Cow::Owned(String::from_utf16_lossy(&units))
}

/// Each unit as a text of its own.
pub(super) fn each(text: &str) -> impl Iterator<Item = char> {
    text.encode_utf16()
        .map(|unit| char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::{length, slice};

    #[test]
    fn counts_in_units_and_replaces_halves() {
        assert_eq!((length("aé😀"), length("abc")), (4, 3));
        assert_eq!(slice("a😀b", 1, 3), "😀");
        assert_eq!(slice("a😀b", 2, 9), "\u{fffd}b");
        assert_eq!((slice("abc", 1, 9), slice("abc", 5, 9)), ("bc".into(), "".into()));
    }
}
