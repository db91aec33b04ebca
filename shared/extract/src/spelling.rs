//! How values are spelled in rows, whichever format they come from: one value has one text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

/// Appends a day: `"2024-02-29"`.
pub(crate) fn write_date(date: Date, out: &mut Vec<u8>) {
    out.push(b'"');
    write_day(date, out);
    out.push(b'"');
}

/// Appends a time of day, `second` and `nanos` after midnight: `"23:59:59.999"`, without a fraction where there is none.
pub(crate) fn write_time(second: i64, nanos: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    write_clock(second, out);
    write_fraction(nanos, 0, out);
    out.push(b'"');
}

/// Appends a point in time in UTC as `Date.prototype.toISOString` would, `"2024-02-29T12:00:00.000Z"`, with more digits where a
/// millisecond does not hold it.
pub(crate) fn write_timestamp(date: Date, second: i64, nanos: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    write_day(date, out);
    out.push(b'T');
    write_clock(second, out);
    write_fraction(nanos, 3, out);
    out.extend_from_slice(b"Z\"");
}

/// Appends bytes as base64 (RFC 4648, section 4).
pub(crate) fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
    out.push(b'"');
}

/// A year before 0 has a sign and six digits, as ISO 8601 and JavaScript extend them.
fn write_day(date: Date, out: &mut Vec<u8>) {
    let year = date.year().unsigned_abs();
    if date.year() < 0 {
        out.extend_from_slice(b"-00");
    }
    write_two(i64::from(year / 100), out);
    write_two(i64::from(year % 100), out);
    out.push(b'-');
    write_two(date.month().into(), out);
    out.push(b'-');
    write_two(date.day().into(), out);
}

fn write_clock(second: i64, out: &mut Vec<u8>) {
    write_two(second / 3600, out);
    out.push(b':');
    write_two(second / 60 % 60, out);
    out.push(b':');
    write_two(second % 60, out);
}

/// Appends the digits of a number from 0 to 99.
fn write_two(number: i64, out: &mut Vec<u8>) {
    out.extend([number / 10, number % 10].map(digit));
}

/// Appends `nanos` as 3, 6 or 9 digits behind a point, as few as hold it but at least `least`.
pub(crate) fn write_fraction(nanos: i64, least: usize, out: &mut Vec<u8>) {
    let needed = match nanos {
        0 => 0,
        _ if nanos % 1_000_000 == 0 => 3,
        _ if nanos % 1_000 == 0 => 6,
        _ => 9,
    };
    let digits = needed.max(least);
    if digits > 0 {
        out.push(b'.');
    }
    let mut place = 100_000_000;
    for _ in 0..digits {
        out.push(digit(nanos / place % 10));
        place /= 10;
    }
}

fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number).unwrap_or_default()
}
