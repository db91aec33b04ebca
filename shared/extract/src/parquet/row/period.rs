//! Lengths of time, as ISO 8601 writes them: durations and intervals.

use arrow_schema::TimeUnit;

use super::moment::{units_a_second, write_fraction};
use super::number::write_integer;

const NANOS_A_SECOND: i128 = 1_000_000_000;

/// Appends a number of units of time: `"PT26H3M0.500S"`.
pub(super) fn write_duration(value: i64, unit: TimeUnit, out: &mut Vec<u8>) {
    let nanos = i128::from(value) * (NANOS_A_SECOND / i128::from(units_a_second(unit)));
    write_period(0, 0, nanos, out);
}

/// Appends `"P1Y2M3DT4H5M6.789S"` without the parts that are 0. Months, days and seconds do not make each other up, so each has
/// its own sign, as `PostgreSQL` writes them (its docs, Interval Output, `iso_8601`).
pub(super) fn write_period(months: i32, days: i32, nanos: i128, out: &mut Vec<u8>) {
    let seconds = nanos / NANOS_A_SECOND;
    out.extend_from_slice(b"\"P");
    write_part((months / 12).into(), b'Y', out);
    write_part((months % 12).into(), b'M', out);
    write_part(days.into(), b'D', out);
    if nanos != 0 {
        out.push(b'T');
        write_part(seconds / 3600, b'H', out);
        write_part(seconds / 60 % 60, b'M', out);
        write_seconds(nanos % (60 * NANOS_A_SECOND), out);
    } else if months == 0 && days == 0 {
        out.extend_from_slice(b"T0S");
    }
    out.push(b'"');
}

fn write_part(number: i128, letter: u8, out: &mut Vec<u8>) {
    if number != 0 {
        write_integer(number, out);
        out.push(letter);
    }
}

fn write_seconds(nanos: i128, out: &mut Vec<u8>) {
    if nanos == 0 {
        return;
    }
    if nanos < 0 {
        out.push(b'-');
    }
    write_integer((nanos / NANOS_A_SECOND).unsigned_abs(), out);
    let fraction = (nanos % NANOS_A_SECOND).unsigned_abs();
    write_fraction(i64::try_from(fraction).unwrap_or_default(), 0, out);
    out.push(b'S');
}
