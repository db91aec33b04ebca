//! The strict grammar of `JSON.parse`, checked in one pass over the bytes.

use wide::u8x16;

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
        step_over_key: impl FnMut(&mut Self) -> Result<(), RecordError>,
        found: impl FnMut(usize, usize, usize, usize),
    ) -> Result<(), RecordError> {
        self.open(depth)?;
        if self.take(b'}') {
            return Ok(());
        }
        self.fields_from_key(depth, step_over_key, found)
    }

    /// As [`Validator::fields`], from a field's key on.
    pub(crate) fn fields_from_key(
        &mut self,
        depth: usize,
        mut step_over_key: impl FnMut(&mut Self) -> Result<(), RecordError>,
        mut found: impl FnMut(usize, usize, usize, usize),
    ) -> Result<(), RecordError> {
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
            if !self.next_field()? {
                return Ok(());
            }
        }
    }

    /// Steps over what is behind a field's value, up to the next field's key; `false` if the object ends.
    pub(crate) fn next_field(&mut self) -> Result<bool, RecordError> {
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(false);
        }
        self.demand(b',', "`,` or `}`")?;
        self.skip_blanks();
        Ok(true)
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

/// How many bytes from the start stand for themselves in a JSON string: no quote, backslash or control character.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        let marks = specials(*block);
        if marks != 0 {
            return index * 16 + marks.trailing_zeros() as usize;
        }
    }
    if blocks.len() * 16 == bytes.len() {
        return bytes.len();
    }
    // What is left is looked at with bytes before it, which are known to be plain, or with each byte of it twice.
    match bytes.last_chunk::<16>() {
        Some(last) => first_special(specials(*last), bytes.len() - 16, bytes.len()),
        None => plain_length_of_few(bytes),
    }
}

fn first_special(marks: u32, from: usize, length: usize) -> usize {
    if marks == 0 {
        length
    } else {
        from + marks.trailing_zeros() as usize
    }
}

/// As [`plain_length`], of less than 16 bytes.
fn plain_length_of_few(bytes: &[u8]) -> usize {
    let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) else {
        let is_special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
        return bytes.iter().position(is_special).unwrap_or(bytes.len());
    };
    let mut both = [0; 16];
    both[..8].copy_from_slice(first);
    both[8..].copy_from_slice(last);
    let marks = specials(both);
    if marks.trailing_zeros() < 8 {
        return marks.trailing_zeros() as usize;
    }
    first_special(marks >> 8, bytes.len() - 8, bytes.len())
}

/// Returns a bit for each byte that does not stand for itself, the first byte's the lowest.
#[inline]
fn specials(block: [u8; 16]) -> u32 {
    let bytes = u8x16::new(block);
    let is_control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let is_mark = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\'));
    (is_control | is_mark).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn plain_bytes_end_at_the_first_special_one_wherever_it_is() {
        for length in 0..70 {
            let plain: Vec<u8> = (0..length).map(|index| b" !#[]~\x7f\xc3\xa9"[index % 9]).collect();
            assert_eq!(plain_length(&plain), length);
            for place in 0..length {
                for special in [b'"', b'\\', 0, 0x1f] {
                    let mut bytes = plain.clone();
                    bytes[place] = special;
                    bytes[length - 1] = if place + 1 < length { b'"' } else { special };
                    assert_eq!(plain_length(&bytes), place, "{bytes:?}");
                }
            }
        }
    }
}
