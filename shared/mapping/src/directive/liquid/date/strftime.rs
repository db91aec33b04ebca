//! Formats of dates: `%`, flags, width, and a letter.

use super::super::fault::Outcome;
use super::super::runtime::Runtime;
use super::moment::Moment;
use crate::json::number;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// One `%…` of a format.
struct Directive<'p> {
    flags: &'p str,
    width: &'p str,
    letter: char,
}

/// Writes a moment in a format. What is no directive stays as it is.
pub(in super::super) fn format(moment: &Moment<'_>, pattern: &str, runtime: &Runtime<'_>) -> Outcome<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (directive, after) = read(&rest[1..]);
        let shown = directive.map(|directive| directive.show(moment, runtime));
        match shown.transpose()?.flatten() {
            Some(text) => out.push_str(&text),
            // Also the part of it that looks like a directive.
            None => out.push_str(&rest[..rest.len() - after.len()]),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn read(text: &str) -> (Option<Directive<'_>>, &str) {
    let split = |text: &'_ str, of: &dyn Fn(char) -> bool| text.find(|c| !of(c)).unwrap_or(text.len());
    let (flags, rest) = text.split_at(split(text, &|c| "-_0^#:".contains(c)));
    let (width, rest) = rest.split_at(split(rest, &|c: char| c.is_ascii_digit()));
    let rest = rest.strip_prefix(['E', 'O']).unwrap_or(rest);
    let mut chars = rest.chars();
    match chars.next() {
        None | Some('\n' | '\r' | '\u{2028}' | '\u{2029}') => (None, text),
        Some(letter) => (Some(Directive { flags, width, letter }), chars.as_str()),
    }
}

impl Directive<'_> {
    /// Nothing for letters that mean nothing.
    fn show(&self, moment: &Moment<'_>, runtime: &Runtime<'_>) -> Outcome<Option<String>> {
        let width = if self.width.is_empty() {
            0.0
        } else {
            number::from_text(self.width)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates as wished"
        )]
        let width = width as usize;
        // Refuses what would not fit before it is built.
        runtime.build(width)?;
        let Some(text) = text(self.letter, moment).or_else(|| self.special(moment, width)) else {
            return Ok(None);
        };
        let text = if self.flags.contains('^') {
            text.to_uppercase()
        } else if self.flags.contains('#') {
            swapped(&text)
        } else {
            text
        };
        let width = match width {
            _ if self.flags.contains('-') => 0,
            0 => usual_width(self.letter),
            width => width,
        };
        let padding = if self.flags.contains('_') {
            ' '
        } else if self.flags.contains('0') || !"aAbBceklpP".contains(self.letter) {
            '0'
        } else {
            ' '
        };
        let missing = width.saturating_sub(text.chars().count());
        Ok(Some(
            std::iter::repeat_n(padding, missing).chain(text.chars()).collect(),
        ))
    }

    /// Letters whose text depends on flags and width.
    fn special(&self, moment: &Moment<'_>, width: usize) -> Option<String> {
        match self.letter {
            'N' => {
                let width = if width == 0 { 9 } else { width };
                let digits = format!("{:03}", moment.milliseconds());
                let digits = digits.get(..width.min(3)).unwrap_or_default();
                let missing = width.saturating_sub(digits.len());
                Some(digits.chars().chain(std::iter::repeat_n('0', missing)).collect())
            }
            'Z' if !moment.zone.is_empty() => Some(moment.zone.to_owned()),
            'z' | 'Z' => Some(self.offset(moment.offset)),
            _ => None,
        }
    }

    fn offset(&self, behind: f64) -> String {
        let minutes = behind.abs();
        let two_digits = |value: f64| number::with_text(value, |text| format!("{text:0>2}"));
        let colon = if self.flags.contains(':') { ":" } else { "" };
        let sign = if behind > 0.0 { '-' } else { '+' };
        let hours = two_digits((minutes / 60.0).floor());
        format!("{sign}{hours}{colon}{}", two_digits(minutes % 60.0))
    }
}

fn usual_width(letter: char) -> usize {
    match letter {
        'd' | 'e' | 'H' | 'I' | 'k' | 'l' | 'm' | 'M' | 'S' | 'U' | 'W' => 2,
        'j' | 'L' => 3,
        _ => 0,
    }
}

fn text(letter: char, moment: &Moment<'_>) -> Option<String> {
    let year = moment.year.to_string();
    let month = MONTHS.get(moment.month).copied().unwrap_or_default();
    let weekday = usize::try_from(moment.weekday()).unwrap_or_default();
    let weekday = DAYS.get(weekday).copied().unwrap_or_default();
    let hours = moment.hours();
    let twelve = if hours % 12 == 0 { 12 } else { hours % 12 };
    let clock = || {
        format!(
            "{twelve}:{:02}:{:02} {}",
            moment.minutes(),
            moment.seconds(),
            half(hours)
        )
    };
    // Before the year 1 the years are counted backwards.
    let shown_year = if moment.year > 0 { moment.year } else { 1 - moment.year };
    let calendar = || format!("{}/{}/{shown_year}", moment.month + 1, moment.day);
    Some(match letter {
        'a' => weekday[..3].to_owned(),
        'A' => weekday.to_owned(),
        'b' | 'h' => month[..3].to_owned(),
        'B' => month.to_owned(),
        'c' => format!("{}, {}", calendar(), clock()),
        'C' => whole(year.get(..2).unwrap_or(&year)),
        'd' | 'e' => moment.day.to_string(),
        'H' | 'k' => hours.to_string(),
        'I' | 'l' => twelve.to_string(),
        'j' => moment.day_of_year().to_string(),
        'L' => moment.milliseconds().to_string(),
        'm' => (moment.month + 1).to_string(),
        'M' => moment.minutes().to_string(),
        'p' => half(hours).to_owned(),
        'P' => half(hours).to_lowercase(),
        'q' => ordinal(moment.day).to_owned(),
        's' => (moment.time + 500).div_euclid(1000).to_string(),
        'S' => moment.seconds().to_string(),
        'u' => (if moment.weekday() == 0 { 7 } else { moment.weekday() }).to_string(),
        'U' => moment.week(0).to_string(),
        'w' => moment.weekday().to_string(),
        'W' => moment.week(1).to_string(),
        'x' => calendar(),
        'X' => clock(),
        'y' => year.get(2..year.len().min(4)).unwrap_or_default().to_owned(),
        'Y' => year,
        't' => "\t".to_owned(),
        'n' => "\n".to_owned(),
        '%' => "%".to_owned(),
        _ => return None,
    })
}

fn half(hours: i64) -> &'static str {
    if hours < 12 { "AM" } else { "PM" }
}

fn whole(digits: &str) -> String {
    digits
        .parse::<i64>()
        .map_or_else(|_| "NaN".to_owned(), |number| number.to_string())
}

fn ordinal(day: i64) -> &'static str {
    match (day, day % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// In capitals if anything is small, else in small letters.
fn swapped(text: &str) -> String {
    if text.contains(|c: char| c.is_ascii_lowercase()) {
        text.to_uppercase()
    } else {
        text.to_lowercase()
    }
}
