//! Conditions that are legal and take other rows than most people think.

use super::ast::{Comparison, Node, Test};
use super::documented::lower::Proviso;
use super::write;

/// A negated condition in which the readings differ for rows whose field holds no value of the kind that is compared.
/// Segment's own pages write such conditions, so they are legal; its destinations do not take those rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The field, as FQL names it.
    pub field: String,
    /// What comes of which rows.
    pub message: String,
    /// How to write it beyond doubt.
    pub remedy: String,
}

impl Doubt {
    /// Returns the doubt that a proviso of an accepted trigger leaves.
    pub(super) fn of(root: &Node, proviso: &Proviso) -> Self {
        let field = write::name(&proviso.field).unwrap_or_default();
        let test = doubtful(root, proviso).unwrap_or(&Test::Never);
        let condition = write::condition(&proviso.field, test).unwrap_or_default();
        let missing = format!("{field} = null");
        let (kind, sure, taken) = match test {
            Test::Number(_, number) => {
                let sure = format!("{field} < {number} or {field} > {number}");
                ("number", sure.clone(), format!("{missing} or {sure}"))
            }
            _ => (
                "text",
                format!("{field} != null and {condition}"),
                format!("{missing} or {condition}"),
            ),
        };
        let remedy = match field.as_str() {
            // It cannot be compared with null.
            "event" => format!("write `type = \"track\" and {condition}`: only these have names"),
            _ => format!("write `({sure})` to say so, or `({taken})` to take rows without it"),
        };
        Self {
            message: format!(
                "`{condition}` does not pass where `{field}` holds no {kind}, though FQL's documentation says otherwise"
            ),
            remedy,
            field,
        }
    }
}

fn doubtful<'n>(node: &'n Node, proviso: &Proviso) -> Option<&'n Test> {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().find_map(|part| doubtful(part, proviso)),
        Node::Test(field, test) if *field == proviso.field => {
            let negated = matches!(
                test,
                Test::Pattern { negated: true, .. } | Test::Number(Comparison::Different, _)
            );
            negated.then_some(test)
        }
        _ => None,
    }
}
