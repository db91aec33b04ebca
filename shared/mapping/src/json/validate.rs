//! The strict grammar of `JSON.parse`, checked in one pass over the bytes.

use super::watch::{KeyWatch, Watched};
use crate::error::RecordError;

/// How deep arrays and objects may nest in a row (as with `serde_json`).
pub const MAX_DEPTH: usize = 128;

/// Reads JSON text that nobody has checked yet.
pub(crate) struct Validator<'t> {
    bytes: &'t [u8],
    at: usize,
    /// Whether an escape was read since this was last set to `false`.
    has_escape: bool,
    watch: &'t mut KeyWatch,
}

impl<'t> Validator<'t> {
    /// `watch` is told of the keys of all objects that [`Validator::value`] steps over.
    pub(crate) fn new(text: &'t str, watch: &'t mut KeyWatch) -> Self {
        watch.reset();
        Self {
            bytes: text.as_bytes(),
            at: 0,
            has_escape: false,
            watch,
        }
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it is next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over `text`, if it is next.
    pub(crate) fn take_text(&mut self, text: &[u8]) -> bool {
        let found = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text));
        self.at += if found { text.len() } else { 0 };
        found
    }

    pub(crate) fn demand(&mut self, byte: u8, expected: &'static str) -> Result<(), RecordError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    pub(crate) fn end(&mut self) -> Result<(), RecordError> {
        self.skip_blanks();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.unexpected("the end of the text"))
        }
    }

    pub(crate) fn unexpected(&self, expected: &'static str) -> RecordError {
        if self.at >= self.bytes.len() {
            RecordError::Truncated {
                offset: self.at,
                expected,
            }
        } else {
            RecordError::Unexpected {
                offset: self.at,
                expected,
            }
        }
    }

    /// Steps over one value. `depth` is how many containers it is in.
    pub(crate) fn value(&mut self, depth: usize) -> Result<(), RecordError> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), RecordError> {
        if self.take_text(word.as_bytes()) {
            Ok(())
        } else {
            Err(self.unexpected(word))
        }
    }

    fn open(&mut self, depth: usize) -> Result<(), RecordError> {
        if depth >= MAX_DEPTH {
            return Err(RecordError::TooDeep {
                offset: self.at,
                limit: MAX_DEPTH,
            });
        }
        self.at += 1;
        self.skip_blanks();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), RecordError> {
        self.open(depth)?;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            self.skip_blanks();
            if self.take(b']') {
                return Ok(());
            }
            self.demand(b',', "`,` or `]`")?;
            self.skip_blanks();
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), RecordError> {
        let mut object = self.watch.open();
        self.fields(depth, |reader| reader.watched_key(&mut object), |_, _, _, _| ())?;
        self.watch.close(&object);
        Ok(())
    }

    fn watched_key(&mut self, object: &mut Watched) -> Result<(), RecordError> {
        let start = self.at + 1;
        self.has_escape = false;
        self.string()?;
        let key = &self.bytes[start..self.at - 1];
        self.watch.key(object, key, self.has_escape);
        Ok(())
    }

    /// Steps over an object, over its keys by `step_over_key`, and tells `found` the places of each key (without quotes) and value.
    pub(crate) fn fields(
        &mut self,
        depth: usize,
        mut step_over_key: impl FnMut(&mut Self) -> Result<(), RecordError>,
        mut found: impl FnMut(usize, usize, usize, usize),
    ) -> Result<(), RecordError> {
        self.open(depth)?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.at + 1;
            step_over_key(self)?;
            let key_end = self.at - 1;
            self.skip_blanks();
            self.demand(b':', "`:`")?;
            self.skip_blanks();
            let start = self.at;
            self.value(depth + 1)?;
            found(key, key_end, start, self.at);
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(());
            }
            self.demand(b',', "`,` or `}`")?;
            self.skip_blanks();
        }
    }

    pub(crate) fn string(&mut self) -> Result<(), RecordError> {
        self.demand(b'"', "a string")?;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.unexpected("an escape in place of the control character")),
                None => return Err(self.unexpected("`\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), RecordError> {
        self.has_escape = true;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.unexpected("four hexadecimal digits"));
                    }
                    self.at += 1;
                }
                Ok(())
            }
            _ => Err(self.unexpected("an escape that JSON knows")),
        }
    }

    fn number(&mut self) -> Result<(), RecordError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), RecordError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.unexpected("a digit"))
        } else {
            Ok(())
        }
    }
}

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// How many bytes from the start stand for themselves in a JSON string: no quote, backslash or control character.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    // Eight bytes at a time: a byte is special when subtracting borrows into its high bit.
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * u64::from(b'"'));
        let slash = word ^ (ONES * u64::from(b'\\'));
        let special = (quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = special & HIGHS;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')
        .unwrap_or(rest.len())
}
