//! Variables, and looking them up.

use super::ast::{Access, Constant, Operand};
use super::fault::Outcome;
use super::runtime::Runtime;
use super::special::{Special, plain};
use crate::Value;

/// What names mean at a moment of the rendering.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The payload.
    environment: Value<'a>,
    /// What `assign` and `capture` set.
    pub(super) variables: Vec<(&'a str, Value<'a>)>,
    /// What `increment` and `decrement` set; they hide the payload's fields, not the variables.
    pub(super) counters: Vec<(&'a str, f64)>,
    /// How many `block`s are open; each knows the one around it.
    pub(super) blocks: usize,
}

static BLOCK: [(&str, Value<'static>); 1] = [("super", Value::Text(""))];

impl<'a> Scope<'a> {
    pub(super) fn new(environment: Value<'a>) -> Self {
        Self {
            environment,
            variables: Vec::new(),
            counters: Vec::new(),
            blocks: 0,
        }
    }

    pub(super) fn assign(&mut self, name: &'a str, value: Value<'a>) {
        match self.variables.iter_mut().find(|(known, _)| *known == name) {
            Some(variable) => variable.1 = value,
            None => self.variables.push((name, value)),
        }
    }

    /// The number that a counter has, which may come from the payload.
    pub(super) fn counter(&self, name: &str) -> f64 {
        let counted = self.counters.iter().find(|(known, _)| *known == name);
        let counted = counted.map(|(_, number)| *number);
        counted
            .or_else(|| self.environment.property(name).as_f64())
            .unwrap_or(0.0)
    }

    pub(super) fn count(&mut self, name: &'a str, number: f64) {
        self.counters.retain(|(known, _)| *known != name);
        self.counters.push((name, number));
    }

    fn variable(&self, name: &str) -> Value<'a> {
        if name == "block" && self.blocks > 0 {
            return Value::Object(&BLOCK);
        }
        if let Some((_, value)) = self.variables.iter().find(|(known, _)| *known == name) {
            return *value;
        }
        if let Some((_, number)) = self.counters.iter().find(|(known, _)| *known == name) {
            return Value::Number(*number);
        }
        match self.environment.property(name) {
            // Nobody has set it: the size of the (empty) globals.
            Value::Undefined if name == "size" => Value::Number(0.0),
            value => value,
        }
    }
}

impl<'a> Runtime<'a> {
    pub(super) fn evaluate(&self, operand: &'a Operand, scope: &Scope<'a>) -> Outcome<Value<'a>> {
        match operand {
            Operand::Constant(constant) => Ok(match constant {
                Constant::Bool(value) => Value::Bool(*value),
                Constant::Number(number) => Value::Number(*number),
                Constant::Text(text) => Value::Text(text),
                Constant::Nil => Special::Nil.value(),
                Constant::Empty => Special::Empty.value(),
                Constant::Blank => Special::Blank.value(),
            }),
            Operand::Range(bounds) => {
                let low = self.evaluate(&bounds.0, scope)?;
                let high = self.evaluate(&bounds.1, scope)?;
                self.range(self.number(low)?, self.number(high)?)
            }
            Operand::Access(access) => self.access(access, scope),
        }
    }

    fn range(&self, low: f64, high: f64) -> Outcome<Value<'a>> {
        // A float beyond the limits becomes the nearest limit, which is too much in any case; NaN is nothing.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates as wished"
        )]
        let count = (high + 1.0 - low).ceil().max(0.0) as usize;
        self.build_items(count)?;
        let mut items = bumpalo::collections::Vec::with_capacity_in(count, self.arena);
        let mut number = low;
        while number < high + 1.0 && items.len() < count {
            items.push(Value::Number(number));
            number += 1.0;
        }
        Ok(Value::Array(items.into_bump_slice()))
    }

    /// Looks up a variable's or a value's keys.
    pub(super) fn access(&self, access: &'a Access, scope: &Scope<'a>) -> Outcome<Value<'a>> {
        let mut keys = bumpalo::collections::Vec::with_capacity_in(access.keys.len(), self.arena);
        for key in &access.keys {
            keys.push(self.evaluate(key, scope)?);
        }
        let mut keys = keys.into_iter();
        let mut value = match &access.root {
            Some(root) => self.evaluate(root, scope)?,
            None => match keys.next() {
                Some(first) => scope.variable(self.string(first_key(first))?),
                None => Value::Undefined,
            },
        };
        for key in keys {
            value = self.member(value, key)?;
        }
        Ok(value)
    }

    /// Looks up one key, of a kind that texts have too: `size`, and `first` and `last` of arrays.
    pub(super) fn member(&self, value: Value<'a>, key: Value<'a>) -> Outcome<Value<'a>> {
        if value.is_nullish() {
            return Ok(value);
        }
        if Special::of(&value).is_some() {
            return Ok(Value::Undefined);
        }
        let key = plain(key);
        if let (Some(items), Some(index)) = (value.items(self.arena), key.as_f64()) {
            return Ok(at(items, index));
        }
        let key = self.string(key)?;
        let found = self.property(value, key);
        Ok(match (key, value.items(self.arena)) {
            ("size", _) if matches!(found, Value::Undefined) => self.size(value),
            ("first", Some(items)) => items.first().copied().unwrap_or(Value::Undefined),
            ("last", Some(items)) => items.last().copied().unwrap_or(Value::Undefined),
            _ => found,
        })
    }

    fn size(&self, value: Value<'a>) -> Value<'a> {
        match self.property(value, "length") {
            length @ Value::Number(_) if !value.is_object() => length,
            _ => value.entries(self.arena).map_or(Value::Undefined, |fields| {
                #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
                Value::Number(fields.len() as f64)
            }),
        }
    }
}

/// The first key's text finds the scope: there nil is an object like any other, and its text is not a name.
fn first_key(key: Value<'_>) -> Value<'_> {
    match Special::of(&key) {
        Some(_) => Value::Text("[object Object]"),
        None => key,
    }
}

/// The item at a place, counted from the end if negative.
fn at<'a>(items: &[Value<'a>], index: f64) -> Value<'a> {
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let index = if index < 0.0 { items.len() as f64 + index } else { index };
    if index < 0.0 || index.fract() != 0.0 {
        return Value::Undefined;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not negative"
    )]
    items.get(index as usize).copied().unwrap_or(Value::Undefined)
}
