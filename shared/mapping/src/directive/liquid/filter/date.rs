//! Dates.

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::date::{Moment, format, parse, zone};
use crate::directive::liquid::fault::{Fault, Outcome};
use crate::directive::liquid::special::plain;

/// Why `now` and `today` are refused.
pub(in super::super) const CLOCK: &str =
    "dates relative to the current time are not available: use a date of the row instead of \"now\" and \"today\"";
const DEFAULT: &str = "%A, %B %-e, %Y at %-l:%M %P %z";

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "date" => date,
        "date_to_xmlschema" => |input| shown(input, "%Y-%m-%dT%H:%M:%S%:z"),
        "date_to_rfc822" => |input| shown(input, "%a, %d %b %Y %H:%M:%S %z"),
        "date_to_string" => |input| spelled(input, "%b"),
        "date_to_long_string" => |input| spelled(input, "%B"),
        _ => return None,
    })
}

fn date<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let Some(moment) = moment(input, input.argument(1))? else {
        return Ok(input.value);
    };
    let pattern = plain(input.argument(0));
    let pattern = if pattern.is_nullish() {
        DEFAULT
    } else {
        input.runtime.stringify(pattern)?
    };
    input.keep(&format(&moment, pattern, input.runtime)?)
}

fn shown<'a>(input: &Input<'_, 'a>, pattern: &str) -> Outcome<Value<'a>> {
    match moment(input, Value::Undefined)? {
        Some(moment) => input.keep(&format(&moment, pattern, input.runtime)?),
        None => Ok(input.value),
    }
}

fn spelled<'a>(input: &Input<'_, 'a>, month: &str) -> Outcome<Value<'a>> {
    let Some(moment) = moment(input, Value::Undefined)? else {
        return Ok(input.value);
    };
    let is = |at: usize, word: &str| input.argument(at).text_in(input.runtime.arena) == Some(word);
    let pattern = match (is(0, "ordinal"), is(1, "US")) {
        (true, true) => format!("{month} %-d%q, %Y"),
        (true, false) => format!("%-d%q {month} %Y"),
        (false, _) => format!("%d {month} %Y"),
    };
    input.keep(&format(&moment, &pattern, input.runtime)?)
}

/// The moment that a value means, if it means any.
fn moment<'a>(input: &Input<'_, 'a>, offset: Value<'a>) -> Outcome<Option<Moment<'a>>> {
    let runtime = input.runtime;
    let value = plain(input.value);
    if value.is_nullish() {
        return Ok(None);
    }
    let time = match (value.as_f64(), value) {
        (Some(seconds), _) => seconds * 1000.0,
        (None, Value::Bool(value)) => f64::from(u8::from(value)),
        _ => {
            let text = runtime.string(value)?;
            let is_text = value.type_name() == "string";
            if is_text && matches!(text, "now" | "today") {
                return Err(Fault::new(CLOCK));
            }
            if is_text && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                crate::json::number::from_text(text) * 1000.0
            } else {
                parse(text)
            }
        }
    };
    let name = offset.text_in(runtime.arena);
    let minutes = match (name, offset) {
        _ if time.is_nan() => None,
        (_, Value::Undefined | Value::Null) => Some(0.0),
        (Some(name), _) => Moment::time(time).map(|time| zone::offset(name, time)).transpose()?,
        (None, offset) => Some(runtime.number(offset)?),
    };
    let zone = match offset {
        Value::Undefined | Value::Null => "UTC",
        _ => name.unwrap_or_default(),
    };
    Ok(minutes.and_then(|minutes| Moment::new(time, minutes, zone)))
}
