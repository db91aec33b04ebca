//! `@liquid`: a Liquid template, read once and rendered for each payload.

mod ast;
mod budget;
mod character;
mod cursor;
mod date;
mod fault;
mod filter;
mod operator;
mod parser;
mod quoted;
mod render;
mod runtime;
mod scope;
mod special;
mod token;
mod unit;

#[cfg(test)]
mod tests;

use bumpalo::Bump;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::{Constant, Expression};
use crate::{DirectiveError, Value};

/// The longest template, in UTF-16 units.
const MAX_LENGTH: usize = 1000;

#[derive(Debug)]
struct Liquid(ast::Template);

/// Says what a template wants that the reference has and a pure mapping cannot give. Other mistakes are told when the
/// template is rendered, as they are at Segment.
pub(crate) fn check(template: &str) -> Result<(), String> {
    match read(template) {
        Err(fault) if fault.is_unavailable() => Err(fault.into_message().into_owned()),
        _ => Ok(()),
    }
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Some(text) = options.as_str() else {
        return Err(DirectiveError::new("liquid template value must be a string"));
    };
    let template = read(text)?;
    Ok(match &*template {
        [] => Expression::Constant(Constant::Text("".into())),
        [(ast::Node::Text(text), _)] => Expression::Constant(Constant::Text(text.clone())),
        _ => Expression::Directive(Box::new(Liquid(template))),
    })
}

fn read(text: &str) -> fault::Outcome<ast::Template> {
    if unit::length(text) > MAX_LENGTH {
        return Err(fault::Fault::new(
            "liquid template values are limited to 1000 characters",
        ));
    }
    parser::parse(text)
}

impl Directive for Liquid {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let rendered = render::render(&self.0, payload, arena)?;
        Ok(Value::Text(rendered))
    }
}
