//! `@template`: text with `{{path}}` placeholders.

use bumpalo::Bump;
use bumpalo::collections::String;
use serde_json::Value as Json;

use super::{Directive, Evaluated};
use crate::expression::{Constant, Expression};
use crate::json::number::is_blank;
use crate::{DirectiveError, Path, Value};

/// A fixed template, taken apart once.
///
/// Segment replaces `{{{path}}}` first and then scans the result, values included, for `{{path}}`.
#[derive(Debug)]
enum Template {
    /// Only double braces: one pass.
    Double(Parts),
    /// Triple braces: a pass over the template, then one over what came out.
    Triple(Parts),
}

/// Literal text and paths in turn, starting with text and ending with `tail`.
#[derive(Debug)]
struct Parts {
    parts: Box<[(Box<str>, Path)]>,
    tail: Box<str>,
}

/// A template that depends on the payload.
#[derive(Debug)]
struct ComputedTemplate(Expression);

pub(super) fn compile(options: &Json) -> Expression {
    let Json::String(text) = options else {
        return Expression::Directive(Box::new(ComputedTemplate(Expression::compile(options))));
    };
    let triple = Parts::parse(text, 3);
    let template = if triple.parts.is_empty() {
        Template::Double(Parts::parse(text, 2))
    } else {
        Template::Triple(triple)
    };
    match template {
        Template::Double(parts) if parts.parts.is_empty() => Expression::Constant(Constant::Text(parts.tail)),
        template => Expression::Directive(Box::new(template)),
    }
}

/// What is looked at where there is no payload.
fn or_empty(payload: Value<'_>) -> Value<'_> {
    match payload {
        Value::Undefined => Value::Object(&[]),
        payload => payload,
    }
}

impl Directive for Template {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let payload = or_empty(payload);
        Ok(Value::Text(match self {
            Self::Double(parts) => parts.fill(payload, arena),
            Self::Triple(parts) => render(parts.fill(payload, arena), 2, payload, arena),
        }))
    }

    fn is_infallible(&self) -> bool {
        true
    }
}

impl Directive for ComputedTemplate {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let template = self.0.evaluate(payload, arena)?;
        let expected = || DirectiveError::expected_string("@template", template.type_name());
        let text = template.text_in(arena).ok_or_else(expected)?;
        let payload = or_empty(payload);
        let text = render(text, 3, payload, arena);
        Ok(Value::Text(render(text, 2, payload, arena)))
    }
}

impl Parts {
    fn parse(template: &str, braces: usize) -> Self {
        let mut placeholders = Placeholders::new(template, braces);
        let parts = placeholders
            .by_ref()
            .map(|(before, path)| (before.into(), Path::parse(path)))
            .collect();
        Self {
            parts,
            tail: placeholders.rest().into(),
        }
    }

    fn fill<'a>(&self, payload: Value<'a>, arena: &'a Bump) -> &'a str {
        let mut text = String::new_in(arena);
        for (before, path) in &self.parts {
            text.push_str(before);
            append(path.get(payload), &mut text);
        }
        text.push_str(&self.tail);
        text.into_bump_str()
    }
}

/// One pass over a template that is not known before.
fn render<'a>(template: &'a str, braces: usize, payload: Value<'a>, arena: &'a Bump) -> &'a str {
    let mut placeholders = Placeholders::new(template, braces);
    let mut text = String::new_in(arena);
    for (before, path) in placeholders.by_ref() {
        text.push_str(before);
        append(Path::parse(path).get(payload), &mut text);
    }
    text.push_str(placeholders.rest());
    text.into_bump_str()
}

fn append(value: Value<'_>, text: &mut String<'_>) {
    if !value.is_nullish() {
        value.append_text(text);
    }
}

/// Finds placeholders: so many braces, at least one character that is no closing brace, so many closing braces.
struct Placeholders<'t> {
    template: &'t str,
    braces: usize,
    at: usize,
}

impl<'t> Placeholders<'t> {
    fn new(template: &'t str, braces: usize) -> Self {
        Self {
            template,
            braces,
            at: 0,
        }
    }

    /// What no placeholder was found in any more.
    fn rest(&self) -> &'t str {
        &self.template[self.at..]
    }
}

impl<'t> Iterator for Placeholders<'t> {
    /// The text before the placeholder and the path in it.
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let opening = &"{{{"[..self.braces];
        let closing = &"}}}"[..self.braces];
        let mut start = self.at;
        let mut close = start;
        loop {
            start += self.template[start..].find(opening)?;
            let inside = start + self.braces;
            if close < inside {
                close = inside + self.template[inside..].find('}')?;
            }
            if close > inside && self.template[close..].starts_with(closing) {
                let before = &self.template[self.at..start];
                self.at = close + self.braces;
                return Some((before, self.template[inside..close].trim_matches(is_blank)));
            }
            start += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::render;
    use crate::Value;

    fn rendered(template: &str) -> String {
        let arena = Bump::new();
        let payload =
            Value::of_json(r#"{"a":1.50,"b":"{{a}}","n":null,"f":false,"o":{},"l":[1,[null,2],"x"],"$":{"a":9}}"#);
        render(render(template, 3, payload, &arena), 2, payload, &arena).to_owned()
    }

    #[test]
    fn fills_in_values_as_text() {
        assert_eq!(
            rendered("<{{a}}|{{ n }}|{{f}}|{{o}}|{{l}}|{{l[2]}}|{{x}}>"),
            "<1.5||false|[object Object]|1,,2,x|x|>"
        );
    }

    #[test]
    fn scans_values_of_triple_braces_again() {
        assert_eq!(rendered("{{{b}}} {{b}}"), "1.5 {{a}}");
    }

    #[test]
    fn leaves_alone_what_is_no_placeholder() {
        assert_eq!(rendered("{{}} {a} {{a} }} {{a"), "{{}} {a} {{a} }} {{a");
        assert_eq!(rendered("{{{{a}}}}"), "}");
        assert_eq!(rendered("{{ }}"), "[object Object]");
    }
}
