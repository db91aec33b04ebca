//! A row as the mapping sees it: the text of one JSON object, and where its top-level fields lie in it.

use crate::json::string::key_is;
use crate::shape::Shape;

/// Where one field of a [`Record`] lies in its text, as byte offsets.
///
/// The key is the text between its quotes, escapes included; the value is its JSON text, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte of the key, after its opening quote.
    pub key_start: u32,
    /// One past the last byte of the key: its closing quote.
    pub key_end: u32,
    /// First byte of the value.
    pub value_start: u32,
    /// One past the last byte of the value.
    pub value_end: u32,
}

/// One valid JSON object and the spans of its fields, in the order of the text. Nothing is copied.
///
/// No object in it has a key twice: what does is read as `JSON.parse` reads it before it is a record ([`Index`](crate::Index)).
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    text: &'r str,
    fields: &'r [Span],
    /// `None`: a key at the top may be written with an escape.
    shape: Option<Shape>,
}

impl<'r> Record<'r> {
    /// Returns the record over `text`, a valid JSON object whose top-level fields are exactly `fields`. Keys may be written with
    /// escapes.
    #[must_use]
    pub fn new(text: &'r str, fields: &'r [Span]) -> Self {
        Self::of_shape(text, fields, None)
    }

    /// As [`Record::new`], of a shape, if no key at the top is written with an escape. Then keys are found by their text alone, and in
    /// records of one shape where they were found before.
    #[must_use]
    pub fn of_shape(text: &'r str, fields: &'r [Span], shape: Option<Shape>) -> Self {
        Self { text, fields, shape }
    }

    /// Whether it is known that no key at the top is written with an escape.
    #[must_use]
    pub fn has_plain_keys(&self) -> bool {
        self.shape.is_some()
    }

    /// Returns the shape, where no key at the top is written with an escape.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// Returns the JSON text of the whole object.
    #[must_use]
    pub fn text(&self) -> &'r str {
        self.text
    }

    /// Returns the fields' places, in the order of the text.
    #[must_use]
    pub fn fields(&self) -> &'r [Span] {
        self.fields
    }

    /// Returns the key of a field as it is written: without quotes, with escapes.
    #[must_use]
    pub fn key(&self, field: &Span) -> &'r str {
        &self.text[field.key_start as usize..field.key_end as usize]
    }

    /// Whether the key of a field is written so.
    #[inline]
    pub(crate) fn is_called(&self, field: &Span, written: &str) -> bool {
        let key = field.key_start as usize..field.key_end as usize;
        key.len() == written.len() && self.text.as_bytes().get(key) == Some(written.as_bytes())
    }

    /// Returns the JSON text of the value of the field that is called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'r str> {
        let is_called = |written| {
            if self.has_plain_keys() {
                written == name
            } else {
                key_is(written, name)
            }
        };
        let span = self.fields.iter().find(|span| is_called(self.key(span)))?;
        Some(self.value(span))
    }

    /// Returns the JSON text of a field's value.
    #[must_use]
    pub fn value(&self, field: &Span) -> &'r str {
        &self.text[field.value_start as usize..field.value_end as usize]
    }
}

/// What became of a warehouse row since the last run. The `event` of the event that a mapping sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The record was not there before; also every row of a sync that does not detect changes.
    #[default]
    New,
    /// The record's content differs from the last run.
    Updated,
    /// The record is gone.
    Deleted,
}

impl Change {
    /// Returns the word as it stands in an event: `new`, `updated`, `deleted`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// The event that a mapping sees, over one row.
#[derive(Debug, Clone, Copy)]
pub enum Event<'r> {
    /// A warehouse row: `{"type": "track", "event": <change>, "properties": <record>}`
    /// (Reverse ETL, "event built from a row").
    Row {
        /// What became of the row.
        change: Change,
        /// The row's columns.
        record: Record<'r>,
    },
    /// A line that already is a Segment event.
    Whole(Record<'r>),
}
