//! Bytes as warehouses write them.

use crate::spelling::write_base64;

/// Appends the bytes that hexadecimal `text` means, as base64, and returns whether it means any. `\x`, as
/// `PostgreSQL` writes it, or `0x` may stand before the digits.
pub(super) fn write_binary(text: &str, out: &mut Vec<u8>) -> bool {
    let text = text.trim_matches([' ', '\t']);
    let digits = text
        .strip_prefix("\\x")
        .or_else(|| text.strip_prefix("0x"))
        .unwrap_or(text);
    let Some(bytes) = bytes(digits.as_bytes()) else {
        return false;
    };
    write_base64(&bytes, out);
    true
}

fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect()
}

fn nibble(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::write_binary;

    fn binary(text: &str) -> Option<String> {
        let mut out = Vec::new();
        write_binary(text, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn makes_base64_of_hexadecimal_digits() {
        for text in ["\\x00deadBEEF", "0x00deadbeef", "00DEADBEEF"] {
            assert_eq!(binary(text).as_deref(), Some("\"AN6tvu8=\""), "{text}");
        }
        assert_eq!(binary("\\x").as_deref(), Some("\"\""));
    }

    #[test]
    fn refuses_what_is_no_pairs_of_digits() {
        for text in ["abc", "0g", "AN6tvu8=", "\\xde\\xad", "é"] {
            assert_eq!(binary(text), None, "{text}");
        }
    }
}
