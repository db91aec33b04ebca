//! Dates as texts spell them: ISO 8601, and the rest as V8 makes sense of it. Texts without a time zone are in UTC.

use super::part::{Day, Offset, Time};
use super::scanner::{Keyword, Scanner, Token};

/// Returns the milliseconds since 1970, or NaN.
pub(in super::super) fn parse(text: &str) -> f64 {
    let mut reading = Reading {
        scanner: Scanner::new(text),
        day: Day::default(),
        time: Time::default(),
        offset: Offset::default(),
        has_number: false,
    };
    reading.all().unwrap_or(f64::NAN)
}

struct Reading<'t> {
    scanner: Scanner<'t>,
    day: Day,
    time: Time,
    offset: Offset,
    has_number: bool,
}

impl Reading<'_> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what a date cannot hold exactly is refused later"
    )]
    fn all(&mut self) -> Option<f64> {
        let mut token = self.iso()?;
        self.has_number = !self.day.numbers.is_empty();
        while token != Token::End {
            self.token(token)?;
            token = self.scanner.next();
        }
        let day = std::mem::take(&mut self.day).finish()?;
        let time = std::mem::take(&mut self.time).finish()?;
        let offset = std::mem::take(&mut self.offset).finish()?;
        Some(day as f64 * 86_400_000.0 + (time - offset) as f64)
    }

    /// Reads as much ISO 8601 as there is. Returns the first token that is not, the end if all is, or nothing if it
    /// must be ISO but is not.
    fn iso(&mut self) -> Option<Token> {
        let scanner = &mut self.scanner;
        if let Token::Symbol(sign @ ('+' | '-')) = scanner.peek() {
            let token = scanner.next();
            let least = i64::from(sign == '-');
            let Some(year) = scanner.fixed(6, least, i64::MAX) else {
                return Some(token);
            };
            self.day.numbers.push(if sign == '-' { -year } else { year });
        } else if let Some(year) = scanner.fixed(4, 0, i64::MAX) {
            self.day.numbers.push(year);
        } else {
            return Some(scanner.next());
        }
        for most in [12, 31] {
            if !scanner.skip('-') {
                break;
            }
            let Some(number) = scanner.fixed(2, 1, most) else {
                return Some(scanner.next());
            };
            self.day.numbers.push(number);
        }
        match scanner.peek() {
            Token::Keyword(Keyword::Separator) => self.iso_time()?,
            Token::End => self.offset.set(0),
            _ => return Some(scanner.next()),
        }
        self.day.is_iso = true;
        Some(Token::End)
    }

    fn iso_time(&mut self) -> Option<()> {
        let scanner = &mut self.scanner;
        scanner.next();
        let hour = scanner.fixed(2, 0, 24)?;
        let most = if hour == 24 { 0 } else { 59 };
        self.time.add(hour)?;
        if !scanner.skip(':') {
            return None;
        }
        self.time.add(scanner.fixed(2, 0, most)?)?;
        if scanner.skip(':') {
            self.time.add(scanner.fixed(2, 0, most)?)?;
            if scanner.skip('.') {
                let Token::Number(number, length) = scanner.next() else {
                    return None;
                };
                if hour == 24 && number > 0 {
                    return None;
                }
                self.time.add(milliseconds(number, length))?;
            }
        }
        self.iso_offset()?;
        (self.scanner.peek() == Token::End).then_some(())
    }

    fn iso_offset(&mut self) -> Option<()> {
        let scanner = &mut self.scanner;
        match scanner.peek() {
            Token::Keyword(Keyword::Zulu) => {
                scanner.next();
                self.offset.set(0);
            }
            Token::Symbol(sign @ ('+' | '-')) => {
                scanner.next();
                self.offset.sign = Some(if sign == '-' { -1 } else { 1 });
                if let Some(both) = scanner.fixed(4, 0, 2359) {
                    self.offset.hour = Some(both / 100);
                    self.offset.minute = Some(both % 100).filter(|minute| *minute < 60);
                    return self.offset.minute.map(|_| ());
                }
                self.offset.hour = Some(scanner.fixed(2, 0, 23)?);
                if !scanner.skip(':') {
                    return None;
                }
                self.offset.minute = Some(scanner.fixed(2, 0, 59)?);
            }
            _ => {}
        }
        Some(())
    }

    fn token(&mut self, token: Token) -> Option<()> {
        match token {
            Token::Number(number, _) => {
                self.has_number = true;
                self.number(number)
            }
            Token::Keyword(keyword) => self.keyword(keyword),
            Token::Symbol(sign @ ('+' | '-')) if self.offset.is_utc() || !self.time.numbers.is_empty() => {
                self.signed_offset(sign)
            }
            Token::Symbol('+' | '-' | ')') if self.has_number => None,
            _ => Some(()),
        }
    }

    fn number(&mut self, number: i64) -> Option<()> {
        if self.scanner.skip(':') {
            if self.scanner.skip(':') {
                if !self.time.numbers.is_empty() {
                    return None;
                }
                self.time.add(number)?;
                return self.time.add(0);
            }
            self.time.add(number)?;
            self.scanner.skip('.');
            return Some(());
        }
        if self.scanner.skip('.') && self.time.is_expecting(number) {
            self.time.add(number)?;
            let Token::Number(fraction, length) = self.scanner.next() else {
                return None;
            };
            self.time.add_final(milliseconds(fraction, length));
            return Some(());
        }
        if self.offset.is_expecting(number) {
            self.offset.minute = Some(number);
            return Some(());
        }
        if self.time.is_expecting(number) {
            self.time.add_final(number);
            let may_follow = matches!(
                self.scanner.peek(),
                Token::End | Token::Blank | Token::Keyword(Keyword::Zulu) | Token::Symbol('+' | '-')
            );
            return may_follow.then_some(());
        }
        self.day.add(number)?;
        self.scanner.skip('-');
        Some(())
    }

    fn keyword(&mut self, keyword: Keyword) -> Option<()> {
        match keyword {
            Keyword::Half(hours) if !self.time.numbers.is_empty() => self.time.half = Some(hours),
            Keyword::Month(month) => {
                self.day.month = Some(month);
                self.scanner.skip('-');
            }
            Keyword::Zone(hours) if self.has_number => self.offset.set(hours),
            Keyword::Zulu if self.has_number => self.offset.set(0),
            // Words that mean nothing may only stand before the first number, and not right before it.
            _ if self.has_number || matches!(self.scanner.peek(), Token::Number(..)) => return None,
            _ => {}
        }
        Some(())
    }

    /// `+hh:`, `+h`, `+hh`, `+hmm`, `+hhmm`, after a time or UTC.
    fn signed_offset(&mut self, sign: char) -> Option<()> {
        self.offset.sign = Some(if sign == '-' { -1 } else { 1 });
        self.has_number = true;
        let (number, length) = match self.scanner.peek() {
            Token::Number(number, length) => {
                self.scanner.next();
                (number, length)
            }
            _ => (0, 0),
        };
        let (hour, minute) = match length {
            _ if self.scanner.peek() == Token::Symbol(':') => (number, None),
            1 | 2 => (number, Some(0)),
            3 | 4 => (number / 100, Some(number % 100)),
            _ => return None,
        };
        self.offset.hour = Some(hour);
        self.offset.minute = minute;
        Some(())
    }
}

/// A fraction of a second in milliseconds.
fn milliseconds(number: i64, length: usize) -> i64 {
    let exponent = u32::try_from(length.min(9)).unwrap_or(9);
    if exponent <= 3 {
        number * 10_i64.pow(3 - exponent)
    } else {
        number / 10_i64.pow(exponent - 3)
    }
}
