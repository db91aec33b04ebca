//! A template's tags, outputs and the text between them, with blanks beside `-` removed.

use super::character::is_blank;
use super::cursor::Cursor;
use super::fault::{Outcome, Place};

/// A part of a template. `start..end` is all of it, delimiters included.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where its content is.
    pub(super) content: (usize, usize),
    trim: (bool, bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Output,
    /// A tag's name and the place after it.
    Tag(String, usize),
}

impl Token {
    /// A token with delimiters of `width` characters; `-` inside of them asks for trimming.
    fn delimited(input: &[char], start: usize, end: usize, width: usize) -> Self {
        let (from, to) = (start + width, end.saturating_sub(width));
        let trim_left = input.get(from) == Some(&'-');
        let trim_right = to.checked_sub(1).and_then(|at| input.get(at)) == Some(&'-');
        let mut left = from + usize::from(trim_left);
        let mut right = to.saturating_sub(usize::from(trim_right));
        while left < right && input.get(left).is_some_and(|&c| is_blank(c)) {
            left += 1;
        }
        while right > left && input.get(right - 1).is_some_and(|&c| is_blank(c)) {
            right -= 1;
        }
        Self {
            kind: Kind::Output,
            start,
            end,
            content: (left, right),
            trim: (trim_left, trim_right),
        }
    }

    fn tag(input: &[char], start: usize, end: usize, width: usize) -> Outcome<Self> {
        let mut token = Self::delimited(input, start, end, width);
        let mut cursor = Cursor::part(input, token.content.0, token.content.1);
        cursor.skip_blanks();
        let name = if input.get(cursor.at) == Some(&'#') {
            cursor.at += 1;
            "#".to_owned()
        } else {
            cursor.identifier()
        };
        if name.is_empty() {
            let what = if width == 0 {
                "illegal liquid tag syntax"
            } else {
                "illegal tag syntax, tag name expected"
            };
            return Err(cursor.fault(what));
        }
        cursor.skip_blanks();
        token.kind = Kind::Tag(name, cursor.at);
        Ok(token)
    }

    fn text(start: usize, end: usize) -> Self {
        Self {
            kind: Kind::Text,
            start,
            end,
            content: (start, end),
            trim: (false, false),
        }
    }

    pub(super) fn is_tag(&self, wanted: &str) -> bool {
        matches!(&self.kind, Kind::Tag(name, _) if name == wanted)
    }

    pub(super) fn place(&self, input: &[char]) -> Place {
        Place::of(input, self.start)
    }
}

/// Takes a template apart.
pub(super) fn tokens(input: &[char]) -> Outcome<Vec<Token>> {
    let mut cursor = Cursor::new(input);
    let mut tokens = Vec::new();
    let mut raw = None;
    while !cursor.is_done() {
        let token = match raw {
            Some(start) => raw_or_end(&mut cursor, start)?,
            None => token(&mut cursor)?,
        };
        if token.is_tag("raw") {
            raw = Some(token.start);
        } else if token.is_tag("endraw") {
            raw = None;
        }
        tokens.push(token);
    }
    trim(input, &mut tokens);
    Ok(tokens)
}

fn token(cursor: &mut Cursor<'_>) -> Outcome<Token> {
    let start = cursor.at;
    if cursor.is_before("{%") {
        if !cursor.read_to("%}") {
            return Err(cursor.fault_at(format!("tag {} not closed", cursor.excerpt(start)), start));
        }
        return Token::tag(cursor.input, start, cursor.at, 2);
    }
    if cursor.is_before("{{") {
        if !read_output(cursor) {
            return Err(cursor.fault_at(format!("output {} not closed", cursor.excerpt(start)), start));
        }
        return Ok(Token::delimited(cursor.input, start, cursor.at, 2));
    }
    while !cursor.is_done() && !cursor.is_before("{%") && !cursor.is_before("{{") {
        cursor.at += 1;
    }
    Ok(Token::text(start, cursor.at))
}

/// Steps behind the end of an output; ends inside of quotes do not count.
fn read_output(cursor: &mut Cursor<'_>) -> bool {
    while let Some(c) = cursor.peek() {
        if c == '"' || c == '\'' {
            skip_quoted(cursor);
            continue;
        }
        cursor.at += 1;
        if cursor.is_after("}}") {
            return true;
        }
    }
    false
}

/// Steps behind a text in quotes, or to the end if it is not closed.
pub(super) fn skip_quoted(cursor: &mut Cursor<'_>) {
    let quote = cursor.read();
    let mut escaped = false;
    while !cursor.is_done() {
        let c = cursor.read();
        if c == quote && !escaped {
            break;
        }
        escaped = !escaped && c == Some('\\');
    }
}

/// Inside of `raw`: all up to its end, then the end itself.
fn raw_or_end(cursor: &mut Cursor<'_>, raw_start: usize) -> Outcome<Token> {
    let start = cursor.at;
    let tag_start = |cursor: &mut Cursor<'_>| cursor.read_to("{%").then(|| cursor.at - 2);
    let mut left = tag_start(cursor);
    while !cursor.is_done() {
        if cursor.identifier() != "endraw" {
            left = tag_start(cursor);
            continue;
        }
        while cursor.at <= cursor.end {
            if cursor.is_after("%}") {
                let left = left.unwrap_or(start);
                if start == left {
                    return Token::tag(cursor.input, start, cursor.at, 2);
                }
                cursor.at = left;
                return Ok(Token::text(start, left));
            }
            if cursor.is_after("{%") {
                break;
            }
            cursor.at += 1;
        }
    }
    Err(cursor.fault_at(format!("raw {} not closed", cursor.excerpt(raw_start)), start))
}

/// Takes blanks from texts beside tags and outputs that ask for it, except inside of `raw`.
fn trim(input: &[char], tokens: &mut [Token]) {
    let mut in_raw = false;
    for at in 0..tokens.len() {
        let (left, right) = tokens[at].trim;
        if left && !in_raw && at > 0 {
            trim_end(input, &mut tokens[at - 1]);
        }
        if tokens[at].is_tag("raw") {
            in_raw = true;
        } else if tokens[at].is_tag("endraw") {
            in_raw = false;
        }
        if right && !in_raw && at + 1 < tokens.len() {
            trim_start(input, &mut tokens[at + 1]);
        }
    }
}

fn trim_end(input: &[char], token: &mut Token) {
    if token.kind == Kind::Text {
        let (start, end) = token.content;
        let kept = input[start.min(end)..end].iter().rposition(|&c| !is_blank(c));
        token.content.1 = kept.map_or(start, |last| start + last + 1);
    }
}

fn trim_start(input: &[char], token: &mut Token) {
    if token.kind == Kind::Text {
        let (start, end) = token.content;
        let first = input[start..end].iter().position(|&c| !is_blank(c));
        token.content.0 = first.map_or(end, |first| start + first);
    }
}

/// The statements of a `liquid` tag, one a line.
pub(super) fn statements(cursor: &mut Cursor<'_>) -> Outcome<Vec<Token>> {
    let mut tokens = Vec::new();
    while !cursor.is_done() {
        cursor.skip_blanks();
        if cursor.is_done() {
            break;
        }
        let start = cursor.at;
        cursor.read_to("\n");
        tokens.push(Token::tag(cursor.input, start, cursor.at, 0)?);
    }
    Ok(tokens)
}
