//! `@transform`: a mapping of what another mapping gives.

use bumpalo::Bump;
use bumpalo::collections::Vec;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::fields::Fields;
use crate::{DirectiveError, Problems, Value, literal};

#[derive(Debug)]
struct Transform {
    apply: Fields,
    mapping: Expression,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new(
            "@transform requires an object with an \"apply\" key and a \"mapping\" key",
        ));
    };
    let Some(mapping) = literal::truthy(fields.get("mapping")) else {
        return Err(DirectiveError::new("@transform requires a \"mapping\" key"));
    };
    let Some(apply) = literal::truthy(fields.get("apply")) else {
        return Err(DirectiveError::new("@transform requires a \"apply\" key"));
    };
    if !apply.is_object() {
        return Err(DirectiveError::new("@transform \"apply\" key should be an object"));
    }
    let wrong = |problems: Problems| DirectiveError::new(problems.to_string()).of_class(problems.class);
    let apply = Fields::compile(apply).map_err(wrong)?;
    Ok(Expression::Directive(Box::new(Transform {
        apply,
        mapping: Expression::compile(mapping),
    })))
}

impl Directive for Transform {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let applied = self.apply.evaluate(payload, arena)?;
        self.mapping.evaluate(without_undefined(applied, arena), arena)
    }
}

/// Removes the fields without value from built objects at any depth; items of arrays stay.
pub(crate) fn without_undefined<'a>(value: Value<'a>, arena: &'a Bump) -> Value<'a> {
    match value {
        Value::Object(fields) => {
            let defined = fields.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
            let cleaned = defined.map(|(key, value)| (*key, without_undefined(*value, arena)));
            Value::Object(Vec::from_iter_in(cleaned, arena).into_bump_slice())
        }
        Value::Array(items) => {
            let cleaned = items.iter().map(|item| without_undefined(*item, arena));
            Value::Array(Vec::from_iter_in(cleaned, arena).into_bump_slice())
        }
        other => other,
    }
}
