//! `nil`, `empty` and `blank` as templates spell them: values that compare in ways of their own.

use crate::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Nil,
    Empty,
    Blank,
}

// Objects without a visible field, as they are in the reference; known by their addresses.
static NIL: [(&str, Value<'static>); 1] = [("nil", Value::Undefined)];
static EMPTY: [(&str, Value<'static>); 1] = [("empty", Value::Undefined)];
static BLANK: [(&str, Value<'static>); 1] = [("blank", Value::Undefined)];

impl Special {
    pub(super) fn value(self) -> Value<'static> {
        Value::Object(match self {
            Self::Nil => &NIL,
            Self::Empty => &EMPTY,
            Self::Blank => &BLANK,
        })
    }

    pub(super) fn of(value: &Value<'_>) -> Option<Self> {
        let Value::Object(fields) = value else { return None };
        let is = |special: &'static [(&str, Value<'static>)]| fields.len() == 1 && fields.as_ptr() == special.as_ptr();
        if is(&NIL) {
            Some(Self::Nil)
        } else if is(&EMPTY) {
            Some(Self::Empty)
        } else {
            is(&BLANK).then_some(Self::Blank)
        }
    }
}

/// Returns what a value is to most filters: `null` for nil, nothing but text for empty and blank.
pub(super) fn plain(value: Value<'_>) -> Value<'_> {
    match Special::of(&value) {
        Some(Special::Nil) => Value::Null,
        Some(Special::Empty | Special::Blank) => Value::Text(""),
        None => value,
    }
}
