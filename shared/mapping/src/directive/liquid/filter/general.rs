//! Filters for values of any type.

use super::{Handler, Input, date, json};
use crate::Value;
use crate::directive::liquid::fault::{Fault, Outcome};
use crate::directive::liquid::operator::is_true;
use crate::directive::liquid::special::plain;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "default" => default,
        "raw" => |input| Ok(input.value),
        "to_integer" => |input| Ok(Value::Number(input.runtime.number(input.value)?)),
        "json" | "jsonify" | "inspect" => json::json,
        _ => return date::named(name),
    })
}

fn default<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let value = plain(input.value);
    let default = input.argument(0);
    let hollow = match (value.text_in(input.runtime.arena), value.items(input.runtime.arena)) {
        (Some(text), _) => Some(text.is_empty()),
        (None, Some(items)) => Some(items.is_empty()),
        (None, None) => None,
    };
    let stays = match hollow {
        Some(hollow) => !hollow,
        None if matches!(value, Value::Bool(false)) => allows_false(input)?,
        None => is_true(value),
    };
    Ok(if stays { value } else { default })
}

/// Whether `allow_false` is among the options; each option must be a pair.
fn allows_false(input: &Input<'_, '_>) -> Outcome<bool> {
    let mut allowed = false;
    for option in input.arguments.iter().skip(1) {
        if !option.is_array() && !option.is_object() {
            let shown = input.runtime.string(*option)?;
            return Err(Fault::new(format!("Iterator value {shown} is not an entry object")));
        }
        if option.property("0").text_in(input.runtime.arena) == Some("allow_false") {
            allowed = option.property("1").is_truthy();
        }
    }
    Ok(allowed)
}
