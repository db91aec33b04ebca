//! Replacing and removing parts of texts.

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::fault::Outcome;
use crate::directive::liquid::unit;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "replace" => |input| all(input, input.argument_text(1)?),
        "remove" => |input| all(input, ""),
        "replace_first" => |input| first(input, input.argument_text(1)?),
        "remove_first" => |input| first(input, ""),
        "replace_last" => |input| last(input, input.argument_text(1)?),
        "remove_last" => |input| last(input, ""),
        _ => return None,
    })
}

fn all<'a>(input: &Input<'_, 'a>, replacement: &str) -> Outcome<Value<'a>> {
    let text = input.text()?;
    let pattern = input.argument_text(0)?;
    if pattern.is_empty() {
        return between(input, text, replacement);
    }
    let found = text.matches(pattern).count();
    if found == 0 {
        return Ok(Value::Text(text));
    }
    let longer = replacement.len().saturating_sub(pattern.len());
    input.runtime.build(found.saturating_mul(longer))?;
    input.keep(&text.replace(pattern, replacement))
}

/// Nothing is between any two units.
fn between<'a>(input: &Input<'_, 'a>, text: &'a str, replacement: &str) -> Outcome<Value<'a>> {
    if replacement.is_empty() {
        return Ok(Value::Text(text));
    }
    input
        .runtime
        .build(unit::length(text).saturating_mul(replacement.len()))?;
    let mut replaced = String::new();
    for (at, c) in unit::each(text).enumerate() {
        if at > 0 {
            replaced.push_str(replacement);
        }
        replaced.push(c);
    }
    input.keep(&replaced)
}

fn first<'a>(input: &Input<'_, 'a>, replacement: &str) -> Outcome<Value<'a>> {
    let text = input.text()?;
    input.keep(&text.replacen(input.argument_text(0)?, replacement, 1))
}

fn last<'a>(input: &Input<'_, 'a>, replacement: &str) -> Outcome<Value<'a>> {
    let text = input.text()?;
    let pattern = input.argument_text(0)?;
    let Some(at) = text.rfind(pattern) else {
        return Ok(Value::Text(text));
    };
    input.keep(&format!("{}{replacement}{}", &text[..at], &text[at + pattern.len()..]))
}
