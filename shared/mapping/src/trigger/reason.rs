//! Why no trigger says something so that Segment's destinations understand it.

use super::ast::{Field, Node, Test};
use super::documented::lower::{Lowered, Untestable};
use super::root::Root;
use super::write;

/// What helps where a trigger cannot say it.
const ELSEWHERE: &str = "decide it in the extract, or with @if in the mapping";

/// Says why there is no trigger on which both agree.
pub(super) fn reason(lowered: Result<&Lowered, &Untestable>) -> String {
    let why = match lowered {
        Err(Untestable(why)) => why.clone(),
        Ok(lowered) => first_reason(&lowered.node).unwrap_or_else(|| {
            "Segment's destinations read one level of parentheses, with a function only as the last part in it"
                .to_owned()
        }),
    };
    format!("{why}; {ELSEWHERE}")
}

fn first_reason(node: &Node) -> Option<String> {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().find_map(first_reason),
        Node::Test(field, test) => untestable(field, test),
        Node::Broken => None,
    }
}

/// Says why Segment's destinations have no such test.
fn untestable(field: &Field, test: &Test) -> Option<String> {
    let name = write::name(field)?;
    let keys = field.0.as_ref()?.keys();
    let first = keys.first()?;
    let Some(root) = Root::of_comparison(first) else {
        return Some(format!(
            "`{name}` cannot be tested by Segment's destinations: they skip all but type, event, name, userId, \
             properties.…, traits.… and context.…"
        ));
    };
    if root.is_object() != (keys.len() > 1) {
        return Some(if root.is_object() {
            format!("`{name}` as a whole cannot be tested, only a field in it")
        } else {
            format!("`{first}` has no fields in it that could be tested")
        });
    }
    if keys.iter().any(|key| key.contains(['.', '[', ']'])) {
        return Some(format!(
            "`{name}` cannot be tested: Segment's destinations split names at `.`, `[` and `]`"
        ));
    }
    let kind = match (root, test) {
        (Root::Type | Root::Event, Test::Exists(_)) => "null",
        (Root::Type | Root::Event | Root::Name, Test::Is(_)) => "booleans",
        (_, Test::Number(..)) if !root.is_object() => "numbers",
        (Root::Type, Test::Pattern { .. }) => "patterns",
        _ if write::condition(field, test).is_none() => {
            return Some("this text cannot be written in FQL, in which nothing in a string is escaped".to_owned());
        }
        _ => return None,
    };
    Some(format!("Segment's destinations do not compare `{name}` with {kind}"))
}
