//! Arrays.

use super::{Handler, Input, count, place};
use crate::Value;
use crate::directive::liquid::fault::Outcome;
use crate::directive::liquid::operator::is_true;
use crate::directive::liquid::parser::scope_value;
use crate::directive::liquid::scope::Scope;
use crate::directive::liquid::special::{Special, plain};
use crate::directive::liquid::unit;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "join" => join,
        "first" => |input| end(input, false),
        "last" => |input| end(input, true),
        "size" => |input| Ok(size(input)),
        "slice" => slice,
        "sum" => sum,
        "where" => filter,
        "compact" => compact,
        "push" => push,
        "pop" => |input| {
            let items = input.runtime.list(input.value);
            input
                .runtime
                .array(items.split_last().map_or(items, |(_, rest)| rest).iter().copied())
        },
        "shift" => |input| {
            let items = input.runtime.list(input.value);
            input
                .runtime
                .array(items.split_first().map_or(items, |(_, rest)| rest).iter().copied())
        },
        "unshift" => |input| {
            let mut items = vec![input.argument(0)];
            items.extend(input.runtime.list(input.value));
            input.runtime.array(items.into_iter())
        },
        _ => return None,
    })
}

fn join<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let separator = plain(input.argument(0));
    let separator = if separator.is_nullish() {
        " "
    } else {
        input.runtime.stringify(separator)?
    };
    let mut out = bumpalo::collections::String::new_in(input.runtime.arena);
    let items = input.runtime.list(input.value);
    input.runtime.append_joined(items, separator, &mut out)?;
    Ok(Value::Text(input.runtime.joined(out.into_bump_str())))
}

/// The first or last of what has a length.
fn end<'a>(input: &Input<'_, 'a>, is_last: bool) -> Outcome<Value<'a>> {
    let value = plain(input.value);
    let length = input.runtime.property(value, "length").as_f64();
    let Some(length) = length.filter(|_| value.is_truthy()) else {
        return Ok(Value::Text(""));
    };
    let place = if is_last { length - 1.0 } else { 0.0 };
    Ok(input
        .runtime
        .property(value, input.runtime.string(Value::Number(place))?))
}

fn size<'a>(input: &Input<'_, 'a>) -> Value<'a> {
    let length = match Special::of(&input.value) {
        Some(_) => Value::Undefined,
        None => input.runtime.property(input.value, "length"),
    };
    if length.is_truthy() { length } else { Value::Number(0.0) }
}

fn slice<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let value = plain(input.value);
    if value.is_nullish() {
        return Ok(Value::Array(&[]));
    }
    let items = value.items(runtime.arena);
    let text = if items.is_some() { "" } else { input.text()? };
    let size = items.map_or_else(|| unit::length(text), <[_]>::len);
    let is_negative = |value| Ok(runtime.compare(value, Value::Number(0.0))? == Some(std::cmp::Ordering::Less));
    let (mut start, length) = (input.argument(0), input.argument_or(1, Value::Number(1.0)));
    if is_negative(start)? {
        start = add(input, count(size), start)?;
    }
    if is_negative(start)? || is_negative(length)? {
        return Ok(items.map_or(Value::Text(""), |_| Value::Array(&[])));
    }
    runtime.build(place(runtime.number(length)?))?;
    let end = runtime.number(add(input, start, length)?)?;
    let start = place(runtime.number(start)?).min(size);
    // A negative end, as texts can spell it, counts from the end for arrays and texts alike.
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let end = if end < 0.0 { size as f64 + end } else { end };
    let end = place(end).clamp(start, size);
    match items {
        Some(items) => runtime.array(items[start..end].iter().copied()),
        None => input.keep(&unit::slice(text, start, end)),
    }
}

/// JavaScript's `+`: texts, arrays and objects are joined, all else is added.
fn add<'a>(input: &Input<'_, 'a>, left: Value<'a>, right: Value<'a>) -> Outcome<Value<'a>> {
    let (left, right) = (plain(left), plain(right));
    let is_text = |value: Value<'_>| value.is_array() || value.is_object() || value.type_name() == "string";
    let runtime = input.runtime;
    if is_text(left) || is_text(right) {
        return input.keep(&format!("{}{}", runtime.string(left)?, runtime.string(right)?));
    }
    Ok(Value::Number(runtime.number(left)? + runtime.number(right)?))
}

fn sum<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let property = input.argument(0);
    let path = property.is_truthy().then(|| runtime.stringify(property)).transpose()?;
    let mut sum = 0.0;
    for item in runtime.list(input.value) {
        let mut value = *item;
        for key in path.iter().flat_map(|path| path.split('.')) {
            value = runtime.member(value, Value::Text(key))?;
        }
        let number = runtime.number(value)?;
        sum += if number.is_nan() { 0.0 } else { number };
    }
    Ok(Value::Number(sum))
}

/// `where`: items whose property is what is expected, or true.
fn filter<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let access = scope_value(input.argument_text(0)?)?;
    let expected = input.argument(1);
    let mut kept = Vec::new();
    for item in runtime.list(input.value) {
        let value = match &access {
            Some(access) => runtime.access(access, &Scope::new(*item))?,
            None => Value::Undefined,
        };
        let matches = match expected {
            Value::Undefined => is_true(value),
            expected => runtime.equal(value, expected)?,
        };
        if matches {
            kept.push(*item);
        }
    }
    runtime.array(kept.into_iter())
}

fn compact<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let items = input.runtime.list(input.value).iter();
    let kept: Vec<_> = items.copied().filter(|item| !plain(*item).is_nullish()).collect();
    input.runtime.array(kept.into_iter())
}

fn push<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let mut items = input.runtime.list(input.value).to_vec();
    items.push(input.argument(0));
    input.runtime.array(items.into_iter())
}
