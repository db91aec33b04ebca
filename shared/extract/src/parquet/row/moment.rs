//! Dates, times and timestamps, as ISO 8601 writes them.

use arrow_schema::TimeUnit;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::Unfit;

const EPOCH: Date = Date::constant(1970, 1, 1);
const SECONDS_A_DAY: i64 = 86_400;

/// Further from 1970 than any day that can be written.
const TOO_MANY_DAYS: i64 = 5_000_000;

/// How many of a unit make a second.
pub(super) fn units_a_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Appends the day `value` / `units_a_day` after 1970-01-01, rounded down to whole days: `"2024-02-29"`.
///
/// # Errors
/// For a day outside the years -9999 to 9999.
pub(super) fn write_date(value: i64, units_a_day: i64, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let date = date(value.div_euclid(units_a_day), value)?;
    out.push(b'"');
    write_day(date, out);
    out.push(b'"');
    Ok(())
}

/// Appends a time of day: `"23:59:59.999"`, without a fraction where there is none.
///
/// # Errors
/// For a time that no day has. 24:00:00 ends one.
pub(super) fn write_time(value: i64, unit: TimeUnit, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let units = units_a_second(unit);
    if !(0..=SECONDS_A_DAY * units).contains(&value) {
        return Err(Unfit::wrong("holds a time that no day has", &value.to_string()));
    }
    out.push(b'"');
    write_clock(value / units, out);
    write_fraction(value % units * (1_000_000_000 / units), 0, out);
    out.push(b'"');
    Ok(())
}

/// Appends a point in time as `Date.prototype.toISOString` would, `"2024-02-29T12:00:00.000Z"`, with more digits where a
/// millisecond does not hold it.
///
/// # Errors
/// For a day outside the years -9999 to 9999.
pub(super) fn write_timestamp(value: i64, unit: TimeUnit, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let units = units_a_second(unit);
    let second = value.div_euclid(units);
    let date = date(second.div_euclid(SECONDS_A_DAY), value)?;
    out.push(b'"');
    write_day(date, out);
    out.push(b'T');
    write_clock(second.rem_euclid(SECONDS_A_DAY), out);
    write_fraction(value.rem_euclid(units) * (1_000_000_000 / units), 3, out);
    out.extend_from_slice(b"Z\"");
    Ok(())
}

/// Returns the day that is `days` after 1970-01-01; `value` is what the column holds.
fn date(days: i64, value: i64) -> Result<Date, Unfit> {
    let date = if days.abs() < TOO_MANY_DAYS {
        EPOCH.checked_add(SignedDuration::from_secs(days * SECONDS_A_DAY)).ok()
    } else {
        None
    };
    date.ok_or_else(|| Unfit::wrong("holds a day outside the years -9999 to 9999", &value.to_string()))
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
pub(super) fn write_fraction(nanos: i64, least: usize, out: &mut Vec<u8>) {
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
