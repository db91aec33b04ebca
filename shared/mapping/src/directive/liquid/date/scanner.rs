//! The words, numbers and marks of a date's text.

use crate::json::number;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A number and how many digits it is written with; only nine digits count.
    Number(i64, usize),
    Keyword(Keyword),
    Symbol(char),
    Blank,
    Unknown,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Month(i64),
    /// Hours to add: 0 or 12.
    Half(i64),
    /// Hours from UTC.
    Zone(i64),
    /// `Z` alone.
    Zulu,
    /// `T` alone.
    Separator,
    Unknown,
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const SIGNIFICANT: usize = 9;

/// Reads one token ahead.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    rest: &'t str,
    next: Token,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut scanner = Self {
            // V8 takes a NUL for the end.
            rest: text.split('\0').next().unwrap_or_default(),
            next: Token::End,
        };
        scanner.next = scanner.scan();
        scanner
    }

    pub(super) fn peek(&self) -> Token {
        self.next
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.next;
        self.next = self.scan();
        token
    }

    /// Steps over a mark, if it is next.
    pub(super) fn skip(&mut self, symbol: char) -> bool {
        let found = self.next == Token::Symbol(symbol);
        if found {
            self.next();
        }
        found
    }

    /// Steps over a number of so many digits within the limits, if it is next.
    pub(super) fn fixed(&mut self, digits: usize, least: i64, most: i64) -> Option<i64> {
        match self.next {
            Token::Number(number, length) if length == digits && (least..=most).contains(&number) => {
                self.next();
                Some(number)
            }
            _ => None,
        }
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn scan(&mut self) -> Token {
        let Some(first) = self.rest.chars().next() else {
            return Token::End;
        };
        let run = |of: &dyn Fn(char) -> bool| self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        match first {
            '0'..='9' => {
                let digits = self.take(run(&|c| c.is_ascii_digit()));
                let significant = digits.trim_start_matches('0');
                let significant = &significant[..significant.len().min(SIGNIFICANT)];
                Token::Number(significant.parse().unwrap_or(0), digits.len())
            }
            ':' | '-' | '+' | '.' | ')' => {
                self.take(1);
                Token::Symbol(first)
            }
            '(' => {
                self.skip_parentheses();
                Token::Unknown
            }
            _ if is_blank(first) => {
                self.take(first.len_utf8());
                Token::Blank
            }
            'A'.. => {
                let word = self.take(run(&|c| c >= 'A' && !is_blank(c)));
                Token::Keyword(keyword(word))
            }
            _ => {
                self.take(1);
                Token::Unknown
            }
        }
    }

    fn skip_parentheses(&mut self) {
        let mut open = 0_usize;
        for (at, c) in self.rest.char_indices() {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.take(at + 1);
                return;
            }
        }
        self.rest = "";
    }
}

/// JavaScript's blanks, but not its line separators: of those V8 makes words.
fn is_blank(c: char) -> bool {
    number::is_blank(c) && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Of months the first three letters count, of all else the whole word.
fn keyword(word: &str) -> Keyword {
    let start: String = word.chars().take(3).map(|c| c.to_ascii_lowercase()).collect();
    if let Some((_, month)) = MONTHS.iter().zip(1..).find(|(name, _)| **name == start) {
        return Keyword::Month(month);
    }
    if word.len() > 3 {
        return Keyword::Unknown;
    }
    match start.as_str() {
        "am" => Keyword::Half(0),
        "pm" => Keyword::Half(12),
        "z" => Keyword::Zulu,
        "ut" | "utc" | "gmt" => Keyword::Zone(0),
        "edt" => Keyword::Zone(-4),
        "est" | "cdt" => Keyword::Zone(-5),
        "cst" | "mdt" => Keyword::Zone(-6),
        "mst" | "pdt" => Keyword::Zone(-7),
        "pst" => Keyword::Zone(-8),
        "t" => Keyword::Separator,
        _ => Keyword::Unknown,
    }
}
