//! Nodes to FQL that Segment's destinations read as its documentation says, where there is such a text.
//!
//! These read one level of parentheses, in which a function can only be the last: the parenthesis ends with its own.

use super::ast::{Comparison, Field, Node, Place, Test};

/// Most parts of a level, so that no suggestion is longer than what it replaces by much.
const MAX_PARTS: usize = 24;

/// Returns texts that may say what the node does, best first; whether they do is for a reading to tell.
pub(super) fn candidates(node: &Node) -> Vec<String> {
    let any = matches!(node, Node::Any(_));
    let forms = [
        (any, two_levels(node)),
        (true, sums(node, true)),
        (false, sums(node, false)),
    ];
    let texts = forms.into_iter().filter_map(|(any, groups)| text(any, &groups?));
    texts.collect()
}

type Groups<'n> = Vec<Vec<&'n Node>>;

/// The node as it is, if it is no deeper.
fn two_levels<'n>(node: &'n Node) -> Option<Groups<'n>> {
    let (Node::All(parts) | Node::Any(parts)) = node else {
        return Some(vec![vec![node]]);
    };
    let group = |part: &'n Node| match part {
        Node::All(tests) | Node::Any(tests) => {
            let flat = tests.iter().all(|part| matches!(part, Node::Test(..)));
            flat.then(|| tests.iter().collect())
        }
        single => Some(vec![single]),
    };
    parts.iter().map(group).collect()
}

/// The node as one level of alternatives (`any`) or conditions, whose parts are of the other kind.
fn sums(node: &Node, any: bool) -> Option<Groups<'_>> {
    let (Node::All(parts) | Node::Any(parts)) = node else {
        return Some(vec![vec![node]]);
    };
    let parts = parts.iter().map(|part| sums(part, any));
    let parts = parts.collect::<Option<Vec<_>>>()?;
    let groups = if matches!(node, Node::Any(_)) == any {
        parts.concat()
    } else {
        parts
            .iter()
            .try_fold(vec![vec![]], |product, part| times(&product, part))?
    };
    (groups.len() <= MAX_PARTS).then_some(groups)
}

fn times<'n>(left: &Groups<'n>, right: &Groups<'n>) -> Option<Groups<'n>> {
    if left.len() * right.len() > MAX_PARTS {
        return None;
    }
    let pairs = left
        .iter()
        .flat_map(|left| right.iter().map(|right| [&left[..], right].concat()));
    Some(pairs.collect())
}

fn text(any: bool, groups: &Groups<'_>) -> Option<String> {
    let (outer, inner) = if any { (" or ", " and ") } else { (" and ", " or ") };
    if let [only] = &groups[..] {
        return joined(only, inner);
    }
    let groups = groups.iter().map(|group| {
        let text = joined(group, inner)?;
        Some(if group.len() > 1 { format!("({text})") } else { text })
    });
    Some(groups.collect::<Option<Vec<_>>>()?.join(outer))
}

/// The tests of a level, functions last.
fn joined(level: &[&Node], operator: &str) -> Option<String> {
    let is_call = |node: &&&Node| matches!(node, Node::Test(_, Test::Pattern { .. }));
    let plain = level.iter().filter(|node| !is_call(node));
    let ordered = plain.chain(level.iter().filter(is_call));
    let mut conditions: Vec<String> = Vec::new();
    for node in ordered {
        let Node::Test(field, test) = node else { return None };
        let written = condition(field, test)?;
        if !conditions.contains(&written) {
            conditions.push(written);
        }
    }
    Some(conditions.join(operator))
}

/// Returns the FQL of one test, if there is one.
pub(super) fn condition(field: &Field, test: &Test) -> Option<String> {
    let field = name(field)?;
    Some(match test {
        Test::Exists(true) => format!("{field} != null"),
        Test::Exists(false) => format!("{field} = null"),
        Test::Is(value) => format!("{field} = {value}"),
        Test::Equals(wanted) => format!("{field} = {}", quoted(wanted)?),
        Test::Differs(wanted) => format!("{field} != {}", quoted(wanted)?),
        Test::Number(comparison, number) => format!("{field} {} {number}", comparison.as_str()),
        Test::Pattern {
            place,
            pattern,
            negated,
        } => {
            let not = if *negated { "!" } else { "" };
            let literal = !pattern.contains(['*', '?', '[', '\\']);
            match place {
                Place::Anywhere => format!("{not}contains({field}, {})", quoted(pattern)?),
                Place::Start if literal => format!("{not}match({field}, {})", quoted(&format!("{pattern}*"))?),
                Place::End if literal => format!("{not}match({field}, {})", quoted(&format!("*{pattern}"))?),
                _ => return None,
            }
        }
        Test::Never => return None,
    })
}

/// Returns the field's name in FQL, with a backslash before each character that needs one.
pub(super) fn name(field: &Field) -> Option<String> {
    let keys = field.0.as_ref()?.keys().iter().map(|key| escaped(key));
    Some(keys.collect::<Vec<_>>().join("."))
}

fn escaped(key: &str) -> String {
    let is_word = ["and", "or", "null"].contains(&key);
    let mut name = String::with_capacity(key.len());
    for (at, character) in key.char_indices() {
        let plain = character.is_ascii_alphanumeric() || character == '_' || (character == '-' && at > 0);
        if !plain || (at == 0 && (is_word || character.is_ascii_digit())) {
            name.push('\\');
        }
        name.push(character);
    }
    name
}

/// Nothing can be escaped in a string, and only double quotes are read by both.
fn quoted(text: &str) -> Option<String> {
    (!text.contains('"')).then(|| format!("\"{text}\""))
}

impl Comparison {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Different => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}
