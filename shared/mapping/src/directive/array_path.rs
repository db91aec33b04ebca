//! `@arrayPath`: each item of an array in a new shape.

use bumpalo::Bump;
use bumpalo::collections::Vec;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::{DirectiveError, Path, Value, literal};

#[derive(Debug)]
struct ArrayPath {
    root: Expression,
    /// Resolved once per item, with the item as payload.
    shape: Option<Expression>,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Array(parts) = options else {
        let got = literal::type_name(Some(options));
        return Err(DirectiveError::new(format!("@arrayPath expected array, got {got}")));
    };
    let root = match parts.first() {
        None => Expression::UNDEFINED,
        Some(Json::String(path)) => Expression::Path(Path::parse_rooted(path)),
        Some(computed) => Expression::compile(computed),
    };
    let shape = parts
        .get(1)
        .filter(|shape| shape.as_object().is_some_and(|fields| !fields.is_empty()));
    Ok(Expression::Directive(Box::new(ArrayPath {
        root,
        shape: shape.map(Expression::compile),
    })))
}

impl Directive for ArrayPath {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let root = self.root.evaluate(payload, arena)?;
        let Some(shape) = &self.shape else { return Ok(root) };
        let single = [root];
        let items = match root.items(arena) {
            Some(items) => items,
            None if root.is_object() => &single,
            None => return Ok(root),
        };
        let mut shaped = Vec::with_capacity_in(items.len(), arena);
        for item in items {
            shaped.push(shape.evaluate(*item, arena)?);
        }
        Ok(Value::Array(shaped.into_bump_slice()))
    }

    fn is_infallible(&self) -> bool {
        self.root.is_infallible() && self.shape.as_ref().is_none_or(Expression::is_infallible)
    }
}
