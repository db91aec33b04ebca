//! `@json`: a value as JSON text, or what JSON text says.

use bumpalo::Bump;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::json::unique::write_unique;
use crate::json::validate::Validator;
use crate::json::watch::KeyWatch;
use crate::json::write::stringify;
use crate::{DirectiveError, Value, literal};

#[derive(Debug)]
struct Encode(Expression);

#[derive(Debug)]
struct Decode(Expression);

/// `ENCODE` passes the check of the mapping, but nothing comes of it, except for what fails in the value.
#[derive(Debug)]
struct Neither(Expression);

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new("@json requires an object with a \"value\" key"));
    };
    let Some(mode) = literal::truthy(fields.get("mode")) else {
        return Err(DirectiveError::new("@json requires a \"mode\" key"));
    };
    let Some(value) = literal::truthy(fields.get("value")) else {
        return Err(DirectiveError::new("@json requires a \"value\" key"));
    };
    let value = Expression::compile(value);
    Ok(match mode.as_str() {
        Some("encode") => Expression::Directive(Box::new(Encode(value))),
        Some("decode") => Expression::Directive(Box::new(Decode(value))),
        _ => Expression::Directive(Box::new(Neither(value))),
    })
}

impl Directive for Encode {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let value = self.0.evaluate(payload, arena)?;
        if matches!(value, Value::Undefined) {
            return Ok(value);
        }
        let mut json = Vec::new();
        stringify(value, arena, &mut json);
        Ok(Value::Text(arena.alloc_str(&String::from_utf8_lossy(&json))))
    }

    fn is_infallible(&self) -> bool {
        self.0.is_infallible()
    }
}

impl Directive for Decode {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let value = self.0.evaluate(payload, arena)?;
        let decoded = value.text_in(arena).and_then(|text| parse(text, arena));
        // Text that is no JSON stays text.
        Ok(decoded.unwrap_or(value))
    }

    fn is_infallible(&self) -> bool {
        self.0.is_infallible()
    }
}

impl Directive for Neither {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        self.0.evaluate(payload, arena)?;
        Ok(Value::Undefined)
    }

    fn is_infallible(&self) -> bool {
        self.0.is_infallible()
    }
}

fn parse<'a>(text: &'a str, arena: &'a Bump) -> Option<Value<'a>> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let mut watch = KeyWatch::default();
    let mut reader = Validator::new(text, &mut watch);
    reader.value(0).and_then(|()| reader.end()).ok()?;
    if !watch.has_repeated() {
        return Some(Value::of_json(text));
    }
    let mut unique = String::new();
    write_unique(text, &mut unique);
    Some(Value::of_json(arena.alloc_str(&unique)))
}
