//! Numbers, with the digits they have.

use std::iter::repeat_n;

use super::Unfit;

/// Appends a whole number.
pub(super) fn write_integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the shortest text that reads back as the same float, in JavaScript's spelling. NaN, which is a missing value to
/// those who write it, becomes null, as with `JSON.stringify`.
///
/// # Errors
/// For an infinity: JSON has none, and null would say that there was nothing.
pub(super) fn write_float<F: ryu_js::Float + Into<f64>>(value: F, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let wide: f64 = value.into();
    if wide.is_infinite() {
        let value = if wide > 0.0 { "Infinity" } else { "-Infinity" };
        let holds = "holds an infinity, which is no number in JSON; make it NULL in the warehouse's query";
        return Err(Unfit::wrong(holds, value));
    }
    if wide.is_nan() {
        out.extend_from_slice(b"null");
    } else if wide == 0.0 && wide.is_sign_negative() {
        out.extend_from_slice(b"-0");
    } else {
        out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
    }
    Ok(())
}

/// Appends `value` × 10^-`scale`.
pub(super) fn write_decimal(value: i128, scale: i8, out: &mut Vec<u8>) {
    write_scaled(value < 0, itoa::Buffer::new().format(value.unsigned_abs()), scale, out);
}

/// Appends the number that `digits` are, moved by `scale` places. It ends with its last digit that counts: how many there may
/// be is the column's affair, so that a value has the same text in a wider column.
pub(super) fn write_scaled(is_negative: bool, digits: &str, scale: i8, out: &mut Vec<u8>) {
    if digits == "0" {
        out.push(b'0');
        return;
    }
    if is_negative {
        out.push(b'-');
    }
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        out.extend_from_slice(digits.as_bytes());
        out.extend(repeat_n(b'0', places));
        return;
    }
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(places));
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole.as_bytes() });
    let significant = fraction.trim_end_matches('0');
    if !significant.is_empty() {
        out.push(b'.');
        out.extend(repeat_n(b'0', places - fraction.len()));
        out.extend_from_slice(significant.as_bytes());
    }
}
