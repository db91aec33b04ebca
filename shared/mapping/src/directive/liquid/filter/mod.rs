//! Filters, by name.

mod collection;
mod date;
mod disabled;
mod encoding;
mod general;
mod html;
mod json;
mod math;
mod replace;
mod slug;
mod strip;
mod text;
mod uri;

pub(super) use date::CLOCK;

use super::fault::Outcome;
use super::runtime::Runtime;
use crate::Value;

/// Computes a filter's result.
pub(super) type Handler = for<'r, 'a> fn(&Input<'r, 'a>) -> Outcome<Value<'a>>;

/// What a filter gets.
#[derive(Debug)]
pub(super) struct Input<'r, 'a> {
    pub(super) runtime: &'r Runtime<'a>,
    pub(super) value: Value<'a>,
    /// As given; `key: value` is an array of both.
    pub(super) arguments: &'a [Value<'a>],
}

impl<'a> Input<'_, 'a> {
    /// Returns an argument; what is not given is undefined.
    fn argument(&self, at: usize) -> Value<'a> {
        self.arguments.get(at).copied().unwrap_or(Value::Undefined)
    }

    /// Returns an argument, or `default` for one that is undefined.
    fn argument_or(&self, at: usize, default: Value<'a>) -> Value<'a> {
        match self.argument(at) {
            Value::Undefined => default,
            value => value,
        }
    }

    /// The value as Liquid writes it.
    fn text(&self) -> Outcome<&'a str> {
        let text = self.runtime.stringify(self.value)?;
        self.runtime.scan(text.len())?;
        Ok(text)
    }

    /// An argument as Liquid writes it.
    fn argument_text(&self, at: usize) -> Outcome<&'a str> {
        self.runtime.stringify(self.argument(at))
    }

    /// A text that was computed in the arena.
    fn built(&self, text: &'a str) -> Outcome<Value<'a>> {
        self.runtime.build(text.len())?;
        Ok(Value::Text(text))
    }

    /// Keeps a computed text.
    fn keep(&self, text: &str) -> Outcome<Value<'a>> {
        self.runtime.text(text)
    }
}

/// Finds a filter. Those that nobody knows change nothing, but their arguments are computed.
pub(super) fn named(name: &str) -> Handler {
    disabled::named(name)
        .or_else(|| text::named(name))
        .or_else(|| math::named(name))
        .or_else(|| collection::named(name))
        .or_else(|| general::named(name))
        .unwrap_or(|input| Ok(input.value))
}

/// A length or number of items as a value.
#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
fn count(length: usize) -> Value<'static> {
    Value::Number(length as f64)
}

/// A number as a place in a text or array, as JavaScript's `slice` takes it: whole, not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and NaN is 0, as wished"
)]
fn place(number: f64) -> usize {
    number as usize
}
