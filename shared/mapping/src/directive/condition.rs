//! `@if`: one of two values, depending on whether a third is there.

use bumpalo::Bump;
use serde_json::Value as Json;

use super::{Directive, Evaluated, option};
use crate::expression::Expression;
use crate::{DirectiveError, Value, literal};

#[derive(Debug)]
struct Condition {
    operand: Expression,
    /// `blank` in place of `exists`: empty text and what loosely equals it does not count as there.
    blank: bool,
    then: Expression,
    otherwise: Expression,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new("@if requires an object with an \"exists\" key"));
    };
    if literal::truthy(fields.get("exists"))
        .or(literal::truthy(fields.get("blank")))
        .is_none()
    {
        return Err(DirectiveError::new("@if requires an \"exists\" key or a \"blank\" key"));
    }
    let blank = !fields.contains_key("exists");
    // An `else` that is false in JavaScript is as good as none.
    let otherwise = literal::truthy(fields.get("else")).map_or(Expression::UNDEFINED, Expression::compile);
    Ok(Expression::Directive(Box::new(Condition {
        operand: option(fields, if blank { "blank" } else { "exists" }),
        blank,
        then: option(fields, "then"),
        otherwise,
    })))
}

impl Directive for Condition {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let operand = self.operand.evaluate(payload, arena)?;
        let missing = operand.is_nullish() || self.blank && equals_empty_text(operand, arena);
        if missing {
            self.otherwise.evaluate(payload, arena)
        } else {
            self.then.evaluate(payload, arena)
        }
    }

    fn is_infallible(&self) -> bool {
        [&self.operand, &self.then, &self.otherwise]
            .iter()
            .all(|part| part.is_infallible())
    }
}

/// JavaScript's `value == ''`: zero, `false`, and arrays whose text is empty.
fn equals_empty_text(value: Value<'_>, arena: &Bump) -> bool {
    match value {
        Value::RawNumber(_) | Value::Number(_) => value.as_f64() == Some(0.0),
        Value::Bool(value) => !value,
        array if array.is_array() => array.to_text(arena).is_empty(),
        other => matches!(other, Value::Text("")),
    }
}
