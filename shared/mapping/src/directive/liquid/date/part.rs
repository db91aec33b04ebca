//! The parts of a date while its text is read: day, time, offset from UTC.

use super::moment::days;

/// Up to three numbers and a month's name, whose order is found out at the end.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) numbers: Vec<i64>,
    pub(super) month: Option<i64>,
    pub(super) is_iso: bool,
}

impl Day {
    pub(super) fn add(&mut self, number: i64) -> Option<()> {
        (self.numbers.len() < 3).then(|| self.numbers.push(number))
    }

    /// Days since 1970.
    pub(super) fn finish(mut self) -> Option<i64> {
        if self.numbers.is_empty() {
            return None;
        }
        self.numbers.resize(3, 1);
        let [first, second, third] = self.numbers[..] else {
            return None;
        };
        let is_day = |number: i64| (1..=31).contains(&number);
        let (mut year, month, day) = match self.month {
            None if self.is_iso || !is_day(first) => (first, second, third),
            None => (third, first, second),
            Some(month) if is_day(first) => (second, month, first),
            Some(month) => (first, month, second),
        };
        if !self.is_iso {
            year += match year {
                0..=49 => 2000,
                50..=99 => 1900,
                _ => 0,
            };
        }
        ((1..=12).contains(&month) && is_day(day)).then(|| days(year, month, day))
    }
}

/// Hours, minutes, seconds, milliseconds as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Time {
    pub(super) numbers: Vec<i64>,
    pub(super) half: Option<i64>,
}

impl Time {
    /// Whether a number can be the next part, which is not the hours.
    pub(super) fn is_expecting(&self, number: i64) -> bool {
        match self.numbers.len() {
            1 | 2 => (0..60).contains(&number),
            3 => (0..1000).contains(&number),
            _ => false,
        }
    }

    pub(super) fn add(&mut self, number: i64) -> Option<()> {
        (self.numbers.len() < 4).then(|| self.numbers.push(number))
    }

    /// Adds the last part: all after it is 0.
    pub(super) fn add_final(&mut self, number: i64) {
        let _ = self.add(number);
        self.numbers.resize(4, 0);
    }

    /// Milliseconds since midnight.
    pub(super) fn finish(mut self) -> Option<i64> {
        self.numbers.resize(4, 0);
        let [mut hour, minute, second, millisecond] = self.numbers[..] else {
            return None;
        };
        if let Some(half) = self.half {
            if !(0..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + half;
        }
        let is_midnight = hour == 24 && minute == 0 && second == 0 && millisecond == 0;
        let is_time = hour < 24 && minute < 60 && second < 60 && millisecond < 1000;
        (is_time || is_midnight).then_some(((hour * 60 + minute) * 60 + second) * 1000 + millisecond)
    }
}

/// The offset from UTC as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Offset {
    pub(super) sign: Option<i64>,
    pub(super) hour: Option<i64>,
    pub(super) minute: Option<i64>,
}

impl Offset {
    pub(super) fn set(&mut self, hours: i64) {
        self.sign = Some(if hours < 0 { -1 } else { 1 });
        self.hour = Some(hours.abs());
        self.minute = Some(0);
    }

    pub(super) fn is_expecting(&self, number: i64) -> bool {
        self.hour.is_some() && self.minute.is_none() && (0..60).contains(&number)
    }

    pub(super) fn is_utc(&self) -> bool {
        self.hour == Some(0) && self.minute == Some(0)
    }

    /// Milliseconds ahead of UTC; without a sign the text is in UTC. V8 counts the seconds in 32 bits.
    pub(super) fn finish(self) -> Option<i64> {
        let minutes = self.hour.unwrap_or(0) * 60 + self.minute.unwrap_or(0);
        let seconds = (minutes * 60) & i64::from(u32::MAX);
        (seconds <= i64::from(i32::MAX)).then(|| self.sign.unwrap_or(0) * seconds * 1000)
    }
}
