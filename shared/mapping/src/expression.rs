//! Compiled mappings: constants folded, paths taken apart, directives ready to run.

use bumpalo::Bump;
use bumpalo::collections::Vec as ArenaVec;
use serde_json::{Map, Value as Json};

use crate::directive::{self, Directive, Evaluated};
use crate::json::order::rank;
use crate::json::string::write_json_string;
use crate::json::write::{write_key, write_number};
use crate::{DirectiveError, Path, Value, literal};

/// A part of a mapping, ready to be evaluated for one payload after the other.
#[derive(Debug)]
pub(crate) enum Expression {
    /// The same value for every payload.
    Constant(Constant),
    /// An array with at least one item that depends on the payload.
    Array(Box<[Expression]>),
    /// An object with at least one value that depends on the payload; keys in JavaScript's order.
    Object(Box<[(Box<str>, Expression)]>),
    /// `@path` with a fixed path, the most frequent of all.
    Path(Path),
    /// Any other directive.
    Directive(Box<dyn Directive>),
    /// What fails for every payload.
    Failure(DirectiveError),
}

/// A value that a mapping spells out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
    /// An array or object, as JSON text.
    Json(Box<str>),
}

impl Constant {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Undefined => Value::Undefined,
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
            Self::Json(text) => Value::Raw(text),
        }
    }

    /// Returns its JSON text.
    pub(crate) fn json(&self) -> Box<str> {
        let mut text = Vec::new();
        self.write(&mut text);
        // Only text was written, so nothing is replaced.
        String::from_utf8_lossy(&text).into()
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Undefined | Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => write_json_string(text, out),
            Self::Json(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

impl Expression {
    /// No value.
    pub(crate) const UNDEFINED: Self = Self::Constant(Constant::Undefined);

    /// Compiles a mapping or a part of it.
    pub(crate) fn compile(mapping: &Json) -> Self {
        match mapping {
            Json::Null => Self::Constant(Constant::Null),
            Json::Bool(value) => Self::Constant(Constant::Bool(*value)),
            Json::Number(number) => Self::Constant(Constant::Number(number.as_f64().unwrap_or(f64::NAN))),
            Json::String(text) => Self::Constant(Constant::Text(text.as_str().into())),
            Json::Array(items) => array(items.iter().map(Self::compile).collect()),
            Json::Object(fields) => match literal::directive(fields) {
                Some((name, options)) => directive::compile(name, options),
                None => object(fields),
            },
        }
    }

    /// Computes the value for one payload.
    pub(crate) fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        match self {
            Self::Constant(constant) => Ok(constant.value()),
            Self::Path(path) => Ok(path.get(payload)),
            Self::Directive(directive) => directive.evaluate(payload, arena),
            Self::Failure(error) => Err(error.clone()),
            Self::Array(items) => {
                let mut values = ArenaVec::with_capacity_in(items.len(), arena);
                for item in items {
                    values.push(item.evaluate(payload, arena)?);
                }
                Ok(Value::Array(values.into_bump_slice()))
            }
            Self::Object(fields) => {
                let mut values = ArenaVec::with_capacity_in(fields.len(), arena);
                for (key, value) in fields {
                    values.push((&**key, value.evaluate(payload, arena)?));
                }
                Ok(Value::Object(values.into_bump_slice()))
            }
        }
    }

    /// Whether no payload can make it fail.
    pub(crate) fn is_infallible(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Path(_) => true,
            Self::Failure(_) => false,
            Self::Directive(directive) => directive.is_infallible(),
            Self::Array(items) => items.iter().all(Self::is_infallible),
            Self::Object(fields) => fields.iter().all(|(_, value)| value.is_infallible()),
        }
    }

    /// The value of a part of a larger constant. What is undefined has no JSON, and `@merge` and `@flatten` can tell.
    fn constant(&self) -> Option<&Constant> {
        match self {
            Self::Constant(Constant::Undefined) => None,
            Self::Constant(constant) => Some(constant),
            _ => None,
        }
    }
}

fn array(items: Box<[Expression]>) -> Expression {
    let mut text = vec![b'['];
    for item in &items {
        let Some(constant) = item.constant() else {
            return Expression::Array(items);
        };
        separate(&mut text);
        constant.write(&mut text);
    }
    text.push(b']');
    json(&text)
}

fn object(fields: &Map<String, Json>) -> Expression {
    let mut fields: Box<[_]> = fields
        .iter()
        .map(|(key, value)| (Box::from(key.as_str()), Expression::compile(value)))
        .collect();
    fields.sort_by_key(|(key, _)| rank(key));
    let mut text = vec![b'{'];
    for (key, value) in &fields {
        let Some(constant) = value.constant() else {
            return Expression::Object(fields);
        };
        separate(&mut text);
        write_key(key, &mut text);
        constant.write(&mut text);
    }
    text.push(b'}');
    json(&text)
}

fn separate(text: &mut Vec<u8>) {
    if text.len() > 1 {
        text.push(b',');
    }
}

fn json(text: &[u8]) -> Expression {
    // Only text was written, so nothing is replaced.
    Expression::Constant(Constant::Json(String::from_utf8_lossy(text).into()))
}
