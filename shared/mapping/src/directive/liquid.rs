//! `@liquid`: a Liquid template.

use serde_json::Value as Json;

use crate::DirectiveError;
use crate::expression::Expression;

const UNAVAILABLE: &str = "@liquid cannot be evaluated by this version";

/// Says what is wrong with a template before the first row.
pub(crate) fn check(_template: &str) -> Result<(), String> {
    Err("cannot be evaluated by this version".to_owned())
}

pub(super) fn compile(_options: &Json) -> Result<Expression, DirectiveError> {
    Err(DirectiveError::new(UNAVAILABLE))
}
