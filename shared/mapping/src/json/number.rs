//! Numbers as JavaScript reads and writes them.

use std::fmt::Write;

/// Calls `use_text` with the number as JavaScript's `String(number)` spells it.
pub(crate) fn with_text<T>(number: f64, use_text: impl FnOnce(&str) -> T) -> T {
    use_text(ryu_js::Buffer::new().format(number))
}

/// Appends the number as JavaScript's `String(number)` spells it.
pub(crate) fn append(number: f64, out: &mut impl Write) {
    // Writing to memory does not fail.
    let _ = with_text(number, |text| out.write_str(text));
}

/// Reads JSON's spelling of a number; beyond the range of a double it is infinite, as with `JSON.parse`.
pub(crate) fn parse(spelled: &str) -> f64 {
    spelled.parse().unwrap_or(f64::NAN)
}

/// Whether JavaScript spells the number as JSON text does here: whole, not negative, far below 2^53. Most are.
pub(crate) fn is_spelled_plainly(spelled: &str) -> bool {
    spelled.len() <= 15 && spelled.bytes().all(|byte| byte.is_ascii_digit())
}

/// What `Number(text)` gives: `NaN` when the text is not a number by JavaScript's rules.
pub(crate) fn from_text(text: &str) -> f64 {
    let text = text.trim_matches(is_blank);
    if text.is_empty() {
        return 0.0;
    }
    match text.get(..2) {
        Some("0x" | "0X") => whole(&text[2..], 16),
        Some("0o" | "0O") => whole(&text[2..], 8),
        Some("0b" | "0B") => whole(&text[2..], 2),
        _ => decimal(text),
    }
}

/// The blanks that JavaScript trims: Unicode's, the byte order mark, but not the next-line control.
pub(crate) fn is_blank(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

fn decimal(text: &str) -> f64 {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "Infinity" {
        return if text.starts_with('-') {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    // Rust also reads `inf` and `nan`, in any case.
    let numeric = unsigned
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if numeric {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

/// Reads digits of a radix that is a power of two.
fn whole(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    let bits = radix.trailing_zeros();
    let (mut leading, mut exponent, mut has_rest) = (0_u64, 0_i32, false);
    for digit in digits.chars().map(|c| c.to_digit(radix)) {
        let Some(digit) = digit else { return f64::NAN };
        if leading.leading_zeros() > bits {
            leading = leading << bits | u64::from(digit);
        } else {
            exponent = exponent.saturating_add_unsigned(bits);
            has_rest |= digit != 0;
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "rounds once, all other digits weighing in as the last bit"
    )]
    let rounded = (leading | u64::from(has_rest)) as f64;
    rounded * 2_f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    use super::{from_text, with_text};

    #[test]
    fn spells_numbers_as_javascript_does() {
        let spelled = [
            1.0,
            1.5,
            1e21,
            1e20,
            1e-7,
            0.000_001,
            -0.0,
            12_345_678_901_234_567_890.0,
            5e-324,
        ];
        let texts = spelled.map(|number| with_text(number, str::to_owned));
        let expected = [
            "1",
            "1.5",
            "1e+21",
            "100000000000000000000",
            "1e-7",
            "0.000001",
            "0",
            "12345678901234567000",
            "5e-324",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn reads_text_as_javascript_does() {
        for (text, number) in [
            (" 12.5 ", 12.5),
            ("1e3", 1000.0),
            ("0x10", 16.0),
            (" ", 0.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+1", 1.0),
        ] {
            assert!((from_text(text) - number).abs() < f64::EPSILON, "{text}");
        }
        assert!(from_text("-Infinity").is_infinite());
        // Rounded once, to even: neither cut off nor digit by digit.
        let rounded = [
            "0x20000000000001a",
            "0x2000000000000142",
            "0x20000000000001",
            "0x40000000000002",
        ];
        let texts = rounded.map(|text| with_text(from_text(text), str::to_owned));
        let expected = [
            "144115188075855900",
            "2305843009213694500",
            "9007199254740992",
            "18014398509481984",
        ];
        assert_eq!(texts, expected);
        assert!(from_text(&format!("0x1{}", "0".repeat(300))).is_infinite());
        for text in [
            "x", "1 2", "inf", "nan", "NaN", "0x", "-0x1", "1e", "infinity", "--1", ".",
        ] {
            assert!(from_text(text).is_nan(), "{text}");
        }
    }
}
