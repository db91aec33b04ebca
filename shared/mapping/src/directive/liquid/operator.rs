//! Operators and what they say of two values.

use std::cmp::Ordering;

use super::fault::Outcome;
use super::runtime::Runtime;
use super::special::{Special, plain};
use crate::Value;
use crate::json::number::{self, is_blank};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Greater,
    Less,
    NotLess,
    NotGreater,
    Contains,
    Not,
    And,
    Or,
}

pub(super) const OPERATORS: [(&str, Operator); 10] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    (">=", Operator::NotLess),
    ("<=", Operator::NotGreater),
    ("contains", Operator::Contains),
    ("not", Operator::Not),
    ("and", Operator::And),
    ("or", Operator::Or),
];

impl Operator {
    pub(super) fn precedence(self) -> u8 {
        match self {
            Self::And | Self::Or => 0,
            Self::Not => 1,
            _ => 2,
        }
    }
}

/// A value that is compared by size.
enum Primitive<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> Runtime<'a> {
    /// Applies an operator; both operands are known by then, so nothing is short-circuited.
    pub(super) fn apply(&self, operator: Operator, left: Value<'a>, right: Value<'a>) -> Outcome<bool> {
        Ok(match operator {
            Operator::Equal => self.equal(left, right)?,
            Operator::Unequal => !self.equal(left, right)?,
            Operator::Greater => self.order(left, right)? == Some(Ordering::Greater),
            Operator::Less => self.order(left, right)? == Some(Ordering::Less),
            Operator::NotLess => matches!(self.order(left, right)?, Some(Ordering::Greater | Ordering::Equal)),
            Operator::NotGreater => matches!(self.order(left, right)?, Some(Ordering::Less | Ordering::Equal)),
            Operator::Contains => self.contains(left, right)?,
            Operator::Not => !is_true(right),
            Operator::And => is_true(left) && is_true(right),
            Operator::Or => is_true(left) || is_true(right),
        })
    }

    pub(super) fn equal(&self, left: Value<'a>, right: Value<'a>) -> Outcome<bool> {
        self.step(1)?;
        match (Special::of(&left), Special::of(&right)) {
            (Some(special), _) => return Ok(self.is_special(special, right)),
            (None, Some(special)) => return Ok(self.is_special(special, left)),
            (None, None) => {}
        }
        let (Some(left_items), Some(right_items)) = (left.items(self.arena), right.items(self.arena)) else {
            return Ok(self.same(left, right));
        };
        if left_items.len() != right_items.len() {
            return Ok(false);
        }
        for (left, right) in left_items.iter().zip(right_items) {
            if !self.equal(*left, *right)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a value counts as nil, empty or blank.
    fn is_special(&self, special: Special, value: Value<'a>) -> bool {
        let other = Special::of(&value);
        let is_nothing = plain(value).is_nullish();
        match special {
            Special::Nil => is_nothing,
            Special::Blank if is_nothing || matches!(value, Value::Bool(false)) => true,
            _ if matches!(other, Some(Special::Empty | Special::Blank)) => false,
            _ => match value.text_in(self.arena) {
                Some(text) if special == Special::Blank => text.chars().all(is_blank),
                Some(text) => text.is_empty(),
                None => self.is_hollow(value),
            },
        }
    }

    fn is_hollow(&self, value: Value<'a>) -> bool {
        let items = value.items(self.arena).map(<[_]>::len);
        items.or_else(|| value.entries(self.arena).map(<[_]>::len)) == Some(0)
    }

    /// Strict equality: objects are equal to themselves only.
    fn same(&self, left: Value<'a>, right: Value<'a>) -> bool {
        match (left, right) {
            (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Raw(left), Value::Raw(right)) => std::ptr::eq(left, right),
            (Value::Object(left), Value::Object(right)) => std::ptr::eq(left, right),
            (Value::Record(left), Value::Record(right)) => std::ptr::eq(left.text(), right.text()),
            _ => {
                let numbers = left.as_f64().zip(right.as_f64());
                let text = left.text_in(self.arena);
                #[expect(clippy::float_cmp, reason = "the reference compares exactly")]
                let is_number = numbers.is_some_and(|(left, right)| left == right);
                is_number || (text.is_some() && text == right.text_in(self.arena))
            }
        }
    }

    fn contains(&self, whole: Value<'a>, part: Value<'a>) -> Outcome<bool> {
        if let Some(items) = whole.items(self.arena) {
            for item in items {
                if self.equal(*item, part)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match plain(whole).text_in(self.arena) {
            Some(text) => Ok(text.contains(self.string(plain(part))?)),
            None => Ok(false),
        }
    }

    /// Which is greater; nothing for what JavaScript cannot compare, and for nil, empty and blank.
    fn order(&self, left: Value<'a>, right: Value<'a>) -> Outcome<Option<Ordering>> {
        if Special::of(&left).or(Special::of(&right)).is_some() {
            return Ok(None);
        }
        self.compare(left, right)
    }

    /// JavaScript's comparison of any two values.
    pub(super) fn compare(&self, left: Value<'a>, right: Value<'a>) -> Outcome<Option<Ordering>> {
        let number = |primitive: Primitive<'_>| match primitive {
            Primitive::Text(text) => number::from_text(text),
            Primitive::Number(number) => number,
        };
        Ok(match (self.primitive(left)?, self.primitive(right)?) {
            (Primitive::Text(left), Primitive::Text(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
            (left, right) => number(left).partial_cmp(&number(right)),
        })
    }

    fn primitive(&self, value: Value<'a>) -> Outcome<Primitive<'a>> {
        let value = plain(value);
        Ok(match value {
            Value::Undefined => Primitive::Number(f64::NAN),
            Value::Null => Primitive::Number(0.0),
            Value::Bool(value) => Primitive::Number(f64::from(u8::from(value))),
            _ => match value.as_f64() {
                Some(number) => Primitive::Number(number),
                None => Primitive::Text(self.string(value)?),
            },
        })
    }
}

/// Whether Liquid takes a value for true: all but `false` and nothing.
pub(super) fn is_true(value: Value<'_>) -> bool {
    let value = plain(value);
    !value.is_nullish() && !matches!(value, Value::Bool(false))
}
