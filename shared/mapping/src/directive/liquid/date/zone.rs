//! Time zones by IANA's names, from the data that is built in.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;

use super::super::fault::{Fault, Outcome};

/// The same on every machine, whatever its own data say.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// 400 years in milliseconds.
const CYCLE: i64 = 146_097 * 86_400_000;
/// 2370: from here on each zone follows its last rule.
const REPEATING: i64 = CYCLE;
/// 1570: before there were time zones.
const EARLY: i64 = -CYCLE;

/// Returns how many minutes a zone is behind UTC at a time (milliseconds since 1970).
pub(in super::super) fn offset(name: &str, time: i64) -> Outcome<f64> {
    let unknown = || Fault::new(format!("Invalid time zone specified: {name}"));
    let zone = ZONES.get(name).map_err(|_| unknown())?;
    let timestamp = Timestamp::from_millisecond(near(time)).map_err(|_| unknown())?;
    Ok(-f64::from(zone.to_offset(timestamp).seconds()) / 60.0)
}

/// A time that the data reach with the same offset: calendars repeat every 400 years, and nothing was known early.
fn near(time: i64) -> i64 {
    if time > REPEATING {
        REPEATING + (time - REPEATING) % CYCLE
    } else {
        time.max(EARLY)
    }
}
