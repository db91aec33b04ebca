//! Kinds of characters in tags.

/// Whether names may hold it.
pub(super) fn is_word(c: char) -> bool {
    match c {
        '-' | '?' | '_' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        '\u{201c}' | '\u{201d}' => false,
        _ => !is_blank(c),
    }
}

/// Whether it separates, and vanishes beside `-`.
pub(super) fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}
