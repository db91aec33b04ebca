//! `@path`: a value from the payload.

use bumpalo::Bump;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::{DirectiveError, Path, Value};

/// A path that depends on the payload itself.
#[derive(Debug)]
struct ComputedPath(Expression);

pub(super) fn compile(options: &Json) -> Expression {
    match options {
        Json::String(path) => Expression::Path(Path::parse_rooted(path)),
        computed => Expression::Directive(Box::new(ComputedPath(Expression::compile(computed)))),
    }
}

impl Directive for ComputedPath {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let path = self.0.evaluate(payload, arena)?;
        let text = path
            .text_in(arena)
            .ok_or_else(|| DirectiveError::expected_string("@path", path.type_name()))?;
        Ok(Path::parse_rooted(text).get(payload))
    }
}
