//! Texts.

use super::{Handler, Input, count, encoding, html, place, replace, slug, strip, uri};
use crate::Value;
use crate::directive::letter::{lower, upper};
use crate::directive::liquid::fault::{Fault, Outcome};
use crate::directive::liquid::unit;
use crate::json::number::is_blank;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "append" => |input| joined(input, "append expect 2 arguments", |value, argument| [value, argument]),
        "prepend" => |input| joined(input, "prepend expect 2 arguments", |value, argument| [argument, value]),
        "downcase" => |input| input.built(lower(input.text()?, input.runtime.arena)),
        "upcase" => |input| input.built(upper(input.text()?, input.runtime.arena)),
        "capitalize" => capitalize,
        "strip_newlines" => |input| input.keep(&input.text()?.replace("\r\n", "").replace('\n', "")),
        "normalize_whitespace" => normalize_whitespace,
        "number_of_words" => number_of_words,
        "truncate" => truncate,
        "truncatewords" => truncatewords,
        "split" => split,
        "strip" | "lstrip" | "rstrip" => return strip::named(name),
        "remove" | "remove_first" | "remove_last" | "replace" | "replace_first" | "replace_last" => {
            return replace::named(name);
        }
        "slugify" => slug::slugify,
        _ => {
            return html::named(name)
                .or_else(|| uri::named(name))
                .or_else(|| encoding::named(name));
        }
    })
}

fn joined<'a>(
    input: &Input<'_, 'a>,
    message: &'static str,
    order: impl Fn(&'a str, &'a str) -> [&'a str; 2],
) -> Outcome<Value<'a>> {
    if input.arguments.len() != 1 {
        return Err(Fault::new(message));
    }
    let parts = order(input.text()?, input.argument_text(0)?);
    input.runtime.build(parts[0].len() + parts[1].len())?;
    let mut text = bumpalo::collections::String::new_in(input.runtime.arena);
    text.push_str(parts[0]);
    text.push_str(parts[1]);
    Ok(Value::Text(input.runtime.joined(text.into_bump_str())))
}

fn capitalize<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let text = input.text()?;
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return Ok(Value::Text(""));
    };
    let rest = chars.as_str().to_lowercase();
    // Characters beyond 16 bits are two units, of which neither has another case.
    if first.len_utf16() == 2 {
        return input.keep(&format!("{first}{rest}"));
    }
    input.keep(&format!("{}{rest}", first.to_uppercase()))
}

fn normalize_whitespace<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let mut text = String::new();
    let mut in_blanks = false;
    for c in input.text()?.chars() {
        if !is_blank(c) {
            text.push(c);
        } else if !in_blanks {
            text.push(' ');
        }
        in_blanks = is_blank(c);
    }
    input.keep(&text)
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3400}'..='\u{4dbf}' | '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}')
}

fn number_of_words<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let text = input.text()?.trim_matches(is_blank);
    let mode = input.argument(0).text_in(input.runtime.arena).unwrap_or_default();
    let characters = text.chars().filter(|&c| is_cjk(c)).count();
    if mode == "cjk" || (mode == "auto" && characters > 0) {
        let words = text.split(|c| is_blank(c) || is_cjk(c)).filter(|word| !word.is_empty());
        return Ok(count(characters + words.count()));
    }
    Ok(count(text.split(is_blank).filter(|word| !word.is_empty()).count()))
}

fn truncate<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let text = input.text()?;
    let limit = input.argument_or(0, Value::Number(50.0));
    let end = runtime.stringify(input.argument_or(1, Value::Text("...")))?;
    let length = unit::length(text);
    if runtime
        .compare(count(length), limit)?
        .is_some_and(std::cmp::Ordering::is_le)
    {
        return Ok(input.value);
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let kept = place(runtime.number(limit)? - unit::length(end) as f64);
    let start = unit::slice(text, 0, kept);
    input.keep(&format!("{start}{end}"))
}

fn truncatewords<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let text = input.text()?;
    let end = runtime.stringify(input.argument_or(1, Value::Text("...")))?;
    let mut limit = input.argument_or(0, Value::Number(15.0));
    if runtime
        .compare(limit, Value::Number(0.0))?
        .is_some_and(std::cmp::Ordering::is_le)
    {
        limit = Value::Number(1.0);
    }
    let limit = runtime.number(limit)?;
    // Blanks at both ends are beside empty words.
    let inner = text.split(is_blank).filter(|word| !word.is_empty());
    let mut words: Vec<&str> = inner.collect();
    if text.is_empty() || text.starts_with(is_blank) {
        words.insert(0, "");
    }
    if text.ends_with(is_blank) {
        words.push("");
    }
    let mut kept = words.get(..place(limit).min(words.len())).unwrap_or_default().join(" ");
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    if words.len() as f64 >= limit {
        kept.push_str(end);
    }
    input.keep(&kept)
}

fn split<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let runtime = input.runtime;
    let text = input.text()?;
    let separator = input.argument_text(0)?;
    let mut parts: Vec<Value<'a>> = if separator.is_empty() {
        runtime.build_items(unit::length(text))?;
        let letter = |c: char| Value::Text(runtime.arena.alloc_str(c.encode_utf8(&mut [0; 4])));
        unit::each(text).map(letter).collect()
    } else {
        text.split(separator).map(Value::Text).collect()
    };
    while matches!(parts.last(), Some(Value::Text(""))) {
        parts.pop();
    }
    runtime.array(parts.into_iter())
}
