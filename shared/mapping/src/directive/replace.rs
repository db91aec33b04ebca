//! `@replace`: parts of a text for others.

use std::fmt::Write;

use bumpalo::Bump;
use bumpalo::collections::String;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::Expression;
use crate::{DirectiveError, Value, literal};

type Object = serde_json::Map<std::string::String, Json>;

/// How long pattern and replacement may be, in UTF-16 units.
pub(crate) const MAX_LENGTH: usize = 10;

#[derive(Debug)]
struct Replace {
    value: Expression,
    /// What to do with text. `None`: an option has the wrong type, and Segment then gives empty text.
    steps: Option<Result<Box<[Step]>, DirectiveError>>,
}

/// One literal pattern and what stands in its place.
#[derive(Debug)]
struct Step {
    pattern: Box<[char]>,
    replacement: Box<str>,
    all: bool,
    ignore_case: bool,
}

pub(super) fn compile(options: &Json) -> Result<Expression, DirectiveError> {
    let Json::Object(fields) = options else {
        return Err(DirectiveError::new(
            "@replace requires an object with a \"pattern\" key",
        ));
    };
    let Some(pattern) = literal::truthy(fields.get("pattern")) else {
        return Err(DirectiveError::new("@replace requires a \"pattern\" key"));
    };
    let Some(value) = literal::truthy(fields.get("value")) else {
        return Ok(Expression::UNDEFINED);
    };
    let steps = steps(pattern, fields);
    Ok(Expression::Directive(Box::new(Replace {
        value: Expression::compile(value),
        steps,
    })))
}

fn steps(pattern: &Json, fields: &Object) -> Option<Result<Box<[Step]>, DirectiveError>> {
    let all = flag(fields.get("global"), true)?;
    let ignore_case = flag(fields.get("ignorecase"), false)?;
    let replacement = text_or_empty(fields.get("replacement"))?;
    let mut steps = vec![Step::new(pattern.as_str()?, replacement, all, ignore_case)];
    if let Some(Json::String(pattern)) = literal::truthy(fields.get("pattern2"))
        && let Some(replacement) = text_or_empty(fields.get("replacement2"))
    {
        steps.push(Step::new(pattern, replacement, all, ignore_case));
    }
    Some(steps.into_iter().collect())
}

fn flag(value: Option<&Json>, default: bool) -> Option<bool> {
    match value {
        None | Some(Json::Null) => Some(default),
        Some(value) => value.as_bool(),
    }
}

fn text_or_empty(value: Option<&Json>) -> Option<&str> {
    match value {
        None | Some(Json::Null) => Some(""),
        Some(value) => value.as_str(),
    }
}

impl Directive for Replace {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let value = self.value.evaluate(payload, arena)?;
        let Some(steps) = self.steps.as_ref().filter(|_| has_text(value)) else {
            return Ok(Value::Text(""));
        };
        let steps = steps.as_ref().map_err(Clone::clone)?;
        Ok(Value::Text(
            steps
                .iter()
                .fold(value.to_text(arena), |text, step| step.apply(text, arena)),
        ))
    }

    fn is_infallible(&self) -> bool {
        !matches!(self.steps, Some(Err(_))) && self.value.is_infallible()
    }
}

fn has_text(value: Value<'_>) -> bool {
    matches!(value.type_name(), "string" | "number" | "boolean")
}

impl Step {
    fn new(pattern: &str, replacement: &str, all: bool, ignore_case: bool) -> Result<Self, DirectiveError> {
        for (name, text) in [("pattern", pattern), ("replacement", replacement)] {
            if literal::utf16_length(text) > MAX_LENGTH {
                let message = format!("@replace requires a \"{name}\" less than {MAX_LENGTH} characters");
                return Err(DirectiveError::new(message));
            }
        }
        let pattern = pattern
            .chars()
            .map(|c| if ignore_case { folded(c) } else { c })
            .collect();
        Ok(Self {
            pattern,
            replacement: replacement.into(),
            all,
            ignore_case,
        })
    }

    fn apply<'a>(&self, text: &'a str, arena: &'a Bump) -> &'a str {
        let mut from = 0;
        let mut result: Option<String<'a>> = None;
        while let Some((start, end)) = self.find(text, from) {
            let out = result.get_or_insert_with(|| String::with_capacity_in(text.len(), arena));
            out.push_str(&text[from..start]);
            self.expand(text, start, end, out);
            from = end;
            if !self.all {
                break;
            }
        }
        let Some(mut out) = result else { return text };
        out.push_str(&text[from..]);
        out.into_bump_str()
    }

    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        text[from..].char_indices().find_map(|(offset, _)| {
            let start = from + offset;
            self.match_at(&text[start..]).map(|length| (start, start + length))
        })
    }

    /// How many bytes at the start of `text` the pattern matches.
    fn match_at(&self, text: &str) -> Option<usize> {
        let mut chars = text.chars();
        for &wanted in &self.pattern {
            let c = chars.next()?;
            if c != wanted && !(self.ignore_case && folded(c) == wanted) {
                return None;
            }
        }
        Some(text.len() - chars.as_str().len())
    }

    /// Appends the replacement. As in JavaScript, `$$`, `$&`, `` $` `` and `$'` stand for something; without groups in
    /// the pattern `$1` stands for itself.
    fn expand(&self, text: &str, start: usize, end: usize, out: &mut String<'_>) {
        let mut rest = &*self.replacement;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let meant = match rest.as_bytes().get(at + 1) {
                Some(b'$') => "$",
                Some(b'&') => &text[start..end],
                Some(b'`') => &text[..start],
                Some(b'\'') => &text[end..],
                _ => {
                    out.push('$');
                    rest = &rest[at + 1..];
                    continue;
                }
            };
            out.push_str(meant);
            rest = &rest[at + 2..];
        }
        let _ = out.write_str(rest);
    }
}

/// What a regular expression with the flag `i` compares: the upper-case character, if it is a single UTF-16 unit and
/// does not turn another alphabet into ASCII.
fn folded(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None)
            if single.len_utf16() == c.len_utf16() && c.len_utf16() == 1 && (c.is_ascii() || !single.is_ascii()) =>
        {
            single
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::Step;

    fn replaced(text: &str, pattern: &str, replacement: &str, ignore_case: bool) -> String {
        let arena = Bump::new();
        Step::new(pattern, replacement, true, ignore_case)
            .unwrap()
            .apply(arena.alloc_str(text), &arena)
            .to_owned()
    }

    #[test]
    fn takes_patterns_literally() {
        assert_eq!(replaced("a.b.c+", ".", "-", false), "a-b-c+");
        assert_eq!(replaced("aXa", "x", "", false), "aXa");
    }

    #[test]
    fn ignores_case_as_regular_expressions_do() {
        assert_eq!(replaced("Élan éLAN", "ÉL", "-", true), "-an -AN");
        assert_eq!(replaced("ßẞſs", "ß", "-", true), "-ẞſs");
        assert_eq!(replaced("ſsS", "s", "-", true), "ſ--");
    }

    #[test]
    fn expands_dollars_in_replacements() {
        assert_eq!(replaced("abc", "b", "$&$$$`$'$1", false), "ab$ac$1c");
        assert_eq!(replaced("abc", "b", "$", false), "a$c");
    }

    #[test]
    fn counts_utf16_units() {
        assert!(Step::new("😀😀😀😀😀", "", true, false).is_ok());
        assert!(Step::new("😀😀😀😀😀x", "", true, false).is_err());
    }
}
