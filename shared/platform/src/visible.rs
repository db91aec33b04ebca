//! Text of strangers (keys, columns, values, an API's words) where people look at it.

use std::fmt::{self, Display, Formatter, Write};

/// Whether a character acts on a terminal or a page in place of being seen: control characters move cursors and set titles, direction
/// marks and separators turn or break what stands around them (Unicode Technical Report 36, "Bidirectional Text Spoofing").
#[must_use]
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Shows a text on one line, with every character that acts written as its number: `\u{1b}`.
#[derive(Debug, Clone, Copy)]
pub struct Visible<T>(pub T);

impl<T: Display> Display for Visible<T> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(Escaping(out), "{}", self.0)
    }
}

/// Writes on what it is given, escaped.
struct Escaping<'o, 'f>(&'o mut Formatter<'f>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if acts(character) {
                write!(self.0, "{}", character.escape_unicode())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_act_are_shown_by_their_numbers_and_all_others_stay() {
        for (text, shown) in [
            ("a\u{1b}]0;x\u{7}b", "a\\u{1b}]0;x\\u{7}b"),
            ("a\r\nb\t", "a\\u{d}\\u{a}b\\u{9}"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            ("x\u{202e}gpj.exe\u{2069}", "x\\u{202e}gpj.exe\\u{2069}"),
            ("naïve 名前 שלום 👩‍🚀 \\", "naïve 名前 שלום 👩‍🚀 \\"),
        ] {
            assert_eq!(Visible(text).to_string(), shown);
        }
    }
}
