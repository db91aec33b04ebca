//! Paths and templates (reference of the mapping kit: `get`, `@template`).

use std::borrow::Cow;

use super::js::Js;

/// `get(payload, path)`: stops at the first falsy value and returns it.
pub(super) fn get(payload: &Js, path: &str) -> Js {
    walk(payload, &keys(path)).into_owned()
}

fn walk<'a>(value: &'a Js, keys: &[String]) -> Cow<'a, Js> {
    match keys {
        [key, rest @ ..] if value.is_truthy() => match value.property(key) {
            Cow::Borrowed(value) => walk(value, rest),
            Cow::Owned(value) => Cow::Owned(walk(&value, rest).into_owned()),
        },
        _ => Cow::Borrowed(value),
    }
}

/// Splits at `.`, at `[` before a quote or digit and at `]` behind one; empty keys vanish, and so do quotes.
fn keys(path: &str) -> Vec<String> {
    let marks = |c: Option<&char>| c.is_some_and(|&c| c == '"' || c == '\'' || c.is_ascii_digit());
    let chars: Vec<char> = path.chars().collect();
    let mut keys = Vec::new();
    let mut key = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let separator = match c {
            '.' => 1,
            '[' if marks(chars.get(at + 1)) => 1,
            ']' if at > 0 && marks(chars.get(at - 1)) => chars[at..].iter().take_while(|c| **c == ']').count(),
            _ => 0,
        };
        if separator > 0 {
            keys.push(std::mem::take(&mut key));
        } else {
            key.push(c);
        }
        at += separator.max(1);
    }
    keys.push(key);
    keys.retain(|key| !key.is_empty());
    keys.iter().map(|key| key.replace(['"', '\''], "")).collect()
}

/// Replaces `{{{path}}}`, then in what came out `{{path}}`.
pub(super) fn template(template: &str, payload: &Js) -> String {
    filled(&filled(template, 3, payload), 2, payload)
}

/// One pass over a template: so many braces, at least one character that is no closing brace, so many closing braces.
fn filled(template: &str, braces: usize, payload: &Js) -> String {
    let (opening, closing) = ("{".repeat(braces), "}".repeat(braces));
    let mut out = String::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let inside = rest.strip_prefix(&opening);
        let inside = inside.and_then(|inside| Some((inside, inside.find('}')?)));
        match inside {
            Some((inside, end)) if end > 0 && inside[end..].starts_with(&closing) => {
                let blank = |c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}');
                let value = get(payload, inside[..end].trim_matches(blank));
                out.push_str(&if value.is_nullish() {
                    String::new()
                } else {
                    value.to_text()
                });
                rest = &inside[end + braces..];
            }
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}
