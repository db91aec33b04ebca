//! Reading a template's tags.

mod branch;
mod expression;

use std::collections::VecDeque;

pub(super) use expression::scope_value;

use super::ast::{Count, Node, Template};
use super::cursor::{Cursor, quoted};
use super::fault::{Fault, Outcome};
use super::token::{Kind, Token, statements, tokens};

/// Tags that Segment switches off.
const DISABLED: [&str; 6] = ["case", "for", "include", "layout", "render", "tablerow"];

/// Reads a template.
pub(super) fn parse(text: &str) -> Outcome<Template> {
    let input: Vec<char> = text.chars().collect();
    let tokens = tokens(&input)?.into();
    Parser { input: &input, tokens }.template()
}

/// The tokens that are left to read.
struct Parser<'t> {
    input: &'t [char],
    tokens: VecDeque<Token>,
}

impl<'t> Parser<'t> {
    /// Reads all tokens.
    fn template(mut self) -> Outcome<Template> {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.pop_front() {
            nodes.push((self.node(&token)?, token.place(self.input)));
        }
        Ok(nodes.into())
    }

    fn node(&mut self, token: &Token) -> Outcome<Node> {
        let node = match &token.kind {
            Kind::Text => Ok(Node::Text(self.content(token).into())),
            Kind::Output => {
                let mut cursor = Cursor::part(self.input, token.content.0, token.content.1);
                expression::filtered(&mut cursor).map(Node::Output)
            }
            Kind::Tag(name, after) => self.tag(token, name, *after),
        };
        node.map_err(|fault| fault.at(token.place(self.input), "ParseError"))
    }

    fn content(&self, token: &Token) -> String {
        let (start, end) = token.content;
        self.input.get(start..end).unwrap_or_default().iter().collect()
    }

    fn arguments(&self, token: &Token, after: usize) -> Cursor<'t> {
        Cursor::part(self.input, after, token.content.1)
    }

    fn tag(&mut self, token: &Token, name: &str, after: usize) -> Outcome<Node> {
        if DISABLED.contains(&name) {
            return Err(Fault::new(format!("tag \"{name}\" is disabled")));
        }
        let mut cursor = self.arguments(token, after);
        match name {
            "assign" => assign(&mut cursor),
            "capture" => Ok(Node::Capture(captured(&mut cursor)?, self.until("endcapture", token)?)),
            "block" => Ok(Node::Block(self.until("endblock", token)?)),
            "comment" => self.skip_until("endcomment", token).map(|_| Node::Nothing),
            "raw" => self.skip_until("endraw", token).map(|text| Node::Text(text.into())),
            "increment" => Ok(Node::Count(cursor.identifier().into(), Count::Up)),
            "decrement" => Ok(Node::Count(cursor.identifier().into(), Count::Down)),
            "cycle" => self.cycle(token, &mut cursor),
            "if" => self.condition(token, &mut cursor),
            "unless" => self.unless(token, &mut cursor),
            "break" | "continue" => Ok(Node::Stop),
            "echo" if cursor.is_done() => Ok(Node::Nothing),
            "echo" => expression::filtered(&mut cursor).map(Node::Output),
            "liquid" => {
                let tokens = statements(&mut cursor)?.into();
                let inner = Parser {
                    input: self.input,
                    tokens,
                };
                inner.template().map(Node::Group)
            }
            "#" => comment(&cursor.rest()),
            unknown => Err(Fault::new(format!("tag \"{unknown}\" not found"))),
        }
    }

    /// Reads what stands before the tag `end`.
    fn until(&mut self, end: &str, opening: &Token) -> Outcome<Template> {
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.pop_front() {
            if token.is_tag(end) {
                return Ok(nodes.into());
            }
            nodes.push((self.node(&token)?, token.place(self.input)));
        }
        Err(self.not_closed(opening))
    }

    /// Returns the text of what stands before the tag `end`.
    fn skip_until(&mut self, end: &str, opening: &Token) -> Outcome<String> {
        let mut text = String::new();
        while let Some(token) = self.tokens.pop_front() {
            if token.is_tag(end) {
                return Ok(text);
            }
            text.extend(self.input.get(token.start..token.end).unwrap_or_default());
        }
        Err(self.not_closed(opening))
    }

    fn not_closed(&self, opening: &Token) -> Fault {
        let text: String = self.input[opening.start..opening.end].iter().collect();
        Fault::new(format!("tag {text} not closed"))
    }

    fn cycle(&self, token: &Token, cursor: &mut Cursor<'_>) -> Outcome<Node> {
        let mut group = None;
        let mut candidates = Vec::new();
        let first = expression::value(cursor)?;
        cursor.skip_blanks();
        match first {
            Some(value) if cursor.peek() == Some(':') => {
                group = Some(value);
                cursor.at += 1;
            }
            first => candidates.extend(first),
        }
        while !cursor.is_done() {
            candidates.extend(expression::value(cursor)?);
            cursor.read_to(",");
        }
        if candidates.is_empty() {
            let text: String = self.input[token.start..token.end].iter().collect();
            return Err(cursor.fault(format!("empty candidates: \"{text}\"")));
        }
        Ok(Node::Cycle(group, candidates.into()))
    }
}

fn assign(cursor: &mut Cursor<'_>) -> Outcome<Node> {
    let name = cursor.identifier();
    if name.is_empty() {
        return Err(cursor.fault("expected variable name"));
    }
    cursor.skip_blanks();
    if cursor.peek() != Some('=') {
        return Err(cursor.fault("expected \"=\""));
    }
    cursor.at += 1;
    Ok(Node::Assign(name.into(), expression::filtered(cursor)?))
}

/// The name of a capture, in quotes or not.
fn captured(cursor: &mut Cursor<'_>) -> Outcome<Box<str>> {
    let name = cursor.identifier();
    if !name.is_empty() {
        return Ok(name.into());
    }
    match expression::text(cursor) {
        Some(name) => Ok(name.into()),
        None => Err(cursor.fault("invalid capture name")),
    }
}

fn comment(text: &str) -> Outcome<Node> {
    let is_blank = crate::json::number::is_blank;
    let follows = |line: &str| line.trim_start_matches(is_blank).chars().next();
    let rest = text.split('\n').skip(1).map(follows);
    if rest.flatten().any(|first| first != '#') {
        return Err(Fault::new(
            "every line of an inline comment must start with a '#' character",
        ));
    }
    Ok(Node::Nothing)
}

/// Refuses what stands after `else` and `endif`.
fn expect_nothing(rest: &str) -> Outcome<()> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Fault::new(format!("unexpected {}", quoted(rest))))
    }
}
