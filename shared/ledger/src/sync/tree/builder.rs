//! From the parser's events to a tree.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, ScalarStyle, Span, Tag};

use super::{Entry, Kind, Node};
use crate::sync::place::{Mark, field_path, item_path, shortened};
use crate::sync::reader::{Problems, Reported};
use crate::sync::scalar;

/// Most levels of lists and maps in each other; a mapping's directives need far fewer.
const MAX_DEPTH: usize = 64;

/// Most nodes in a document, what aliases repeat included: a small text cannot grow to fill the memory.
const MAX_NODES: usize = 100_000;

/// Makes a tree of the parser's events.
pub(super) struct Builder<'p> {
    problems: &'p Problems,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

/// A list or map that is not closed yet.
struct Frame {
    at: Mark,
    anchor: usize,
    kind: Kind,
    /// The key that waits for its value.
    key: Option<(String, Mark)>,
}

impl<'p> Builder<'p> {
    pub(super) fn new(problems: &'p Problems) -> Self {
        Self {
            problems,
            stack: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            documents: 0,
            root: None,
        }
    }

    /// Returns the document's root, or `None` if it has none.
    pub(super) fn finish(self) -> Option<Node> {
        self.root
    }

    /// Takes the next event; an error ends reading.
    pub(super) fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Reported> {
        let at = Mark::from(span);
        match event {
            Event::DocumentStart(_) => self.open_document(at),
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), at);
                self.close(node, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Kind::List(Vec::new()), span.start.into(), anchor, tag.as_deref())
            }
            Event::MappingStart(anchor, tag) => {
                self.open(Kind::Map(Vec::new()), span.start.into(), anchor, tag.as_deref())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(frame) => self.close(
                    Node {
                        at: frame.at.closed_at(span.end),
                        kind: frame.kind,
                        text: String::new(),
                    },
                    frame.anchor,
                ),
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let node = self.alias(anchor, at);
                self.close(node, 0)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn open_document(&mut self, at: Mark) -> Result<(), Reported> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        Err(self.problem(at, "a second document begins here", "keep one sync in a file"))
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Mark) -> Node {
        let plain = style == ScalarStyle::Plain && tag.is_none_or(|tag| !is_core(tag, "str"));
        let kind = if plain { scalar::resolve(text) } else { Some(Kind::Text) };
        let kind = kind.unwrap_or_else(|| {
            let message = format!("`{}` is a number that JSON does not have", shortened(text));
            self.problem(at, message, "put it in quotes if it is text");
            Kind::Broken
        });
        let fits = tag.is_none_or(|tag| match kind {
            Kind::Null => is_core(tag, "null"),
            Kind::Bool(_) => is_core(tag, "bool"),
            Kind::Number(_) => is_core(tag, "int") || is_core(tag, "float"),
            _ => is_core(tag, "str"),
        });
        if !fits {
            self.problem(
                at,
                "this tag has no meaning here",
                "remove the tag (the word after `!`), or put text that begins with `!` in single quotes",
            );
        }
        Node {
            at,
            kind,
            text: text.to_owned(),
        }
    }

    fn open(&mut self, kind: Kind, at: Mark, anchor: usize, tag: Option<&Tag>) -> Result<(), Reported> {
        let own = if matches!(kind, Kind::List(_)) { "seq" } else { "map" };
        if tag.is_some_and(|tag| !is_core(tag, own)) {
            self.problem(
                at,
                "this tag has no meaning here",
                "remove the tag (the word after `!`), or put text that begins with `!` in single quotes",
            );
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.problem(
                at,
                format!("more than {MAX_DEPTH} levels in each other"),
                "flatten the document",
            ));
        }
        self.stack.push(Frame {
            at,
            anchor,
            kind,
            key: None,
        });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Mark) -> Node {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            self.problem(
                at,
                "an alias cannot stand inside of what it repeats",
                "write the value out",
            );
            return Node {
                at,
                kind: Kind::Broken,
                text: String::new(),
            };
        };
        // What it repeats was counted once, where it is written.
        self.nodes += node.count();
        node
    }

    /// Puts a whole node where it belongs: into the list or map that is open, or at the root.
    fn close(&mut self, mut node: Node, anchor: usize) -> Result<(), Reported> {
        if let Kind::Map(entries) = &mut node.kind {
            self.refuse_repeated_keys(entries);
        }
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, repeated ones included");
            return Err(self.problem(node.at, message, "write a smaller document"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(Frame { kind, key, .. }) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (kind, key.take()) {
            (Kind::List(items), _) => items.push(node),
            (Kind::Map(entries), Some((key, key_at))) => entries.push(Entry {
                key,
                key_at,
                value: node,
            }),
            (_, _) => {
                let key_at = node.at;
                *key = Some((node.text.clone(), key_at));
                self.check_key(&node);
            }
        }
        Ok(())
    }

    fn check_key(&self, key: &Node) {
        if matches!(key.kind, Kind::List(_) | Kind::Map(_)) {
            self.problem(
                key.at,
                "a key must be a word, not a list or a map",
                "put text that begins with `{` or `[` in quotes",
            );
        } else if key.text == "<<" {
            self.problem(
                key.at,
                "merge keys (`<<`) are not read",
                "write the keys out, or use an alias for the whole value",
            );
        }
    }

    fn refuse_repeated_keys(&self, entries: &mut Vec<Entry>) {
        let mut seen = HashSet::with_capacity(entries.len());
        entries.retain(|entry| {
            let new = seen.insert(entry.key.clone());
            if !new {
                let message = format!("the key `{}` is there twice", shortened(&entry.key));
                self.problem(entry.key_at, message, "keep one of them");
            }
            new
        });
    }

    fn problem(&self, at: Mark, message: impl Into<String>, remedy: &str) -> Reported {
        self.problems.note(at, self.path(), message, Some(remedy.to_owned()))
    }

    /// Returns where reading is: the key or index under way in each list and map that is open.
    fn path(&self) -> String {
        self.stack
            .iter()
            .fold(String::new(), |path, frame| match (&frame.kind, &frame.key) {
                (Kind::List(items), _) => item_path(&path, items.len()),
                (_, Some((key, _))) => field_path(&path, key),
                (_, None) => path,
            })
    }
}

fn is_core(tag: &Tag, suffix: &str) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == suffix
}
