//! A comparison's right side, and what the operator makes of it.

use super::ast::{Comparison, Place, Test};
use super::root::Root;
use super::token::{Kind, Token};
use crate::json::number;

/// Returns the test that `operator` and `value` make of a field under `root`.
///
/// `null`, booleans and numbers are themselves only where Segment's parser knows them: `type` and `event` compare
/// with text alone, `name` knows `null`, `userId` also booleans, and only fields of the objects know numbers.
pub(super) fn comparison(root: Root, operator: &str, value: &Token) -> Test {
    let knows_null = !matches!(root, Root::Type | Root::Event);
    let knows_booleans = knows_null && root != Root::Name;
    match (operator, value.text.as_str()) {
        ("=" | "!=", "null") if knows_null => Test::Exists(operator == "!="),
        ("=", "true" | "false") if knows_booleans => Test::Is(value.text == "true"),
        ("=", _) if root.is_object() && value.kind == Kind::Number => {
            Test::Number(Comparison::Equal, number(root, value))
        }
        ("!=", _) if root.is_object() && value.kind == Kind::Number => {
            Test::Number(Comparison::Different, number(root, value))
        }
        _ => by_name(root, operator, value),
    }
}

/// Segment's evaluation knows its operators by name, and its parser takes any word in the operator's place.
fn by_name(root: Root, operator: &str, value: &Token) -> Test {
    let compared = |comparison| Test::Number(comparison, number(root, value));
    let pattern = |place, negated| Test::pattern(place, text(value), negated);
    match operator {
        "=" => Test::Equals(text(value).into()),
        "!=" => Test::Differs(text(value).into()),
        "<" => compared(Comparison::Less),
        "<=" => compared(Comparison::AtMost),
        ">" => compared(Comparison::Greater),
        ">=" => compared(Comparison::AtLeast),
        "number_equals" => compared(Comparison::Equal),
        "number_not_equals" => compared(Comparison::Different),
        "contains" | "not_contains" => pattern(Place::Anywhere, operator != "contains"),
        "starts_with" | "not_starts_with" => pattern(Place::Start, operator != "starts_with"),
        "ends_with" | "not_ends_with" => pattern(Place::End, operator != "ends_with"),
        "exists" | "not_exists" => Test::Exists(operator == "exists"),
        "is_true" | "is_false" => Test::Is(operator == "is_true"),
        _ => Test::Never,
    }
}

/// Returns the value's text: double quotes are removed, single quotes are not; numbers as JavaScript spells them.
pub(super) fn text(value: &Token) -> String {
    match value.kind {
        Kind::Text => {
            let text = value.text.strip_prefix('"').unwrap_or(&value.text);
            text.strip_suffix('"').unwrap_or(text).to_owned()
        }
        Kind::Number => number::with_text(number::from_text(&value.text), str::to_owned),
        _ => value.text.clone(),
    }
}

/// Returns the value's number, `NaN` if it is none. Booleans are numbers under the objects.
fn number(root: Root, value: &Token) -> f64 {
    match (value.kind, value.text.as_str()) {
        (Kind::Name, "true") if root.is_object() => 1.0,
        (Kind::Name, "false") if root.is_object() => 0.0,
        _ => number::from_text(&text(value)),
    }
}
