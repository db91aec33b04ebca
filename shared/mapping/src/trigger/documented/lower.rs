//! The documentation's reading in the nodes of Segment's, as far as these can say it.

use super::super::ast::{Comparison, Field, Node, Place, Test};
use super::ast::{Expr, Operand, Operator};
use super::glob::{Glob, Shape};
use crate::Path;

/// What a field must hold so that a node says what the documentation does.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Proviso {
    pub(in super::super) field: Field,
    pub(in super::super) holds: Holds,
}

impl Proviso {
    fn of(field: &Field, holds: Holds) -> Self {
        Self {
            field: field.clone(),
            holds,
        }
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Holds {
    /// A number.
    Number,
    /// A text.
    Text,
    /// A boolean, or nothing.
    Boolean,
}

/// Why no node says it: what of the trigger cannot be asked, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Untestable(pub(in super::super) String);

/// Nodes that say the same as an expression.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Lowered {
    pub(in super::super) node: Node,
    /// Where they do not hold, the node answers as Segment's destinations do, and the documentation otherwise.
    pub(in super::super) provisos: Vec<Proviso>,
}

impl Lowered {
    /// Returns the nodes that say what `expr` does.
    ///
    /// # Errors
    /// The first part that no node can say.
    pub(in super::super) fn of(expr: &Expr) -> Result<Self, Untestable> {
        let mut provisos = Vec::new();
        let node = lower(expr, true, &mut provisos)?.flattened();
        provisos.retain(|proviso| !node.settles(proviso));
        provisos.dedup();
        Ok(Self { node, provisos })
    }
}

type Lowering = Result<Node, Untestable>;

fn lower(expr: &Expr, wanted: bool, provisos: &mut Vec<Proviso>) -> Lowering {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => {
            let parts = parts.iter().map(|part| lower(part, wanted, provisos));
            let parts = parts.collect::<Result<_, _>>()?;
            Ok(joined(matches!(expr, Expr::All(_)) == wanted, parts))
        }
        Expr::Not(inside) => lower(inside, !wanted, provisos),
        Expr::Compare(left, operator, right) => compare(left, *operator, right, wanted, provisos),
        Expr::Bare(operand) => bare(operand, wanted, provisos),
    }
}

fn joined(all: bool, parts: Vec<Node>) -> Node {
    if all { Node::All(parts) } else { Node::Any(parts) }
}

fn field(keys: &[String]) -> Field {
    Field(Some(Path::from_keys(keys.iter().map(String::as_str))))
}

fn no(what: impl Into<String>) -> Lowering {
    Err(Untestable(what.into()))
}

fn compare(left: &Operand, operator: Operator, right: &Operand, wanted: bool, provisos: &mut Vec<Proviso>) -> Lowering {
    match (left, right) {
        (Operand::Path(_), Operand::Path(_)) => no("a field cannot be compared with another field"),
        (Operand::Path(path), literal) => with_literal(&field(path), operator, literal, wanted, provisos),
        (_, Operand::Path(path)) => match operator.turned() {
            Some(operator) => with_literal(&field(path), operator, left, wanted, provisos),
            None => no("what is in a list cannot be tested"),
        },
        (Operand::Call(name, _), _) | (_, Operand::Call(name, _)) => no(format!("`{name}()` cannot be evaluated")),
        _ => no("two values cannot be compared, only a field with a value"),
    }
}

fn with_literal(
    field: &Field,
    operator: Operator,
    literal: &Operand,
    wanted: bool,
    provisos: &mut Vec<Proviso>,
) -> Lowering {
    let asked = |question| Node::Test(field.clone(), question);
    let equal = (operator != Operator::Different) == wanted;
    match (operator, literal) {
        (Operator::In, Operand::List(items)) if !items.is_empty() => {
            let each = |item| with_literal(field, Operator::Equal, item, wanted, provisos);
            Ok(joined(!wanted, items.iter().map(each).collect::<Result<_, _>>()?))
        }
        (Operator::In, _) => no("`in` needs a list with values"),
        (_, Operand::Call(name, _)) => no(format!("`{name}()` cannot be evaluated")),
        (_, Operand::List(_)) => no("lists cannot be compared"),
        (_, Operand::Group(_)) => no("conditions cannot be compared"),
        (Operator::Equal | Operator::Different, Operand::Null) => Ok(asked(Test::Exists(!equal))),
        (Operator::Equal | Operator::Different, Operand::Bool(value)) if equal => Ok(asked(Test::Is(*value))),
        (Operator::Equal | Operator::Different, Operand::Bool(value)) => {
            provisos.push(Proviso::of(field, Holds::Boolean));
            Ok(Node::Any(vec![asked(Test::Is(!value)), asked(Test::Exists(false))]))
        }
        (Operator::Equal | Operator::Different, Operand::Text(text)) if equal => {
            Ok(asked(Test::Equals(text.as_str().into())))
        }
        (Operator::Equal | Operator::Different, Operand::Text(text)) => Ok(asked(Test::Differs(text.as_str().into()))),
        (_, Operand::Number(number)) => {
            let comparison = comparison(operator, wanted);
            // By the documentation a value that is no number differs from every number; what the other comparisons make
            // of it is not documented, but their negation is more likely to pass than not.
            let negated = !wanted && !matches!(operator, Operator::Equal | Operator::Different | Operator::In);
            if comparison == Comparison::Different || negated {
                provisos.push(Proviso::of(field, Holds::Number));
            }
            Ok(asked(Test::Number(comparison, *number)))
        }
        _ => no(format!("`{}` compares numbers only", operator.as_str())),
    }
}

fn comparison(operator: Operator, wanted: bool) -> Comparison {
    let (is, is_not) = match operator {
        Operator::Equal | Operator::In => (Comparison::Equal, Comparison::Different),
        Operator::Different => (Comparison::Different, Comparison::Equal),
        Operator::Less => (Comparison::Less, Comparison::AtLeast),
        Operator::AtMost => (Comparison::AtMost, Comparison::Greater),
        Operator::Greater => (Comparison::Greater, Comparison::AtMost),
        Operator::AtLeast => (Comparison::AtLeast, Comparison::Less),
    };
    if wanted { is } else { is_not }
}

fn bare(operand: &Operand, wanted: bool, provisos: &mut Vec<Proviso>) -> Lowering {
    match operand {
        // By itself a field is a condition that holds if it is true.
        Operand::Path(path) => with_literal(&field(path), Operator::Equal, &Operand::Bool(true), wanted, provisos),
        Operand::Call(name, arguments) => call(name, arguments, wanted, provisos),
        Operand::Group(inside) => lower(inside, wanted, provisos),
        _ => no("a value alone is no condition"),
    }
}

fn call(name: &str, arguments: &[Operand], wanted: bool, provisos: &mut Vec<Proviso>) -> Lowering {
    let (field, pattern) = match (name, arguments) {
        ("contains" | "match", [Operand::Path(path), Operand::Text(pattern)]) => (field(path), pattern),
        ("contains" | "match", _) => return no(format!("`{name}()` needs a field and a text, in this order")),
        _ => return no(format!("`{name}()` cannot be evaluated")),
    };
    let shape = match name {
        "contains" => Some(Shape::Contains(pattern.clone())),
        _ => Glob::parse(pattern).and_then(|glob| glob.shape()),
    };
    let Some(shape) = shape else {
        return no(format!(
            "the pattern `{pattern}` cannot be matched, only a beginning (`x*`), an ending (`*x`) or a part (`*x*`)"
        ));
    };
    if !wanted && !matches!(shape, Shape::Exactly(_)) {
        provisos.push(Proviso::of(&field, Holds::Text));
    }
    let asked = |place, part: String| Node::Test(field.clone(), Test::pattern(place, part, !wanted));
    Ok(match shape {
        Shape::Exactly(whole) if wanted => Node::Test(field, Test::Equals(whole.into())),
        Shape::Exactly(whole) => Node::Test(field, Test::Differs(whole.into())),
        Shape::Starts(start) => asked(Place::Start, start),
        Shape::Ends(end) => asked(Place::End, end),
        Shape::Contains(part) => asked(Place::Anywhere, part),
        Shape::Around(start, end) => joined(wanted, vec![asked(Place::Start, start), asked(Place::End, end)]),
    })
}

impl Node {
    /// The same with no level in another of its kind, and none of one part.
    pub(in super::super) fn flattened(self) -> Self {
        let all = matches!(self, Self::All(_));
        let (Self::All(parts) | Self::Any(parts)) = self else {
            return self;
        };
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match (part.flattened(), all) {
                (Self::All(inner), true) | (Self::Any(inner), false) => flat.extend(inner),
                (part, _) => flat.push(part),
            }
        }
        match (flat.len(), flat.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                flat.extend(last);
                joined(all, flat)
            }
        }
    }

    /// Whether the answer does not depend on a proviso, because missing values are asked for beside each of its tests.
    fn settles(&self, proviso: &Proviso) -> bool {
        let tests = |node: &Self, exists: bool| matches!(node, Self::Test(field, Test::Exists(is)) if *field == proviso.field && *is == exists);
        match self {
            Self::All(parts) if parts.iter().any(|part| tests(part, true)) => proviso.holds == Holds::Text,
            Self::Any(parts) if parts.iter().any(|part| tests(part, false)) => proviso.holds == Holds::Text,
            Self::All(parts) | Self::Any(parts) => parts.iter().all(|part| part.settles(proviso)),
            Self::Test(field, test) => *field != proviso.field || !depends(test, proviso.holds),
            Self::Broken => true,
        }
    }
}

/// Whether a test is one that brings such a proviso.
fn depends(test: &Test, holds: Holds) -> bool {
    match (test, holds) {
        (Test::Pattern { negated, .. }, Holds::Text) => *negated,
        (Test::Number(..), Holds::Number) | (Test::Is(_), Holds::Boolean) => true,
        _ => false,
    }
}
