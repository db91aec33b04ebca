//! `@case`: text in upper or lower case.

use bumpalo::Bump;
use serde_json::Value as Json;

use super::letter::{lower, upper};
use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::{DirectiveError, Value, literal};

#[derive(Debug)]
struct Case {
    operator: Option<Operator>,
    value: Expression,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Lower,
    Upper,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new("@case requires an object with a \"operator\" key"));
    };
    let Some(operator) = literal::truthy(fields.get("operator")) else {
        return Err(DirectiveError::new("@case requires a \"operator\" key"));
    };
    let Some(value) = literal::truthy(fields.get("value")) else {
        return Ok(Expression::UNDEFINED);
    };
    let operator = match operator.as_str() {
        Some("lower") => Some(Operator::Lower),
        Some("upper") => Some(Operator::Upper),
        _ => None,
    };
    Ok(Expression::Directive(Box::new(Case {
        operator,
        value: Expression::compile(value),
    })))
}

impl Directive for Case {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let value = self.value.evaluate(payload, arena)?;
        let Some(text) = value.text_in(arena) else {
            return Ok(value);
        };
        Ok(Value::Text(match self.operator {
            Some(Operator::Lower) => lower(text, arena),
            Some(Operator::Upper) => upper(text, arena),
            // Only text needs the operator, so only text finds out that it is wrong.
            None => {
                return Err(DirectiveError::new(
                    "operator key should have a value of \"lower\" or \"upper\"",
                ));
            }
        }))
    }

    fn is_infallible(&self) -> bool {
        self.operator.is_some() && self.value.is_infallible()
    }
}
