//! Dates, times and timestamps, from what Arrow counts.

use arrow_schema::TimeUnit;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::Unfit;
use crate::spelling;

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
    spelling::write_date(date(value.div_euclid(units_a_day), value)?, out);
    Ok(())
}

/// Appends a time of day, `value` units after midnight.
///
/// # Errors
/// For a time that no day has. 24:00:00 ends one.
pub(super) fn write_time(value: i64, unit: TimeUnit, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let units = units_a_second(unit);
    if !(0..=SECONDS_A_DAY * units).contains(&value) {
        return Err(Unfit::wrong("holds a time that no day has", &value.to_string()));
    }
    spelling::write_time(value / units, value % units * (1_000_000_000 / units), out);
    Ok(())
}

/// Appends a point in time, `value` units after 1970.
///
/// # Errors
/// For a day outside the years -9999 to 9999.
pub(super) fn write_timestamp(value: i64, unit: TimeUnit, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let units = units_a_second(unit);
    let second = value.div_euclid(units);
    let date = date(second.div_euclid(SECONDS_A_DAY), value)?;
    let nanos = value.rem_euclid(units) * (1_000_000_000 / units);
    spelling::write_timestamp(date, second.rem_euclid(SECONDS_A_DAY), nanos, out);
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
