//! Reading a document's tree: values by key, and a problem for whatever is not as it should be.

use std::cell::RefCell;

use super::place::{self, Mark, field_path, item_path};
use super::tree::{Entry, Kind, Node};
use super::{Problem, Severity, suggestion};

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

/// Proof that a problem was noted: the error of everything that reads a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reported(());

impl Problems {
    /// Notes a problem.
    pub(super) fn note(&self, at: Mark, path: String, message: impl Into<String>, remedy: Option<String>) -> Reported {
        self.push(Severity::Error, at, path, message.into(), remedy);
        Reported(())
    }

    /// Notes what is legal and surely wrong.
    pub(super) fn warn(&self, at: Mark, path: String, message: impl Into<String>, remedy: Option<String>) {
        self.push(Severity::Warning, at, path, message.into(), remedy);
    }

    fn push(&self, severity: Severity, at: Mark, path: String, message: String, remedy: Option<String>) {
        self.0.borrow_mut().push(Problem {
            line: at.line,
            column: at.column,
            length: at.length,
            severity,
            path,
            message,
            remedy,
        });
    }

    /// Returns all problems in the order of the document, each once; `text` is the document.
    pub(super) fn into_sorted(self, text: &str) -> Vec<Problem> {
        let mut problems = self.0.into_inner();
        problems.sort();
        problems.dedup();
        let lines: Vec<&str> = text.lines().collect();
        for problem in &mut problems {
            let line = lines.get(problem.line.saturating_sub(1)).unwrap_or(&"");
            let rest = line.trim_end().chars().count().saturating_sub(problem.column - 1);
            problem.length = problem.length.min(rest).max(1);
        }
        problems
    }
}

/// A value of the document, where it is, and what it is called.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'d> {
    node: &'d Node,
    path: String,
    problems: &'d Problems,
}

impl<'d> Cursor<'d> {
    pub(super) fn root(node: &'d Node, problems: &'d Problems) -> Self {
        Self {
            node,
            path: String::new(),
            problems,
        }
    }

    pub(super) fn node(&self) -> &'d Node {
        self.node
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value's text in quotes, as messages show it.
    pub(super) fn quoted(&self) -> String {
        format!("`{}`", place::shortened(&self.node.text))
    }

    /// Notes a problem of this value.
    pub(super) fn problem(&self, message: impl Into<String>, remedy: Option<String>) -> Reported {
        self.problems.note(self.node.at, self.path.clone(), message, remedy)
    }

    /// Notes what is legal and surely wrong with this value.
    pub(super) fn warning(&self, message: impl Into<String>, remedy: Option<String>) {
        self.problems.warn(self.node.at, self.path.clone(), message, remedy);
    }

    /// Notes what is legal and surely wrong with a part of this value.
    pub(super) fn warning_at(&self, at: Mark, path: String, message: impl Into<String>, remedy: Option<String>) {
        self.problems.warn(at, path, message, remedy);
    }

    /// Notes a problem of a part of this value.
    pub(super) fn problem_at(&self, at: Mark, path: String, message: String, remedy: Option<String>) -> Reported {
        self.problems.note(at, path, message, remedy)
    }

    /// Returns the map that this is; keys other than `known` are problems.
    pub(super) fn object(&self, known: &'static [&'static str]) -> Result<Object<'d>, Reported> {
        let object = self.any_object("a map of keys and values")?;
        for entry in object
            .entries
            .iter()
            .filter(|entry| !known.contains(&entry.key.as_str()))
        {
            let message = format!("`{}` is not a key here", place::shortened(&entry.key));
            let remedy = suggestion::remedy(&entry.key, known);
            self.problems
                .note(entry.key_at, field_path(&self.path, &entry.key), message, Some(remedy));
        }
        Ok(object)
    }

    /// Returns the map that this is, whatever its keys.
    pub(super) fn any_object(&self, expected: &str) -> Result<Object<'d>, Reported> {
        match &self.node.kind {
            Kind::Map(entries) => Ok(Object {
                cursor: self.clone(),
                entries,
            }),
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// Returns the items of the list that this is.
    pub(super) fn list(&self) -> Result<Vec<Self>, Reported> {
        let Kind::List(items) = &self.node.kind else {
            return Err(self.wrong_type("a list"));
        };
        let item = |(index, node)| Self {
            node,
            path: item_path(&self.path, index),
            problems: self.problems,
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Returns the text that this is; empty text is a problem.
    pub(super) fn text(&self) -> Result<&'d str, Reported> {
        match self.node.kind {
            Kind::Text if self.node.text.trim().is_empty() => {
                Err(self.problem("must not be empty", Some("write a value, or remove the key".into())))
            }
            Kind::Text => Ok(&self.node.text),
            _ => Err(self.wrong_type("text")),
        }
    }

    /// Returns the text of any scalar, as it is written but for quotes.
    pub(super) fn scalar(&self) -> Result<&'d str, Reported> {
        match self.node.kind {
            Kind::Bool(_) | Kind::Number(_) | Kind::Text => Ok(&self.node.text),
            _ => Err(self.wrong_type("text")),
        }
    }

    pub(super) fn boolean(&self) -> Result<bool, Reported> {
        match self.node.kind {
            Kind::Bool(value) => Ok(value),
            Kind::Text => {
                // What YAML 1.1 took for booleans is text now.
                let meant = match self.node.text.to_lowercase().as_str() {
                    "yes" | "on" | "true" | "y" => "write `true`, without quotes",
                    "no" | "off" | "false" | "n" => "write `false`, without quotes",
                    _ => "write `true` or `false`",
                };
                Err(self.problem("must be `true` or `false`, but it is text", Some(meant.to_owned())))
            }
            _ => Err(self.wrong_type("`true` or `false`")),
        }
    }

    /// Returns the value that the word stands for; `kind` is what messages call it, with its article.
    pub(super) fn word<T: Copy>(&self, kind: &str, words: &[(&'static str, T)]) -> Result<T, Reported> {
        let text = self.text()?;
        words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.problem(
                    format!("{} is not {kind}", self.quoted()),
                    Some(suggestion::remedy(text, &known)),
                )
            })
    }

    /// Notes that this is not what is expected here. Does not show the value: it may be a secret in the wrong place.
    pub(super) fn wrong_type(&self, expected: &str) -> Reported {
        let (found, remedy) = match &self.node.kind {
            Kind::Null => ("empty", None),
            Kind::Bool(_) => ("a boolean", Some("put it in quotes")),
            Kind::Number(_) => ("a number", Some("put it in quotes")),
            Kind::Text => ("text", None),
            Kind::List(_) => ("a list", None),
            Kind::Map(_) => ("a map", None),
            Kind::Broken => return Reported(()),
        };
        let remedy = match expected {
            "text" => remedy.or(Some(
                "write text here, in quotes if it begins with `{`, `[` or the like",
            )),
            "a list" => Some("write items that begin with `- `, or `[a, b]`"),
            "`true` or `false`" => Some("write `true` or `false`"),
            "one character" => Some("write one character in double quotes, e.g. `\",\"`"),
            "a whole number above 0" => Some("write a number such as `1000`, without quotes"),
            _ if expected.starts_with("a map") => {
                Some("write `key: value` lines below it, indented, or `{key: value}`")
            }
            _ => None,
        };
        let remedy = remedy.map(str::to_owned);
        self.problem(format!("must be {expected}, but it is {found}"), remedy)
    }
}

/// A map of the document.
#[derive(Debug, Clone)]
pub(super) struct Object<'d> {
    cursor: Cursor<'d>,
    entries: &'d [Entry],
}

impl<'d> Object<'d> {
    /// Returns the map as a value.
    pub(super) fn cursor(&self) -> &Cursor<'d> {
        &self.cursor
    }

    /// Returns keys, where they are, and values, in the order of the document.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'d str, Mark, Cursor<'d>)> + '_ {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.key_at, self.value(entry)))
    }

    /// Returns a key's value, or `None` if the key is not there or has no value.
    pub(super) fn get(&self, key: &str) -> Option<Cursor<'d>> {
        self.given(key).filter(|value| value.node.kind != Kind::Null)
    }

    /// Returns a key's value, `null` included, or `None` if the key is not there.
    pub(super) fn given(&self, key: &str) -> Option<Cursor<'d>> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| self.value(entry))
    }

    /// Returns a key's value; its absence is a problem.
    pub(super) fn require(&self, key: &str) -> Result<Cursor<'d>, Reported> {
        match self.given(key) {
            Some(value) if value.node.kind == Kind::Null => Err(value.problem("must have a value", Some(example(key)))),
            Some(value) => Ok(value),
            None => Err(self
                .cursor
                .problem(format!("the key `{key}` is missing"), Some(example(key)))),
        }
    }

    /// Returns what `read` makes of a key's value, or `default` if there is none.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        default: T,
        read: impl FnOnce(&Cursor<'d>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        self.get(key).map_or(Ok(default), |value| read(&value))
    }

    fn value(&self, entry: &'d Entry) -> Cursor<'d> {
        let path = field_path(&self.cursor.path, &entry.key);
        Cursor {
            node: &entry.value,
            path,
            problems: self.cursor.problems,
        }
    }
}

/// What a key that has to be there may look like.
const EXAMPLES: [(&str, &str); 10] = [
    ("sync", "sync: customers"),
    ("source", "source: {extract: customers.csv}"),
    (
        "destination",
        "destination: {write_key: {secret: <id in Secrets Manager>}}",
    ),
    ("mappings", "mappings: [{name: …, action: identify, fields: {…}}]"),
    ("extract", "extract: customers.csv"),
    ("write_key", "write_key: {secret: <id in Secrets Manager>}"),
    ("name", "name: identify-customer"),
    ("action", "action: identify"),
    ("fields", "fields: {user_id: {\"@path\": \"$.properties.id\"}}"),
    ("column", "column: op"),
];

fn example(key: &str) -> String {
    let known = EXAMPLES.into_iter().find(|(known, _)| *known == key);
    known.map_or_else(
        || format!("write a value for `{key}`"),
        |(_, example)| format!("write e.g. `{example}`"),
    )
}
