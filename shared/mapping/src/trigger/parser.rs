//! Tokens to nodes, as Segment's subscription parser reads them (segmentio/action-destinations,
//! `destination-subscriptions`), which is not as the documentation of FQL says.
//!
//! It looks for what it knows and skips the rest, the last `and` or `or` of a level governs all of that level, and a
//! parenthesis ends at the next `)`, even if that is a function's.

use super::ast::{Node, Place, Test};
use super::error::FqlError;
use super::operand;
use super::root::Root;
use super::token::{END_TEXT, Kind, Token};

/// Reads the tokens of a whole trigger.
///
/// # Errors
/// What Segment's parser fails on: incomplete conditions, parentheses inside parentheses, and no condition at all.
pub(super) fn parse(tokens: &[Token]) -> Result<Node, FqlError> {
    let end = Token {
        kind: Kind::End,
        text: END_TEXT.to_owned(),
        column: 0,
    };
    match level(&mut Cursor {
        rest: tokens,
        after: Some(&end),
        end: &end,
    })? {
        Some(node @ (Node::All(_) | Node::Any(_))) => Ok(node),
        Some(node) => Ok(Node::All(vec![node])),
        None => Err(FqlError::NoCondition),
    }
}

/// Reads one level; none when there is no condition in it.
fn level(cursor: &mut Cursor<'_>) -> Result<Option<Node>, FqlError> {
    let mut nodes: Vec<Option<Node>> = Vec::new();
    let mut any = false;
    while let Some(token) = cursor.next().filter(|token| token.kind != Kind::End) {
        match token.kind {
            Kind::Name => nodes.extend(named(token, cursor)?.map(Some)),
            Kind::Operator if token.text == "!" => {
                if let Some(name) = cursor.next_if(|next| Function::of(next).is_some()) {
                    nodes.extend(call(name, cursor, true)?.map(Some));
                }
            }
            Kind::Open => nodes.push(group(token, cursor)?),
            Kind::Conditional => any = token.text == "or",
            _ => {}
        }
    }
    if nodes.len() < 2 {
        return Ok(nodes.pop().flatten());
    }
    // Among others, a parenthesis without a condition is one on which evaluation fails.
    let nodes = nodes.into_iter().map(|node| node.unwrap_or(Node::Broken)).collect();
    Ok(Some(if any { Node::Any(nodes) } else { Node::All(nodes) }))
}

/// Reads what a name starts: a comparison, a function's call, or nothing.
fn named(token: &Token, cursor: &mut Cursor<'_>) -> Result<Option<Node>, FqlError> {
    let Some(root) = Root::of_comparison(&token.text) else {
        return call(token, cursor, false);
    };
    let missing = |expected| FqlError::Incomplete {
        column: token.column,
        expected,
    };
    let operator = cursor.next().ok_or_else(|| missing("an operator"))?;
    let value = cursor.next().ok_or_else(|| missing("an operator and a value"))?;
    Ok(Some(
        root.node(&token.text, operand::comparison(root, &operator.text, value)),
    ))
}

fn group(open: &Token, cursor: &mut Cursor<'_>) -> Result<Option<Node>, FqlError> {
    let mut inside = cursor
        .until_close()
        .ok_or(FqlError::Parenthesis { column: open.column })?;
    level(&mut inside)
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Contains,
    Match,
}

impl Function {
    fn of(token: &Token) -> Option<Self> {
        match (token.kind, token.text.as_str()) {
            (Kind::Name, "contains") => Some(Self::Contains),
            (Kind::Name, "match") => Some(Self::Match),
            _ => None,
        }
    }

    /// `match` knows a star at the end of a string; anything else is an ending, after whatever its first character is.
    fn test(self, value: &Token, negated: bool) -> Test {
        let pattern = operand::text(value);
        match self {
            Self::Contains => Test::pattern(Place::Anywhere, pattern, negated),
            Self::Match if value.text.ends_with("*\"") => {
                let mut start = pattern.chars();
                start.next_back();
                Test::pattern(Place::Start, start.as_str(), negated)
            }
            Self::Match => {
                let mut end = pattern.chars();
                let place = match end.next().map(|first| first.encode_utf16(&mut [0; 2]).get(1).copied()) {
                    Some(Some(half)) => Place::EndAfter(half),
                    _ => Place::End,
                };
                Test::pattern(place, end.as_str(), negated)
            }
        }
    }
}

/// Reads a function's arguments by their places, whatever the tokens between them are. Nothing comes of a function
/// on a field that Segment's parser does not know.
fn call(name: &Token, cursor: &mut Cursor<'_>, negated: bool) -> Result<Option<Node>, FqlError> {
    let Some(function) = Function::of(name) else {
        return Ok(None);
    };
    let missing = |expected| FqlError::Incomplete {
        column: name.column,
        expected,
    };
    cursor.next();
    let field = cursor.next().ok_or_else(|| missing("`(`, a field, `,` and a text"))?;
    cursor.next();
    let value = cursor.next().ok_or_else(|| missing("`,` and a text"))?;
    cursor.next();
    Ok(Root::of_argument(&field.text).map(|root| root.node(&field.text, function.test(value, negated))))
}

/// Walks over the tokens of a level. After the last one comes an end, once, which Segment's parser may take for
/// an operator or a value.
struct Cursor<'t> {
    rest: &'t [Token],
    after: Option<&'t Token>,
    end: &'t Token,
}

impl<'t> Cursor<'t> {
    fn next(&mut self) -> Option<&'t Token> {
        let Some((first, rest)) = self.rest.split_first() else {
            return self.after.take();
        };
        self.rest = rest;
        Some(first)
    }

    fn next_if(&mut self, wanted: impl FnOnce(&Token) -> bool) -> Option<&'t Token> {
        let first = self.rest.first()?;
        wanted(first).then(|| self.next()).flatten()
    }

    /// Takes everything up to the next `)`, and the `)` itself.
    fn until_close(&mut self) -> Option<Self> {
        let length = self.rest.iter().position(|token| token.kind == Kind::Close)?;
        let inside = Self {
            rest: &self.rest[..length],
            after: Some(self.end),
            end: self.end,
        };
        self.rest = &self.rest[length + 1..];
        Some(inside)
    }
}
