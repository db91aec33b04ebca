//! Lengths of time, as ISO 8601 writes them. Every part of a negative one is negative, as `PostgreSQL` writes them (its docs,
//! Interval Output, `iso_8601`).

use arrow_schema::TimeUnit;

use super::moment::units_a_second;
use super::number::write_integer;
use crate::spelling::write_fraction;

/// Appends a number of months, which no number of days makes up: `"P1Y2M"`.
pub(super) fn write_months(months: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"P");
    write_part((months / 12).into(), b'Y', out);
    if months % 12 != 0 || months == 0 {
        write_integer(months % 12, out);
        out.push(b'M');
    }
    out.push(b'"');
}

/// Appends a number of units of time: `"PT26H3M0.500S"`.
pub(super) fn write_duration(value: i64, unit: TimeUnit, out: &mut Vec<u8>) {
    let units = units_a_second(unit);
    let (seconds, rest) = (value / units, value % units);
    out.extend_from_slice(b"\"PT");
    write_part(seconds / 3600, b'H', out);
    write_part(seconds / 60 % 60, b'M', out);
    if seconds % 60 != 0 || rest != 0 || value == 0 {
        if value < 0 {
            out.push(b'-');
        }
        write_integer((seconds % 60).unsigned_abs(), out);
        write_fraction(rest.abs() * (1_000_000_000 / units), 0, out);
        out.push(b'S');
    }
    out.push(b'"');
}

fn write_part(number: i64, letter: u8, out: &mut Vec<u8>) {
    if number != 0 {
        write_integer(number, out);
        out.push(letter);
    }
}
