//! A moment as a clock and a calendar show it in its time zone.

const DAY: i64 = 86_400_000;
/// The farthest that JavaScript's dates go, in milliseconds.
const FARTHEST: f64 = 8.64e15;

/// What is shown; no field is in UTC, unless the time zone is.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Moment<'a> {
    /// Milliseconds since 1970, as if the shown time were in UTC.
    pub(super) time: i64,
    pub(super) year: i64,
    /// From 0.
    pub(super) month: usize,
    pub(super) day: i64,
    /// Minutes behind UTC.
    pub(super) offset: f64,
    /// The time zone's name; empty for one that was given in minutes.
    pub(super) zone: &'a str,
}

impl<'a> Moment<'a> {
    /// Returns the moment `time` (milliseconds since 1970), `offset` minutes behind UTC, if JavaScript can hold it.
    pub(in super::super) fn new(time: f64, offset: f64, zone: &'a str) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's dates are exact")]
        let time = Self::time(Self::time(time)? as f64 - offset * 60_000.0)?;
        let (year, month, day) = date(time.div_euclid(DAY));
        Some(Self {
            time,
            year,
            month,
            day,
            offset,
            zone,
        })
    }

    /// Returns a time that a `Date` can hold: whole milliseconds, not too far from 1970.
    pub(in super::super) fn time(time: f64) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "is in range by then")]
        (time.abs() <= FARTHEST).then_some(time as i64)
    }

    pub(super) fn milliseconds(&self) -> i64 {
        self.time.rem_euclid(1000)
    }

    pub(super) fn seconds(&self) -> i64 {
        self.time.div_euclid(1000).rem_euclid(60)
    }

    pub(super) fn minutes(&self) -> i64 {
        self.time.div_euclid(60_000).rem_euclid(60)
    }

    pub(super) fn hours(&self) -> i64 {
        self.time.div_euclid(3_600_000).rem_euclid(24)
    }

    /// From 0, Sunday.
    pub(super) fn weekday(&self) -> i64 {
        weekday(self.time.div_euclid(DAY))
    }

    pub(super) fn day_of_year(&self) -> i64 {
        self.time.div_euclid(DAY) - days(self.year, 1, 1) + 1
    }

    /// Weeks that begin on `start`, counted as the reference does.
    pub(super) fn week(&self, start: i64) -> i64 {
        let now = self.day_of_year() + start - self.weekday();
        let new_year = weekday(days(self.year, 1, 1));
        (now - (7 - new_year + start)).div_euclid(7) + 1
    }
}

fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// Days since 1970 of a date in the Gregorian calendar; months from 1.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let in_era = year.rem_euclid(400);
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

/// Year, month from 0 and day of a number of days since 1970.
fn date(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let in_era = shifted.rem_euclid(146_097);
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = year + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or_default(), day)
}
