//! `@merge`: several objects as one.

use bumpalo::Bump;
use bumpalo::collections::Vec;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::json::order::{self, Entry};
use crate::{DirectiveError, Value, literal};

#[derive(Debug)]
struct Merge {
    direction: Expression,
    objects: Box<[Expression]>,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new(
            "@merge requires an object with an \"objects\" key and a \"direction\" key",
        ));
    };
    let Some(direction) = literal::truthy(fields.get("direction")) else {
        return Err(DirectiveError::new("@merge requires a \"direction\" key"));
    };
    let objects = match literal::truthy(fields.get("objects")) {
        Some(Json::Array(objects)) => objects.iter().map(Expression::compile).collect(),
        None => return Err(DirectiveError::new("@merge requires a \"objects\" key")),
        Some(other) => {
            let got = literal::type_name(Some(other));
            return Err(DirectiveError::new(format!("@merge: expected opts.array, got {got}")));
        }
    };
    Ok(Expression::Directive(Box::new(Merge {
        direction: Expression::compile(direction),
        objects,
    })))
}

impl Directive for Merge {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let direction = self.direction.evaluate(payload, arena)?;
        let mut objects = Vec::with_capacity_in(self.objects.len(), arena);
        for object in &self.objects {
            objects.push(object.evaluate(payload, arena)?);
        }
        if direction.plain_text() == Some("left") {
            objects.reverse();
        }
        let mut entries = Vec::new_in(arena);
        for object in objects {
            spread(object, arena, &mut entries);
        }
        Ok(Value::Object(order::own(arena, entries)))
    }

    fn is_infallible(&self) -> bool {
        self.direction.is_infallible() && self.objects.iter().all(Expression::is_infallible)
    }
}

/// `Object.assign`: fields of objects, items and characters by their index, nothing of anything else.
fn spread<'a>(value: Value<'a>, arena: &'a Bump, entries: &mut Vec<'a, Entry<'a>>) {
    if let Some(fields) = value.entries(arena) {
        entries.extend_from_slice(fields);
    } else if let Some(items) = value.items(arena) {
        entries.extend(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| (index_key(index, arena), *item)),
        );
    } else if let Some(text) = value.text_in(arena) {
        // In one walk: a text may have a million characters. Halves of a pair have no text of their own.
        let units = text.char_indices().flat_map(|(at, character)| {
            let whole = text
                .get(at..at + character.len_utf8())
                .filter(|_| character.len_utf16() == 1);
            std::iter::repeat_n(whole.unwrap_or("\u{fffd}"), character.len_utf16())
        });
        entries.extend(
            units
                .enumerate()
                .map(|(index, unit)| (index_key(index, arena), Value::Text(unit))),
        );
    }
}

fn index_key(index: usize, arena: &Bump) -> &str {
    arena.alloc_str(&index.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_out(text: &str) -> usize {
        let arena = Bump::new();
        let mut entries = Vec::new_in(&arena);
        spread(Value::Text(text), &arena, &mut entries);
        for (index, (key, value)) in entries.iter().enumerate().take(10) {
            assert_eq!(
                (*key, value.as_text()),
                (&*index.to_string(), Value::Text(text).property(key).as_text())
            );
        }
        entries.len()
    }

    #[test]
    fn text_is_spread_by_its_units_however_long_it_is() {
        assert_eq!(spread_out("aé名😀z"), 6);
        // Ends at all only if it is walked once.
        assert_eq!(spread_out(&"é".repeat(1 << 20)), 1 << 20);
    }
}
