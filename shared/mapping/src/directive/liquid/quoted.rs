//! Texts in quotes and their escapes.

use super::unit;

/// Returns what a quoted text says; its first and last characters are the quotes.
pub(super) fn unquoted(text: &[char]) -> String {
    let mut units = Vec::with_capacity(text.len());
    let end = text.len().saturating_sub(1);
    let mut at = 1;
    while at < end {
        let escape = text.get(at + 1).copied().filter(|_| text[at] == '\\');
        match escape {
            None => push(text[at], &mut units),
            Some('u') => {
                at = number(text, at + 2, 4, 16, &mut units);
                continue;
            }
            Some('0'..='7') => {
                at = number(text, at + 1, 3, 8, &mut units);
                continue;
            }
            Some(letter) => {
                push(control(letter), &mut units);
                at += 1;
            }
        }
        at += 1;
    }
    unit::of_units(units)
}

fn push(c: char, units: &mut Vec<u16>) {
    units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
}

fn control(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

/// Reads up to `most` digits from `start` as one UTF-16 unit; returns the place after them.
fn number(text: &[char], start: usize, most: usize, radix: u32, units: &mut Vec<u16>) -> usize {
    let digits = text.iter().skip(start).take(most).map_while(|c| c.to_digit(radix));
    let (mut value, mut count) = (0, 0);
    for digit in digits {
        value = value * radix + digit;
        count += 1;
    }
    units.push(u16::try_from(value).unwrap_or(0xfffd));
    start + count
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn reads_escapes_as_units() {
        let read = |text: &str| unquoted(&text.chars().collect::<Vec<_>>());
        assert_eq!(read(r#""a\n\'\"\\\x""#), "a\n'\"\\x");
        assert_eq!(read(r#""\u0041\ud83d\ude00\u4g\101\79""#), "A😀\u{4}gA\u{7}9");
        assert_eq!(read("\"open"), "ope");
    }
}
