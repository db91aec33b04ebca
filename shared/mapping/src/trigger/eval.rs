//! Does an event pass? Nothing is allocated, except for `contains` and `match` on text with escapes.

use super::ast::{Comparison, Field, Node, Place, Test};
use crate::Value;
use crate::json::string::{has_escape, unescaped};

impl Node {
    /// Returns the answer; none where Segment's evaluation fails.
    pub(super) fn passes(&self, event: Value<'_>) -> Option<bool> {
        match self {
            Self::All(nodes) => first_unlike(nodes, event, true),
            Self::Any(nodes) => first_unlike(nodes, event, false),
            Self::Test(field, test) => Some(test.holds(field.value(event))),
            Self::Broken => None,
        }
    }
}

/// Evaluates in order and stops at the first answer that is not `usual`, which then is the answer.
fn first_unlike(nodes: &[Node], event: Value<'_>, usual: bool) -> Option<bool> {
    let answers = nodes.iter().map(|node| node.passes(event));
    answers
        .into_iter()
        .find(|&answer| answer != Some(usual))
        .unwrap_or(Some(usual))
}

impl Field {
    fn value<'a>(&self, event: Value<'a>) -> Value<'a> {
        self.0.as_ref().map_or(Value::Undefined, |path| path.get(event))
    }
}

impl Test {
    fn holds(&self, actual: Value<'_>) -> bool {
        match self {
            Self::Exists(wanted) => actual.is_nullish() != *wanted,
            Self::Is(wanted) => matches!(actual, Value::Bool(is) if is == *wanted),
            Self::Equals(text) => is_text(actual, text),
            Self::Differs(text) => !is_text(actual, text),
            Self::Number(comparison, number) => actual.as_f64().is_some_and(|actual| comparison.holds(actual, *number)),
            Self::Pattern {
                place,
                pattern,
                negated,
            } => actual
                .as_text()
                .is_some_and(|text| place.holds(&text, pattern) != *negated),
            Self::Never => false,
        }
    }
}

fn is_text(actual: Value<'_>, wanted: &str) -> bool {
    match actual {
        Value::Text(text) => text == wanted,
        Value::Spelled(inside) if has_escape(inside) => unescaped(inside).eq(wanted.chars()),
        Value::Spelled(inside) => inside == wanted,
        _ => false,
    }
}

impl Comparison {
    #[expect(clippy::float_cmp, reason = "FQL compares doubles exactly")]
    fn holds(self, actual: f64, wanted: f64) -> bool {
        match self {
            Self::Equal => actual == wanted,
            Self::Different => actual != wanted,
            Self::Less => actual < wanted,
            Self::AtMost => actual <= wanted,
            Self::Greater => actual > wanted,
            Self::AtLeast => actual >= wanted,
        }
    }
}

impl Place {
    pub(super) fn holds(self, text: &str, pattern: &str) -> bool {
        match self {
            Self::Anywhere => text.contains(pattern),
            Self::Start => text.starts_with(pattern),
            Self::End => text.ends_with(pattern),
            Self::EndAfter(half) => text.strip_suffix(pattern).is_some_and(|before| {
                let last = before.chars().next_back();
                last.is_some_and(|c| c.len_utf16() == 2 && c.encode_utf16(&mut [0; 2])[1] == half)
            }),
        }
    }
}
