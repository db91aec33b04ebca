//! Escapes that name a character by a letter or a number.
//!
//! `PostgreSQL` documentation, COPY, text format: `\\b`, `\\f`, `\\n`, `\\r`, `\\t`, `\\v`, one to three octal digits, `x` and
//! one or two hexadecimal digits; numbers are bytes, and together have to be text.

/// Longest sequence of bytes that is one character.
const MAX_CHARACTER: usize = 4;

/// Appends the character that the escape at the beginning of `rest` names, and returns the length of what names it; `None`
/// if it names none. Bytes that are no text are replaced, and clear `is_utf8`.
pub(super) fn append(rest: &str, text: &mut String, is_utf8: &mut bool) -> Option<usize> {
    let bytes = rest.as_bytes();
    if let Some(letter) = bytes.get(1).and_then(|letter| control(*letter)) {
        text.push(letter);
        return Some(2);
    }
    let mut character = Vec::with_capacity(MAX_CHARACTER);
    let mut length = 0;
    while let Some((byte, more)) = number(&bytes[length..], bytes[0]) {
        character.push(byte);
        length += more;
        if let Ok(whole) = str::from_utf8(&character) {
            text.push_str(whole);
            return Some(length);
        }
        if character.len() == MAX_CHARACTER {
            break;
        }
    }
    if length > 0 {
        *is_utf8 = false;
        text.push(char::REPLACEMENT_CHARACTER);
    }
    (length > 0).then_some(length)
}

fn control(letter: u8) -> Option<char> {
    Some(match letter {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'v' => '\u{b}',
        _ => return None,
    })
}

/// Returns the byte that is given by its number at the beginning of `bytes`, and the length of what gives it.
fn number(bytes: &[u8], escape: u8) -> Option<(u8, usize)> {
    let [first, behind @ ..] = bytes else { return None };
    if *first != escape {
        return None;
    }
    let (digits, radix, most) = match behind {
        [b'x', digits @ ..] => (digits, 16, 2),
        digits => (digits, 8, 3),
    };
    let values = digits
        .iter()
        .map_while(|digit| char::from(*digit).to_digit(radix))
        .take(most);
    let (value, count) = values.fold((0, 0), |(value, count), digit| (value * radix + digit, count + 1));
    // Of an octal number beyond a byte the low eight bits count.
    let byte = u8::try_from(value & 0xFF).ok()?;
    (count > 0).then_some((byte, 1 + usize::from(radix == 16) + count))
}
