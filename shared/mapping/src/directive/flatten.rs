//! `@flatten`: nested objects as one, keys joined.

use bumpalo::Bump;
use bumpalo::collections::{String, Vec};
use serde_json::Value as Json;

use super::{Directive, Evaluated, option};
use crate::expression::Expression;
use crate::json::order::{self, Entry};
use crate::{DirectiveError, Value, literal};

#[derive(Debug)]
struct Flatten {
    value: Expression,
    separator: Expression,
    /// Arrays stay whole.
    omit_arrays: bool,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new(
            "@flatten requires an object with a \"separator\" key",
        ));
    };
    let Some(separator) = literal::truthy(fields.get("separator")) else {
        return Err(DirectiveError::new("@flatten requires a \"separator\" key"));
    };
    Ok(Expression::Directive(Box::new(Flatten {
        value: option(fields, "value"),
        separator: Expression::compile(separator),
        omit_arrays: literal::truthy(fields.get("omitArrays")).is_some(),
    })))
}

impl Directive for Flatten {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let separator = self.separator.evaluate(payload, arena)?.text_in(arena);
        let separator = separator.ok_or_else(|| DirectiveError::new("@flatten requires a string separator"))?;
        let value = self.value.evaluate(payload, arena)?;
        let mut flat = Flat {
            separator,
            omit_arrays: self.omit_arrays,
            arena,
            entries: Vec::new_in(arena),
        };
        flat.add("", value);
        Ok(Value::Object(order::own(arena, flat.entries)))
    }
}

struct Flat<'a> {
    separator: &'a str,
    omit_arrays: bool,
    arena: &'a Bump,
    entries: Vec<'a, Entry<'a>>,
}

impl<'a> Flat<'a> {
    fn add(&mut self, prefix: &'a str, value: Value<'a>) {
        if let Some(fields) = value.entries(self.arena) {
            for (key, value) in fields {
                self.add(self.joined(prefix, key), *value);
            }
        } else if let Some(items) = value.items(self.arena).filter(|_| !self.omit_arrays) {
            for (index, item) in items.iter().enumerate() {
                let index = self.arena.alloc_str(&index.to_string());
                self.add(self.joined(prefix, index), *item);
            }
        } else {
            self.entries.push((prefix, value));
        }
    }

    fn joined(&self, prefix: &str, key: &'a str) -> &'a str {
        if prefix.is_empty() {
            return key;
        }
        let length = prefix.len() + self.separator.len() + key.len();
        let mut joined = String::with_capacity_in(length, self.arena);
        joined.push_str(prefix);
        joined.push_str(self.separator);
        joined.push_str(key);
        joined.into_bump_str()
    }
}
