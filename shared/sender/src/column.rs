//! One column of a row, looked up by name.

use std::borrow::Cow;

use mapping::{Record, write_json_string};

/// A column's name, spelled once as rows spell their keys.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    name: String,
    key: String,
}

impl Column {
    pub(crate) fn new(name: &str) -> Self {
        let mut key = Vec::with_capacity(name.len() + 2);
        write_json_string(name, &mut key);
        let key = String::from_utf8_lossy(&key);
        Self {
            name: name.to_owned(),
            key: key[1..key.len() - 1].to_owned(),
        }
    }

    /// Returns the name as people write it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the column's value as JSON text; `None` if the row has no such column. The last of several counts.
    pub(crate) fn value<'r>(&self, record: &Record<'r>) -> Option<&'r str> {
        record
            .fields()
            .iter()
            .rev()
            .find(|field| record.key(field) == self.key)
            .map(|field| record.value(field))
    }
}

/// Returns what a JSON value says as text: a string's content, anything else as it is spelled.
pub(crate) fn plain(json: &str) -> Cow<'_, str> {
    if json.starts_with('"') {
        serde_json::from_str(json).unwrap_or(Cow::Borrowed(json))
    } else {
        Cow::Borrowed(json)
    }
}
