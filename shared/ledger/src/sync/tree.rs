//! A YAML document as a tree in which every node knows its place.

use saphyr_parser::{Parser, ScanError, StrInput};
use serde_json::Number;

use super::place::Mark;
use super::reader::{Problems, Reported};
use super::surrogate;
use super::syntax::SyntaxError;

mod builder;

use builder::Builder;

/// A part of the document.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it begins.
    pub(super) at: Mark,
    /// What it is.
    pub(super) kind: Kind,
    /// A scalar's text, quotes and escapes resolved; empty for lists and maps.
    pub(super) text: String,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text,
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Something that was reported as a problem already.
    Broken,
}

/// One key of a map and its value. Keys are unique.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_at: Mark,
    pub(super) value: Node,
}

/// Nodes are equal if their contents are, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text
    }
}

impl Node {
    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::List(items) => items.iter().map(Self::count).sum(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
            _ => 0,
        }
    }
}

/// Returns the root of the document in `text`.
pub(super) fn parse(text: &str, problems: &Problems) -> Result<Node, Reported> {
    let mut builder = Builder::new(problems);
    let text = surrogate::joined(text);
    let parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(&text);
    for event in parser {
        let (event, span) = event.map_err(|error| not_yaml(&text, &error, problems))?;
        builder.take(event, span)?;
    }
    builder.finish().ok_or_else(|| {
        let remedy = "begin with `sync: <name>`";
        problems.note(
            Mark {
                line: 1,
                column: 1,
                length: 1,
            },
            String::new(),
            "the document is empty",
            Some(remedy.into()),
        )
    })
}

fn not_yaml(text: &str, error: &ScanError, problems: &Problems) -> Reported {
    let SyntaxError { at, message, remedy } = SyntaxError::new(text, error);
    problems.note(at, String::new(), message, Some(remedy))
}
