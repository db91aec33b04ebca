//! `@excludeWhenNull`: a value without its nulls.

use bumpalo::Bump;
use bumpalo::collections::Vec;
use memchr::memmem;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::Value;
use crate::expression::Expression;

#[derive(Debug)]
struct ExcludeWhenNull(Expression);

pub(super) fn compile(options: &Json) -> Expression {
    Expression::Directive(Box::new(ExcludeWhenNull(Expression::compile(options))))
}

impl Directive for ExcludeWhenNull {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        Ok(match self.0.evaluate(payload, arena)? {
            Value::Null => Value::Undefined,
            value => without_nulls(value, arena),
        })
    }

    fn is_infallible(&self) -> bool {
        self.0.is_infallible()
    }
}

/// Makes nulls in objects in objects undefined; arrays stay as they are.
fn without_nulls<'a>(value: Value<'a>, arena: &'a Bump) -> Value<'a> {
    if has_no_null(value) {
        return value;
    }
    let Some(fields) = value.entries(arena) else {
        return value;
    };
    // The keys stay, without value: what is merged later still takes their place.
    let cleaned = fields.iter().map(|(key, value)| match value {
        Value::Null => (*key, Value::Undefined),
        value => (*key, without_nulls(*value, arena)),
    });
    Value::Object(Vec::from_iter_in(cleaned, arena).into_bump_slice())
}

/// Whether the row's own text shows that there is nothing to remove, so that it can be copied whole.
fn has_no_null(value: Value<'_>) -> bool {
    match value {
        Value::Raw(text) => memmem::find(text.as_bytes(), b"null").is_none(),
        Value::Record(record) | Value::Row(_, record) => memmem::find(record.text().as_bytes(), b"null").is_none(),
        Value::Object(_) => false,
        _ => true,
    }
}
