//! Removing characters at the ends of texts.

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::fault::Outcome;
use crate::json::number::is_blank;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "strip" => |input| strip(input, true, true),
        "lstrip" => |input| strip(input, true, false),
        "rstrip" => |input| strip(input, false, true),
        _ => return None,
    })
}

fn strip<'a>(input: &Input<'_, 'a>, left: bool, right: bool) -> Outcome<Value<'a>> {
    let mut text = input.text()?;
    let set = input.argument(0);
    let set = set.is_truthy().then(|| input.runtime.stringify(set)).transpose()?;
    // Texts are looked at unit by unit: characters beyond 16 bits are never in the set.
    let goes = |c: char| set.map_or(is_blank(c), |set| c.len_utf16() == 1 && set.contains(c));
    if left {
        text = text.trim_start_matches(goes);
    }
    if right {
        text = text.trim_end_matches(goes);
    }
    Ok(Value::Text(text))
}
