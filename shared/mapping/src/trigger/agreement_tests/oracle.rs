//! FQL's documentation as a plain evaluator, apart from everything that reads triggers: random conditions are made as
//! trees, written as text for the readers, and evaluated here as they are.

use std::fmt::Write;

use serde_json::Value;

/// A condition of the documented language.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        path: &'static [&'static str],
        operator: &'static str,
        literal: Literal,
        turned: bool,
    },
    In(&'static [&'static str], Vec<Literal>),
    Contains(&'static [&'static str], &'static str),
    Match(&'static [&'static str], &'static str),
    Field(&'static [&'static str]),
}

#[derive(Debug, Clone)]
pub(super) enum Literal {
    Double(&'static str),
    Single(&'static str),
    Number(f64),
    Bool(bool),
    Null,
}

/// What the documentation says that a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    /// Neither a boolean nor an error: `null`.
    Null,
    /// Nothing: it does not say what comes of values of other types.
    Nothing,
}

impl From<bool> for Said {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl Condition {
    /// Evaluates. With `kinds` a value of another kind than the one it is compared with counts as if nothing were
    /// documented for it.
    pub(super) fn evaluate(&self, event: &Value, kinds: bool) -> Said {
        match self {
            Self::And(parts) => {
                let said: Vec<Said> = parts.iter().map(|part| part.evaluate(event, kinds)).collect();
                if said.iter().any(|said| matches!(said, Said::No | Said::Null)) {
                    Said::No
                } else if said.contains(&Said::Nothing) {
                    Said::Nothing
                } else {
                    Said::Yes
                }
            }
            Self::Or(parts) => {
                let said: Vec<Said> = parts.iter().map(|part| part.evaluate(event, kinds)).collect();
                if said.contains(&Said::Yes) {
                    Said::Yes
                } else if said.contains(&Said::Nothing) {
                    Said::Nothing
                } else {
                    Said::No
                }
            }
            Self::Not(inside) => match inside.evaluate(event, kinds) {
                Said::Yes => Said::No,
                Said::No => Said::Yes,
                Said::Null | Said::Nothing => Said::Nothing,
            },
            Self::Compare {
                path,
                operator,
                literal,
                ..
            } => compare(lookup(event, path), operator, literal, kinds),
            Self::In(path, literals) => {
                let equal = literals
                    .iter()
                    .map(|literal| compare(lookup(event, path), "=", literal, kinds));
                let equal: Vec<Said> = equal.collect();
                if equal.contains(&Said::Yes) {
                    Said::Yes
                } else if equal.contains(&Said::Nothing) {
                    Said::Nothing
                } else {
                    Said::No
                }
            }
            Self::Contains(path, part) => text(lookup(event, path), kinds, |text| text.contains(part)),
            Self::Match(path, pattern) => text(lookup(event, path), kinds, |text| {
                let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
                glob(&text, &pattern)
            }),
            Self::Field(path) => match lookup(event, path) {
                Some(Value::Bool(value)) => (*value).into(),
                None | Some(Value::Null) => Said::Null,
                Some(_) => Said::Nothing,
            },
        }
    }
}

/// The documentation does not say what is in a value that is no object. There this is what Segment's destinations look
/// up: below a value that is false in JavaScript, that value.
fn lookup<'v>(event: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(event, |value, key| match value {
        Value::Object(fields) => fields.get(*key),
        Value::Null | Value::Bool(false) => Some(value),
        Value::String(text) if text.is_empty() => Some(value),
        Value::Number(number) if number.as_f64() == Some(0.0) => Some(value),
        _ => None,
    })
}

fn compare(value: Option<&Value>, operator: &str, literal: &Literal, kinds: bool) -> Said {
    let value = value.unwrap_or(&Value::Null);
    let equal = match (value, literal) {
        (Value::String(text), Literal::Double(wanted) | Literal::Single(wanted)) => text == wanted,
        (Value::Number(number), Literal::Number(wanted)) => number.as_f64() == Some(*wanted),
        (Value::Bool(value), Literal::Bool(wanted)) => value == wanted,
        (Value::Null, Literal::Null) => true,
        (Value::Null, Literal::Bool(_)) => false,
        (_, Literal::Number(_) | Literal::Bool(_)) if kinds => return Said::Nothing,
        _ => false,
    };
    let ordered = match (value, literal) {
        (Value::Number(number), Literal::Number(wanted)) => number.as_f64().unwrap().partial_cmp(wanted),
        _ => None,
    };
    match (operator, ordered) {
        ("=", _) => equal.into(),
        ("!=", _) => (!equal).into(),
        ("<", Some(order)) => order.is_lt().into(),
        ("<=", Some(order)) => order.is_le().into(),
        (">", Some(order)) => order.is_gt().into(),
        (">=", Some(order)) => order.is_ge().into(),
        _ => Said::Nothing,
    }
}

fn text(value: Option<&Value>, kinds: bool, holds: impl Fn(&str) -> bool) -> Said {
    match value {
        Some(Value::String(text)) => holds(text).into(),
        _ if kinds => Said::Nothing,
        None | Some(Value::Null) => Said::No,
        Some(_) => Said::Nothing,
    }
}

fn glob(text: &[char], pattern: &[char]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['*', rest @ ..], _) => (0..=text.len()).any(|skipped| glob(&text[skipped..], rest)),
        (['?', rest @ ..], [_, text @ ..]) => glob(text, rest),
        (['\\', wanted, rest @ ..] | [wanted, rest @ ..], [first, text @ ..]) => wanted == first && glob(text, rest),
        _ => false,
    }
}

impl Condition {
    /// Writes the condition as FQL.
    pub(super) fn text(&self) -> String {
        match self {
            Self::And(parts) => Self::joined(parts, " and ", |part| match part {
                Self::Or(parts) | Self::And(parts) => parts.len() > 1,
                _ => false,
            }),
            // The documentation needs none around `and`; half of them get some, since Segment's destinations do need them.
            Self::Or(parts) => Self::joined(parts, " or ", |part| match part {
                Self::Or(parts) => parts.len() > 1,
                Self::And(parts) => parts.len() == 2,
                _ => false,
            }),
            Self::Not(inside) => match **inside {
                Self::Contains(..) | Self::Match(..) | Self::Field(_) => format!("!{}", inside.text()),
                _ => format!("!({})", inside.text()),
            },
            Self::Compare {
                path,
                operator,
                literal,
                turned: false,
            } => format!("{} {operator} {}", name(path), literal.text()),
            Self::Compare {
                path,
                operator,
                literal,
                turned: true,
            } => {
                let turned = operator.replace(['<', '>'], if operator.contains('<') { ">" } else { "<" });
                format!("{} {turned} {}", literal.text(), name(path))
            }
            Self::In(path, literals) => {
                let literals: Vec<String> = literals.iter().map(Literal::text).collect();
                format!("{} in [{}]", name(path), literals.join(", "))
            }
            Self::Contains(path, part) => format!("contains({}, \"{part}\")", name(path)),
            Self::Match(path, pattern) => format!("match({}, \"{pattern}\")", name(path)),
            Self::Field(path) => name(path),
        }
    }

    fn joined(parts: &[Self], operator: &str, in_parentheses: fn(&Self) -> bool) -> String {
        let parts = parts.iter().map(|part| {
            let text = part.text();
            if in_parentheses(part) {
                format!("({text})")
            } else {
                text
            }
        });
        parts.collect::<Vec<_>>().join(operator)
    }
}

fn name(path: &[&str]) -> String {
    let mut name = String::new();
    for (at, key) in path.iter().enumerate() {
        name.push_str(if at > 0 { "." } else { "" });
        for character in key.chars() {
            if !(character.is_ascii_alphanumeric() || matches!(character, '_' | '-')) {
                name.push('\\');
            }
            name.push(character);
        }
    }
    name
}

impl Literal {
    fn text(&self) -> String {
        let mut text = String::new();
        let _ = match self {
            Self::Double(inside) => write!(text, "\"{inside}\""),
            Self::Single(inside) => write!(text, "'{inside}'"),
            Self::Number(number) => write!(text, "{number}"),
            Self::Bool(value) => write!(text, "{value}"),
            Self::Null => write!(text, "null"),
        };
        text
    }
}
