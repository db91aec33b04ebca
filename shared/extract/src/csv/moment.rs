//! Dates, times and timestamps as warehouses write them.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;

use crate::spelling;

/// Appends the point in time that `text` means, as `"2024-02-29T12:00:00.000Z"`, and returns whether it means one.
///
/// It is ISO 8601 with `T` or a space before the time, and behind it an offset (`+00`, `-0800`, `+05:30`), `Z`, `UTC` or `GMT`, with or
/// without a space before. Without any of these it is UTC; a day alone is its midnight.
pub(super) fn write_timestamp(text: &str, out: &mut Vec<u8>) -> bool {
    let Some(utc) = utc(trimmed(text)) else {
        return false;
    };
    let (second, nanos) = since_midnight(utc.time());
    spelling::write_timestamp(utc.date(), second, nanos, out);
    true
}

/// Appends the day that `text` means, as `"2024-02-29"`, and returns whether it means one. A midnight without a zone is its day.
pub(super) fn write_date(text: &str, out: &mut Vec<u8>) -> bool {
    let midnight = civil(trimmed(text)).filter(|civil| civil.time() == Time::midnight());
    midnight.is_some_and(|midnight| {
        spelling::write_date(midnight.date(), out);
        true
    })
}

/// Appends the time of day that `text` means, as `"23:59:59.999"`, and returns whether it means one. 24:00:00 ends a day.
pub(super) fn write_time(text: &str, out: &mut Vec<u8>) -> bool {
    let text = trimmed(text);
    if text == "24:00:00" {
        spelling::write_time(24 * 3600, 0, out);
        return true;
    }
    let is_clock = |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    if text.as_bytes().get(2) != Some(&b':') || !text.bytes().all(is_clock) {
        return false;
    }
    let Ok(time) = text.parse::<Time>() else { return false };
    let (second, nanos) = since_midnight(time);
    spelling::write_time(second, nanos, out);
    true
}

/// Returns the whole seconds of a time of day, and the nanoseconds of the rest.
fn since_midnight(time: Time) -> (i64, i64) {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(i64::from);
    ((hour * 60 + minute) * 60 + second, time.subsec_nanosecond().into())
}

/// Returns the day and time in UTC that `text` means.
fn utc(text: &str) -> Option<DateTime> {
    let (start, end) = text.rsplit_once(' ').unwrap_or((text, ""));
    match end {
        "UTC" | "GMT" | "Z" => civil(start),
        _ if end.starts_with(['+', '-']) => zoned(&format!("{start}{end}")),
        _ => {
            let start = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT"));
            start.map_or_else(|| civil(text).or_else(|| zoned(text)), civil)
        }
    }
}

/// Reads a day and time with an offset. jiff's own points in time end in the last hours of the year 9999, which warehouses like to
/// take for "never".
fn zoned(text: &str) -> Option<DateTime> {
    let pieces = Pieces::parse(text).ok().filter(|_| has_day(text))?;
    let offset = pieces.to_numeric_offset()?;
    let civil = pieces.date().to_datetime(pieces.time()?);
    civil
        .checked_sub(SignedDuration::from_secs(offset.seconds().into()))
        .ok()
}

/// Returns the day and time that `text` means without a zone.
fn civil(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    // jiff would leave a zone out without a word.
    let has_zone = day.contains('[') || time.contains(['+', '-', '[', 'Z', 'z']);
    if has_zone || !has_day(day) {
        return None;
    }
    if time.is_empty() && text.len() == day.len() {
        return day.parse::<Date>().ok().map(|date| date.to_datetime(Time::midnight()));
    }
    text.parse().ok()
}

/// Whether text begins as a day with hyphens does: eight digits are more likely a number.
fn has_day(text: &str) -> bool {
    text.get(1..).is_some_and(|rest| rest.contains('-'))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: fn(&str, &mut Vec<u8>) -> bool, text: &str) -> Option<String> {
        let mut out = Vec::new();
        write(text, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn one_instant_has_one_text_however_it_is_spelled() {
        for text in [
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05Z",
            "2024-01-02 03:04:05.000000",
            "2024-01-02 03:04:05+00",
            "2024-01-02 03:04:05+00:00",
            "2024-01-02 03:04:05 UTC",
            "2024-01-02 03:04:05UTC",
            "2024-01-02 03:04:05.000 Z",
            "2024-01-01 19:04:05.000 -0800",
            "2024-01-02 08:34:05+05:30",
            " 2024-01-02 03:04:05 ",
        ] {
            let expected = "\"2024-01-02T03:04:05.000Z\"";
            assert_eq!(written(write_timestamp, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn fraction_keeps_its_digits_in_threes() {
        for (fraction, expected) in [
            (".5", ".500"),
            (".123456", ".123456"),
            (".1234567", ".123456700"),
            (".123000000", ".123"),
        ] {
            let text = format!("1969-12-31 23:59:59{fraction}");
            let expected = format!("\"1969-12-31T23:59:59{expected}Z\"");
            assert_eq!(written(write_timestamp, &text), Some(expected));
            let text = format!("23:59:59{fraction}");
            assert_eq!(
                written(write_time, &text).unwrap()[9..].trim_end_matches('"').len() % 3,
                1
            );
        }
    }

    #[test]
    fn never_and_the_first_day_are_moments_too() {
        for (text, expected) in [
            ("9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31 23:59:59+00", "9999-12-31T23:59:59.000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("9999-12-31", "9999-12-31T00:00:00.000Z"),
            ("0001-01-01 00:00:00", "0001-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(
                written(write_timestamp, text),
                Some(format!("\"{expected}\"")),
                "{text}"
            );
        }
    }

    #[test]
    fn day_is_its_midnight_and_midnight_its_day() {
        let midnight = Some("\"2024-02-29T00:00:00.000Z\"".to_owned());
        assert_eq!(written(write_timestamp, "2024-02-29"), midnight);
        for text in ["2024-02-29", "2024-02-29 00:00:00", "2024-02-29T00:00:00.000"] {
            assert_eq!(written(write_date, text).as_deref(), Some("\"2024-02-29\""), "{text}");
        }
    }

    #[test]
    fn times_of_day_are_written_as_parquets_are() {
        for (text, expected) in [
            ("03:04:05", "\"03:04:05\""),
            ("03:04:05.5", "\"03:04:05.500\""),
            ("03:04:05.000001", "\"03:04:05.000001\""),
            ("24:00:00", "\"24:00:00\""),
        ] {
            assert_eq!(written(write_time, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_moment_or_would_lose_a_part() {
        for text in [
            "",
            "now",
            "infinity",
            "20240102",
            "1704164645",
            "2023-02-29 00:00:00",
            "2024-01-02 25:00:00",
            "2024-01-02 03:04:05 America/New_York",
            "2024-01-02T03:04:05[America/New_York]",
            "2024-01-02 03:04:05+99:00",
            "9999-12-31 23:59:59-12",
            "0001-01-01 00:00:00 x",
        ] {
            assert_eq!(written(write_timestamp, text), None, "{text}");
        }
        for text in [
            "",
            "2024-01-02 03:04:05",
            "2024-01-02 00:00:00+00",
            "20240102",
            "2024-13-01",
        ] {
            assert_eq!(written(write_date, text), None, "{text}");
        }
        for text in ["", "030405", "25:00:00", "03:04:05+00", "2024-01-02 03:04:05"] {
            assert_eq!(written(write_time, text), None, "{text}");
        }
    }
}
