//! Reading a template character by character.

use std::fmt::Write;

use super::character::{is_blank, is_word};
use super::fault::{Fault, Outcome, Place};
use crate::json::string::write_json_string;

/// How deep ranges and brackets may nest.
const MAX_NESTING: usize = 100;
/// Longer excerpts are cut in messages.
const EXCERPT: usize = 32;

/// A place in a part of a template.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    pub(super) input: &'t [char],
    pub(super) at: usize,
    pub(super) end: usize,
    nesting: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(input: &'t [char]) -> Self {
        Self::part(input, 0, input.len())
    }

    pub(super) fn part(input: &'t [char], at: usize, end: usize) -> Self {
        Self {
            input,
            at,
            end,
            nesting: 0,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.end
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        let at = self.at + ahead;
        if at < self.end {
            self.input.get(at).copied()
        } else {
            None
        }
    }

    pub(super) fn read(&mut self) -> Option<char> {
        let c = self.input.get(self.at).copied();
        self.at += 1;
        c
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// Reads a name; it may be empty.
    pub(super) fn identifier(&mut self) -> String {
        self.skip_blanks();
        let start = self.at;
        while self.peek().is_some_and(is_word) {
            self.at += 1;
        }
        self.text(start, self.at)
    }

    pub(super) fn text(&self, start: usize, end: usize) -> String {
        self.input.get(start..end).unwrap_or_default().iter().collect()
    }

    pub(super) fn rest(&self) -> String {
        self.text(self.at, self.end)
    }

    /// Whether `word` comes next, beyond the end of the part if need be.
    pub(super) fn is_before(&self, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(at, c)| self.input.get(self.at + at) == Some(&c))
    }

    /// Whether `word` was read last, or stands there at least.
    pub(super) fn is_after(&self, word: &str) -> bool {
        word.chars()
            .rev()
            .enumerate()
            .all(|(back, c)| self.at.checked_sub(back + 1).and_then(|at| self.input.get(at)) == Some(&c))
    }

    /// Steps behind the next `word`, or to the end if there is none.
    pub(super) fn read_to(&mut self, word: &str) -> bool {
        while !self.is_done() {
            self.at += 1;
            if self.is_after(word) {
                return true;
            }
        }
        false
    }

    /// Matches one of `words`; those that end with a letter need a boundary after them.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Option<(usize, T)> {
        let found = words
            .iter()
            .filter(|(word, _)| self.at + word.len() <= self.end && self.is_before(word))
            .max_by_key(|(word, _)| word.len())?;
        let length = found.0.len();
        let needs_boundary = found.0.ends_with(is_word);
        if needs_boundary && self.peek_at(length).is_some_and(is_word) {
            return None;
        }
        Some((length, found.1))
    }

    /// Goes one level deeper while `read` runs.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.nesting == MAX_NESTING {
            return Err(self.fault("expression nests too deep"));
        }
        self.nesting += 1;
        let outcome = read(self);
        self.nesting -= 1;
        outcome
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(message.into()).at(Place::of(self.input, self.at), "TokenizationError")
    }

    pub(super) fn fault_at(&self, message: impl Into<String>, at: usize) -> Fault {
        Fault::new(message.into()).at(Place::of(self.input, at), "TokenizationError")
    }

    /// What follows `start`, shortened and quoted for a message.
    pub(super) fn excerpt(&self, start: usize) -> String {
        let text = self.text(start, self.end);
        let length: usize = text.chars().map(char::len_utf16).sum();
        if length <= EXCERPT {
            return quoted(&text);
        }
        let units: Vec<u16> = text.encode_utf16().take(EXCERPT - 3).collect();
        let whole = match units.split_last() {
            // Half of a pair is cut off; JSON spells it as an escape.
            Some((half, whole)) if (0xd800..0xdc00).contains(half) => whole,
            _ => &units,
        };
        let mut shown = quoted(&String::from_utf16_lossy(whole));
        shown.pop();
        for half in &units[whole.len()..] {
            // Writing to memory does not fail.
            let _ = write!(shown, "\\u{half:04x}");
        }
        shown + "...\""
    }
}

/// A text in quotes, as JSON spells it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    write_json_string(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
