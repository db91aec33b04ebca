//! The mapping kit: directives that compute values from the payload. One file each.

mod array_path;
mod case;
mod condition;
mod exclude_when_null;
mod flatten;
mod json;
mod letter;
mod liquid;
mod merge;
mod path;
mod replace;
mod template;
mod transform;

use std::fmt::Debug;

use bumpalo::Bump;
use serde_json::Value as Json;

pub(crate) use liquid::check as check_liquid;
pub(crate) use replace::MAX_LENGTH as MAX_REPLACE_LENGTH;
pub(crate) use transform::without_undefined;

use crate::expression::Expression;
use crate::{DirectiveError, Value};

/// What evaluating gives.
pub(crate) type Evaluated<'a> = Result<Value<'a>, DirectiveError>;

/// A compiled directive. Pure: the same payload gives the same value.
pub(crate) trait Directive: Debug + Send + Sync {
    /// Computes the value for one payload; what is built lies in `arena`.
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a>;

    /// Whether no payload can make it fail.
    fn is_infallible(&self) -> bool {
        false
    }
}

/// Compiles a directive. What can never work fails when it is evaluated, as it does at Segment.
pub(crate) fn compile(name: &str, options: &Json) -> Expression {
    let compiled = match name {
        "@path" => Ok(path::compile(options)),
        "@template" => Ok(template::compile(options)),
        "@literal" => Ok(Expression::compile(options)),
        "@if" => condition::compile(options),
        "@case" => case::compile(options),
        "@replace" => replace::compile(options),
        "@arrayPath" => array_path::compile(options),
        "@flatten" => flatten::compile(options),
        "@json" => json::compile(options),
        "@merge" => merge::compile(options),
        "@transform" => transform::compile(options),
        "@excludeWhenNull" => Ok(exclude_when_null::compile(options)),
        "@liquid" => liquid::compile(options),
        unknown => Err(DirectiveError::new(format!(
            "{unknown} is not a valid directive, got undefined"
        ))),
    };
    compiled.unwrap_or_else(Expression::Failure)
}

/// Compiles an option that may be missing; nothing is `undefined`.
fn option(options: &serde_json::Map<String, Json>, key: &str) -> Expression {
    options.get(key).map_or(Expression::UNDEFINED, Expression::compile)
}
