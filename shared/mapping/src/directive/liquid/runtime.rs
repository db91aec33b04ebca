//! What rendering and filters share: the arena, the budget, and conversions within it.

use std::borrow::Cow;

use bumpalo::Bump;
use bumpalo::collections::{String, Vec};

use super::budget::Budget;
use super::fault::Outcome;
use super::special::plain;
use super::unit;
use crate::Value;
use crate::json::number;
use crate::json::order::array_index;

#[derive(Debug)]
pub(super) struct Runtime<'a> {
    pub(super) arena: &'a Bump,
    budget: Budget,
}

impl<'a> Runtime<'a> {
    pub(super) fn new(arena: &'a Bump) -> Self {
        Self {
            arena,
            budget: Budget::default(),
        }
    }

    pub(super) fn step(&self, count: usize) -> Outcome<()> {
        self.budget.step(count as u64)
    }

    /// Counts bytes of text that are looked at.
    pub(super) fn scan(&self, bytes: usize) -> Outcome<()> {
        self.budget.scan(bytes as u64)
    }

    /// Counts bytes that are built, or about to be.
    pub(super) fn build(&self, bytes: usize) -> Outcome<()> {
        self.budget.build(bytes as u64)?;
        self.budget.scan(bytes as u64)
    }

    /// Counts an array's memory.
    pub(super) fn build_items(&self, count: usize) -> Outcome<()> {
        self.build(count.saturating_mul(size_of::<Value<'a>>()))
    }

    /// Keeps an array in the arena.
    pub(super) fn array(&self, items: impl ExactSizeIterator<Item = Value<'a>>) -> Outcome<Value<'a>> {
        self.build_items(items.len())?;
        Ok(Value::Array(Vec::from_iter_in(items, self.arena).into_bump_slice()))
    }

    /// Keeps a text in the arena.
    pub(super) fn text(&self, text: &str) -> Outcome<Value<'a>> {
        self.build(text.len())?;
        Ok(Value::Text(self.arena.alloc_str(&unit::joined(text))))
    }

    /// A text that was put together in the arena.
    pub(super) fn joined(&self, text: &'a str) -> &'a str {
        match unit::joined(text) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        }
    }

    /// What Liquid writes of a value: nothing for nothing, arrays without separators.
    pub(super) fn stringify(&self, value: Value<'a>) -> Outcome<&'a str> {
        let value = plain(value);
        match value {
            Value::Text(text) => Ok(text),
            Value::Spelled(_) => self.string(value),
            Value::Undefined | Value::Null => Ok(""),
            _ if value.is_array() => {
                let mut out = String::new_in(self.arena);
                self.append(value, &mut out)?;
                Ok(self.joined(out.into_bump_str()))
            }
            _ => self.string(value),
        }
    }

    /// Appends what Liquid writes of a value.
    pub(super) fn append(&self, value: Value<'a>, out: &mut String<'a>) -> Outcome<()> {
        let value = plain(value);
        self.step(1)?;
        if value.is_nullish() {
            return Ok(());
        }
        if let Some(items) = value.items(self.arena) {
            return items.iter().try_for_each(|item| self.append(*item, out));
        }
        let before = out.len();
        value.append_text(out);
        self.build(out.len() - before)
    }

    /// JavaScript's `String(value)`.
    pub(super) fn string(&self, value: Value<'a>) -> Outcome<&'a str> {
        if let Some(text) = value.plain_text() {
            return Ok(text);
        }
        let mut out = String::new_in(self.arena);
        self.append_string(value, &mut out)?;
        Ok(self.joined(out.into_bump_str()))
    }

    fn append_string(&self, value: Value<'a>, out: &mut String<'a>) -> Outcome<()> {
        let Some(items) = value.items(self.arena) else {
            let before = out.len();
            value.append_text(out);
            return self.build(out.len() - before + 1);
        };
        self.append_joined(items, ",", out)
    }

    /// `Array.prototype.join`: nothing stands for `null` and `undefined`.
    pub(super) fn append_joined(&self, items: &[Value<'a>], separator: &str, out: &mut String<'a>) -> Outcome<()> {
        for (at, item) in items.iter().enumerate() {
            self.step(1)?;
            if at > 0 {
                self.build(separator.len())?;
                out.push_str(separator);
            }
            if !item.is_nullish() {
                self.append_string(*item, out)?;
            }
        }
        Ok(())
    }

    /// Looks up one key as JavaScript does; texts are counted in units.
    pub(super) fn property(&self, value: Value<'a>, key: &str) -> Value<'a> {
        let Some(text) = value.text_in(self.arena).filter(|text| !text.is_ascii()) else {
            return value.property(key);
        };
        match array_index(key).and_then(|index| usize::try_from(index).ok()) {
            #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
            None if key == "length" => Value::Number(unit::length(text) as f64),
            None => Value::Undefined,
            Some(index) => match unit::slice(text, index, index + 1) {
                part if part.is_empty() => Value::Undefined,
                part => Value::Text(self.arena.alloc_str(&part)),
            },
        }
    }

    /// JavaScript's `Number(value)`.
    pub(super) fn number(&self, value: Value<'a>) -> Outcome<f64> {
        let value = plain(value);
        Ok(match value {
            Value::Undefined => f64::NAN,
            Value::Null | Value::Bool(false) => 0.0,
            Value::Bool(true) => 1.0,
            _ => match value.as_f64() {
                Some(number) => number,
                None => number::from_text(self.string(value)?),
            },
        })
    }

    /// The items a filter works on: an array's, none of nothing, or the value alone.
    pub(super) fn list(&self, value: Value<'a>) -> &'a [Value<'a>] {
        let value = plain(value);
        match value.items(self.arena) {
            Some(items) => items,
            None if value.is_nullish() => &[],
            None => Vec::from_iter_in([value], self.arena).into_bump_slice(),
        }
    }
}
