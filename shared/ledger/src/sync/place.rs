//! Places in a document: marks of lines and columns, and paths as people read them.

use std::collections::BTreeMap;

use saphyr_parser::{Marker, Span};

use super::reader::Cursor;

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    /// How many characters of the line it takes; [`TO_THE_END`] for the rest of the line.
    pub(super) length: usize,
}

/// The length of what goes on in the next line.
pub(super) const TO_THE_END: usize = usize::MAX;

impl Mark {
    /// Returns the place up to where another one begins.
    pub(super) fn until(self, end: Marker) -> Self {
        let length = if end.line() == self.line {
            (end.col() + 1).saturating_sub(self.column).max(1)
        } else {
            TO_THE_END
        };
        Self { length, ..self }
    }

    /// Returns the place of a list or map that ends there: all of it on one line, else where it begins.
    pub(super) fn closed_at(self, end: Marker) -> Self {
        if end.line() == self.line { self.until(end) } else { self }
    }
}

impl From<Marker> for Mark {
    fn from(marker: Marker) -> Self {
        Self {
            line: marker.line(),
            column: marker.col() + 1,
            length: 1,
        }
    }
}

impl From<Span> for Mark {
    fn from(span: Span) -> Self {
        Self::from(span.start).until(span.end)
    }
}

/// Longest key, in characters, that a path shows whole.
const SHOWN: usize = 64;

/// Returns `text` cut to what a message can show.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the path of the field `key` of what is at `path`.
pub(super) fn field_path(path: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '@' | '$');
    if key.is_empty() || !key.chars().all(plain) {
        return format!("{path}[{:?}]", shortened(key));
    }
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{}", shortened(key))
}

/// Returns the path of the item `index` of the list at `path`.
pub(super) fn item_path(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// Where the parts of a value are, by JSON pointer.
#[derive(Debug, Default)]
pub(super) struct Places {
    values: BTreeMap<String, (Mark, String)>,
    keys: BTreeMap<String, Mark>,
}

impl Places {
    /// Notes where the part at `pointer` is, as a mark and as a path.
    pub(super) fn note(&mut self, pointer: String, mark: Mark, path: String) {
        self.values.insert(pointer, (mark, path));
    }

    /// Notes where the key of the part at `pointer` is.
    pub(super) fn note_key(&mut self, pointer: String, mark: Mark) {
        self.keys.insert(pointer, mark);
    }

    /// Returns the place of the key of the part at `pointer`.
    pub(super) fn key(&self, pointer: &str) -> Option<Mark> {
        self.keys.get(pointer).copied()
    }

    /// Returns the place of the part at `pointer`, as a mark and as a path, or of the nearest around it; the value itself if
    /// there is none.
    pub(super) fn find_in(&self, pointer: &str, value: &Cursor<'_>) -> (Mark, String) {
        let place = self.find(pointer).cloned();
        place.unwrap_or_else(|| (value.node().at, value.path().to_owned()))
    }

    /// Returns the place of the part at `pointer` or, if there is no such part, of the nearest one around it.
    fn find(&self, pointer: &str) -> Option<&(Mark, String)> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.values.get(pointer) {
                return Some(place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// Returns the JSON pointer of the part `token` of what is at `pointer`.
pub(super) fn pointer_to(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_quote_keys_that_are_no_words() {
        assert_eq!(field_path("", "source"), "source");
        assert_eq!(field_path("fields", "@path"), "fields.@path");
        assert_eq!(field_path("fields", "a b"), "fields[\"a b\"]");
        assert!(field_path("", &"x".repeat(1000)).chars().count() < 70);
    }

    fn mark(line: usize, column: usize) -> Mark {
        Mark {
            line,
            column,
            length: 1,
        }
    }

    #[test]
    fn missing_part_is_placed_at_the_nearest_around_it() {
        let mut places = Places::default();
        places.note(String::new(), mark(1, 1), "fields".into());
        places.note(pointer_to("", "a/b"), mark(2, 3), "fields[\"a/b\"]".into());
        assert_eq!(places.find("/a~1b/@case/operator").unwrap().0, mark(2, 3));
        assert_eq!(places.find("/other").unwrap().0, mark(1, 1));
    }
}
