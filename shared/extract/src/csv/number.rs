//! Numbers as people and warehouses write them, as JSON spells them.

/// The parts of a decimal number, none of them interpreted: JSON keeps the digits, however many.
#[derive(Debug)]
struct Parts<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: &'t str,
}

/// Appends the number that `text` means, in JSON's spelling, and returns whether it means one.
///
/// What JSON allows comes out as it went in. Beyond that a leading `+`, leading zeros, a missing whole part or
/// fraction (`.5`, `1.`) and spaces around are understood; infinities, separators and other bases are not. NaN, a missing value to
/// those who write it, becomes null, as Parquet's does.
pub(super) fn write_number(text: &str, out: &mut Vec<u8>) -> bool {
    if is_decimal(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        return true;
    }
    let text = text.trim_matches([' ', '\t']);
    if text.eq_ignore_ascii_case("nan") {
        out.extend_from_slice(b"null");
        return true;
    }
    let Some(Parts {
        negative,
        whole,
        fraction,
        exponent,
    }) = parts(text)
    else {
        return false;
    };
    if negative {
        out.push(b'-');
    }
    let significant = whole.trim_start_matches('0');
    out.extend_from_slice(if significant.is_empty() {
        b"0"
    } else {
        significant.as_bytes()
    });
    if !fraction.is_empty() {
        out.push(b'.');
        out.extend_from_slice(fraction.as_bytes());
    }
    out.extend_from_slice(exponent.as_bytes());
    true
}

/// Whether it is a number as JSON spells it without a power of ten: nearly every one is.
fn is_decimal(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_spelled = whole == 1 || (whole > 1 && digits[0] != b'0');
    is_spelled
        && match &digits[whole..] {
            [] => true,
            [b'.', fraction @ ..] => !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit),
            _ => false,
        }
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let negative = text.starts_with('-');
    let (whole, rest) = digits(text.strip_prefix(['-', '+']).unwrap_or(text));
    let (fraction, exponent) = rest.strip_prefix('.').map_or(("", rest), digits);
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    (has_digits && is_exponent(exponent)).then_some(Parts {
        negative,
        whole,
        fraction,
        exponent,
    })
}

/// Splits leading digits off.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Whether `text` is an exponent, or nothing.
fn is_exponent(text: &str) -> bool {
    let Some(power) = text.strip_prefix(['e', 'E']) else {
        return text.is_empty();
    };
    let power = power.strip_prefix(['-', '+']).unwrap_or(power);
    !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::write_number;

    fn number(text: &str) -> Option<String> {
        let mut out = Vec::new();
        write_number(text, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn keeps_the_spelling_that_json_allows() {
        for text in [
            "0",
            "-0",
            "12",
            "9223372036854775807",
            "1.50",
            "-0.00",
            "1e308",
            "1.5E+07",
            "2e-3",
        ] {
            assert_eq!(number(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn respells_what_means_a_number() {
        let respelled = [
            ("+1", "1"),
            ("007", "7"),
            ("-00.50", "-0.50"),
            (".5", "0.5"),
            ("-.5e3", "-0.5e3"),
            ("1.", "1"),
            ("1.e5", "1e5"),
            (" 12\t", "12"),
            ("000", "0"),
            ("NaN", "null"),
            ("nan ", "null"),
        ];
        for (text, spelled) in respelled {
            assert_eq!(number(text).as_deref(), Some(spelled));
        }
    }

    #[test]
    fn refuses_what_means_none() {
        for text in [
            "", " ", "+", ".", "-.e1", "-NaN", "Infinity", "inf", "1,000", "1 2", "0x1F", "1e", "1e+", "--1", "+-1",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn writes_nothing_but_json_numbers(text in "[ +-]{0,2}[0-9]{0,4}\\.?[0-9]{0,3}([eE][+-]?[0-9]{0,3})?") {
            if let Some(spelled) = number(&text) {
                let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&spelled).unwrap();
                prop_assert_eq!(raw.get(), spelled);
            }
            prop_assert_eq!(number(&text).is_some(), text.trim().parse::<f64>().is_ok());
        }
    }
}
