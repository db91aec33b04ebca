//! FQL text to tokens, as Segment's lexer splits it, its habits at a token's end included.

use super::error::FqlError;
use super::token::{Kind, Token};

/// The most UTF-16 units of one name, string or number (Segment's lexer, "unreasonable length").
const MAX_TOKEN_UNITS: usize = 100_000;

/// Splits `text` into tokens; a name, a dot and a name are one name. The end is no token.
///
/// # Errors
/// What the text holds that is no token.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FqlError> {
    let mut lexer = Lexer {
        units: text.encode_utf16().collect(),
        at: 0,
        start: 0,
        column: 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.token()? {
        tokens.push(token);
    }
    Ok(join_names(tokens))
}

/// Joins name, dot, name. A number after a dot is not joined: Segment cannot name items of arrays.
fn join_names(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        if let (Kind::Dot, Some(name)) = (token.kind, joined.last_mut().filter(|last| last.kind == Kind::Name))
            && let Some(next) = rest.next_if(|next| next.kind == Kind::Name)
        {
            name.text.push('.');
            name.text.push_str(&next.text);
            continue;
        }
        joined.push(token);
    }
    joined
}

/// Reads UTF-16 units, because that is what the lengths and the escapes of Segment's lexer are counted in.
struct Lexer {
    units: Vec<u16>,
    at: usize,
    /// Where the current token starts.
    start: usize,
    /// The same in characters, from 1.
    column: usize,
}

impl Lexer {
    fn token(&mut self) -> Result<Option<Token>, FqlError> {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
        self.start_token();
        let Some(first) = self.next() else { return Ok(None) };
        let kind = match ascii(first) {
            b'!' if self.peek().is_some_and(|unit| is_letter(unit) || ascii(unit) == b'(') => Kind::Operator,
            b'!' if self.accept("=") => Kind::Operator,
            b'!' => return Err(FqlError::NoOperator { column: self.column }),
            b'=' => Kind::Operator,
            b'<' | b'>' => self.comparison(),
            b'a' if self.accept("nd") => Kind::Conditional,
            b'o' if self.accept("r") => Kind::Conditional,
            b'n' if self.accept("ull") => Kind::Null,
            b'a'..=b'z' | b'A'..=b'Z' | b'\\' | b'_' => return self.name(first).map(Some),
            b'0'..=b'9' | b'-' | b'+' => self.number()?,
            quote @ (b'"' | b'\'') => return self.string(quote).map(Some),
            b'.' => Kind::Dot,
            b',' => Kind::Comma,
            b'(' => Kind::Open,
            b')' => Kind::Close,
            b'[' | b']' => Kind::Bracket,
            _ => {
                return Err(FqlError::UnexpectedCharacter {
                    character: self.character(self.start),
                    column: self.column,
                });
            }
        };
        Ok(Some(self.finish(kind, &self.units[self.start..self.at])))
    }

    /// `<` or `>`, with `=` only if the comparison ends there.
    fn comparison(&mut self) -> Kind {
        self.accept("=");
        Kind::Operator
    }

    fn start_token(&mut self) {
        self.column += characters(&self.units[self.start..self.at]);
        self.start = self.at;
    }

    /// A name from its first unit on; a backslash makes any character part of it.
    fn name(&mut self, first: u16) -> Result<Token, FqlError> {
        let mut name = Vec::new();
        let mut unit = first;
        loop {
            if ascii(unit) == b'\\' {
                unit = self.next().ok_or_else(|| FqlError::OpenEscape {
                    column: self.column_of(self.at - 1),
                })?;
            }
            name.push(unit);
            let Some(next) = self.peek().filter(|&next| is_name(next)) else {
                break;
            };
            unit = next;
            self.at += 1;
        }
        self.check_length(name.len())?;
        match self.peek() {
            Some(unit) if !is_end(Some(unit)) && !matches!(ascii(unit), b'.' | b'(' | b'=' | b'!') => {
                Err(FqlError::RunOnName {
                    character: self.character(self.at),
                    column: self.column_of(self.at),
                })
            }
            _ => Ok(self.finish(Kind::Name, &name)),
        }
    }

    fn number(&mut self) -> Result<Kind, FqlError> {
        let mut points = 0;
        while let Some(unit) = self
            .peek()
            .map(ascii)
            .filter(|&unit| unit.is_ascii_digit() || unit == b'.')
        {
            self.at += 1;
            points += usize::from(unit == b'.');
            if points > 1 || (unit == b'.' && is_end(self.peek())) {
                return Err(FqlError::BadNumber { column: self.column });
            }
        }
        self.check_length(self.at - self.start - 1)?;
        Ok(Kind::Number)
    }

    /// A string up to the same quote; nothing is escaped in it. Where neither blank nor the like follows, the closing
    /// quote is left and opens the next string.
    fn string(&mut self, quote: u8) -> Result<Token, FqlError> {
        let inside = self.at;
        let length = self.units[inside..].iter().position(|&unit| ascii(unit) == quote);
        let length = length.ok_or(FqlError::OpenString { column: self.column })?;
        self.check_length(length)?;
        let token = self.finish(Kind::Text, &self.units[self.start..=inside + length]);
        self.at = inside + length;
        self.accept(if quote == b'"' { "\"" } else { "'" });
        Ok(token)
    }

    /// Steps over `wanted` if it is next and something that ends tokens follows.
    ///
    /// Where the text ends too early, what was read stays read: `na` at the very end is the name `n`.
    fn accept(&mut self, wanted: &str) -> bool {
        let start = self.at;
        for _ in wanted.bytes() {
            match self.next() {
                None => return false,
                unit if is_end(unit) => break,
                Some(_) => {}
            }
        }
        let found = self.units[start..self.at].iter().copied().eq(wanted.encode_utf16()) && is_end(self.peek());
        if !found {
            self.at = start;
        }
        found
    }

    fn check_length(&self, units: usize) -> Result<(), FqlError> {
        if units < MAX_TOKEN_UNITS {
            return Ok(());
        }
        Err(FqlError::TooLong {
            column: self.column,
            limit: MAX_TOKEN_UNITS - 1,
        })
    }

    fn finish(&self, kind: Kind, units: &[u16]) -> Token {
        Token {
            kind,
            text: String::from_utf16_lossy(units),
            column: self.column,
        }
    }

    fn next(&mut self) -> Option<u16> {
        let unit = self.peek()?;
        self.at += 1;
        Some(unit)
    }

    fn peek(&self) -> Option<u16> {
        self.units.get(self.at).copied()
    }

    fn column_of(&self, at: usize) -> usize {
        self.column + characters(&self.units[self.start..at])
    }

    fn character(&self, at: usize) -> char {
        let mut rest = char::decode_utf16(self.units[at..].iter().copied());
        rest.next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

fn characters(units: &[u16]) -> usize {
    char::decode_utf16(units.iter().copied()).count()
}

/// The unit as ASCII; NUL, which starts and ends nothing, for all others.
fn ascii(unit: u16) -> u8 {
    u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0)
}

fn is_blank(unit: u16) -> bool {
    matches!(ascii(unit), b' ' | b'\t' | b'\n')
}

fn is_letter(unit: u16) -> bool {
    ascii(unit).is_ascii_alphabetic()
}

fn is_name(unit: u16) -> bool {
    is_letter(unit) || ascii(unit).is_ascii_digit() || matches!(ascii(unit), b'_' | b'-' | b'\\')
}

/// Whether a token ends before this unit.
fn is_end(unit: Option<u16>) -> bool {
    unit.is_none_or(|unit| is_blank(unit) || matches!(ascii(unit), b',' | b']' | b')'))
}
