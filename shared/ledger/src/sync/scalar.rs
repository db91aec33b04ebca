//! Plain words of YAML as values: the core schema of YAML 1.2 (section 10.3), in which `yes` and `on` are text.

use serde_json::Number;

use super::tree::Kind;

/// Returns what a scalar without quotes is, or `None` if it is a number that JSON does not have.
pub(super) fn resolve(text: &str) -> Option<Kind> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Kind::Null),
        "true" | "True" | "TRUE" => Some(Kind::Bool(true)),
        "false" | "False" | "FALSE" => Some(Kind::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => None,
        _ if matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF") => None,
        _ if is_integer(text) || is_float(text) => decimal(text).map(Kind::Number),
        _ => Some(based(text).map_or(Kind::Text, Kind::Number)),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    is_integer(exponent) && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// Integers that fit 64 bits stay integers; all else is what a double makes of it.
fn decimal(text: &str) -> Option<Number> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let integer = text
        .parse::<i64>()
        .map(Number::from)
        .or_else(|_| text.parse::<u64>().map(Number::from));
    integer.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

/// `0x1F`, `0o17`
fn based(text: &str) -> Option<Number> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => (digits, 16),
        (_, Some(digits)) => (digits, 8),
        _ => return None,
    };
    let unsigned = digits.bytes().next()?.is_ascii_alphanumeric();
    u64::from_str_radix(digits, radix)
        .ok()
        .filter(|_| unsigned)
        .map(Number::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_1_1_are_text() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "1_000",
            "0b1",
            "1:30",
            "2026-01-02",
            "inf",
            "nan",
            "e5",
            ".",
            "+",
            "0x",
        ] {
            assert_eq!(resolve(text), Some(Kind::Text), "{text}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_core_schema() {
        let number = |text: &str| match resolve(text) {
            Some(Kind::Number(number)) => number.to_string(),
            other => panic!("{text}: {other:?}"),
        };
        let cases = [
            ("7", "7"),
            ("-7", "-7"),
            ("+7", "7"),
            ("012", "12"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("1.5", "1.5"),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected);
        }
        assert_eq!(number("18446744073709551615"), "18446744073709551615");
        assert_eq!(number(".5"), "0.5");
        assert_eq!(number("5."), "5.0");
        assert_eq!(number("1e3"), "1000.0");
    }

    #[test]
    fn numbers_that_json_lacks_are_refused() {
        for text in [".inf", "-.INF", ".nan", "1e999"] {
            assert_eq!(resolve(text), None, "{text}");
        }
    }
}
