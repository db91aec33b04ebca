//! Readings in plain words.

use super::ast::{Comparison, Field, Node, Place, Test};
use super::documented::ast::{Expr, Operand, Operator};
use super::write;

/// How deep and long a description goes before it is cut.
const MAX_CHARACTERS: usize = 400;

/// Says what Segment's destinations make of a trigger.
pub(super) fn of_node(node: &Node) -> String {
    shortened(node_words(node))
}

/// Says what FQL's documentation makes of a trigger.
pub(super) fn of_expr(expr: &Expr) -> String {
    shortened(expr_words(expr))
}

fn shortened(words: String) -> String {
    match words.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

fn node_words(node: &Node) -> String {
    let inner = |part: &Node| match part {
        Node::All(parts) | Node::Any(parts) if parts.len() > 1 => format!("({})", node_words(part)),
        part => node_words(part),
    };
    match node {
        Node::All(parts) if parts.is_empty() => "always".to_owned(),
        Node::Any(parts) if parts.is_empty() => "never".to_owned(),
        Node::All(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" and "),
        Node::Any(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" or "),
        Node::Test(field, test) => {
            let name = write::name(field).map_or_else(|| "nothing".to_owned(), |name| format!("`{name}`"));
            format!("{name} {}", test_words(field, test))
        }
        Node::Broken => "an evaluation that fails".to_owned(),
    }
}

fn test_words(field: &Field, test: &Test) -> String {
    let shown = |text: &str| match text {
        "" => "the empty text".to_owned(),
        _ if text.starts_with('\'') => format!("the text `{text}`, quotes included"),
        _ => format!("the text `{text}`"),
    };
    match test {
        Test::Exists(true) => "is there".to_owned(),
        Test::Exists(false) => "is missing or null".to_owned(),
        Test::Is(value) => format!("is {value}"),
        Test::Equals(wanted) => format!("is {}", shown(wanted)),
        Test::Differs(wanted) => format!("is anything but {}, or missing", shown(wanted)),
        Test::Number(_, number) if number.is_nan() => {
            "is compared with what is no number, which never holds".to_owned()
        }
        Test::Number(Comparison::Different, number) => format!("is a number other than {number}"),
        Test::Number(comparison, number) => format!("is a number {} {number}", comparison.as_str()),
        Test::Pattern {
            place,
            pattern,
            negated,
        } => {
            let verb = match (place, negated) {
                (Place::Anywhere, false) => "is a text that contains",
                (Place::Anywhere, true) => "is a text without",
                (Place::Start, false) => "is a text that begins with",
                (Place::Start, true) => "is a text that does not begin with",
                (_, false) => "is a text that ends with",
                (_, true) => "is a text that does not end with",
            };
            format!("{verb} `{pattern}`")
        }
        Test::Never if field.0.is_some() => "is compared in a way that never holds".to_owned(),
        Test::Never => "never".to_owned(),
    }
}

fn expr_words(expr: &Expr) -> String {
    let inner = |part: &Expr| match part {
        Expr::All(_) | Expr::Any(_) => format!("({})", expr_words(part)),
        part => expr_words(part),
    };
    match expr {
        Expr::All(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" and "),
        Expr::Any(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" or "),
        Expr::Not(inside) => format!("not ({})", expr_words(inside)),
        Expr::Compare(left, operator, right) => match (left, operator.turned()) {
            (Operand::Text(_) | Operand::Number(_) | Operand::Bool(_) | Operand::Null, Some(turned)) => {
                compared(right, turned, left)
            }
            _ => compared(left, *operator, right),
        },
        Expr::Bare(Operand::Path(path)) => format!("`{}` is true", dotted(path)),
        Expr::Bare(Operand::Call(name, arguments)) => match (name.as_str(), &arguments[..]) {
            ("contains", [text, Operand::Text(part)]) => format!("{} is a text that contains `{part}`", subject(text)),
            ("match", [text, Operand::Text(pattern)]) => {
                format!(
                    "{} is a text that matches the pattern `{pattern}` as a whole",
                    subject(text)
                )
            }
            _ => operand(&Operand::Call(name.clone(), arguments.clone())),
        },
        Expr::Bare(other) => operand(other),
    }
}

fn compared(left: &Operand, operator: Operator, right: &Operand) -> String {
    let left = subject(left);
    match (operator, right) {
        (Operator::Equal, Operand::Null) => format!("{left} is missing or null"),
        (Operator::Different, Operand::Null) => format!("{left} is there"),
        (Operator::Equal, _) => format!("{left} is {}", operand(right)),
        (Operator::Different, _) => format!("{left} is anything but {}, or missing", operand(right)),
        (Operator::In, _) => format!("{left} is one of {}", operand(right)),
        (operator, Operand::Number(number)) => format!("{left} is a number {} {number}", operator.as_str()),
        (operator, _) => format!("{left} {} {}", operator.as_str(), operand(right)),
    }
}

/// What something is said of: a field without saying that it is one.
fn subject(left: &Operand) -> String {
    match left {
        Operand::Path(path) => format!("`{}`", dotted(path)),
        other => operand(other),
    }
}

fn operand(operand: &Operand) -> String {
    let list = |items: &[Operand]| items.iter().map(self::operand).collect::<Vec<_>>().join(", ");
    match operand {
        Operand::Path(path) => format!("the field `{}`", dotted(path)),
        Operand::Text(text) if text.is_empty() => "the empty text".to_owned(),
        Operand::Text(text) => format!("the text `{text}`"),
        Operand::Number(number) => format!("the number {number}"),
        Operand::Bool(value) => value.to_string(),
        Operand::Null => "null".to_owned(),
        Operand::List(items) => format!("[{}]", list(items)),
        Operand::Call(name, arguments) => format!("{name}() of {}", list(arguments)),
        Operand::Group(inside) => format!("({})", expr_words(inside)),
    }
}

fn dotted(path: &[String]) -> String {
    let keys = path.iter().map(|key| key.replace('.', "\\."));
    keys.collect::<Vec<_>>().join(".")
}
