//! FQL as its documentation says (Segment docs, "Destination Filter Query Language"): both kinds of quotes, `and` before
//! `or`, parentheses in each other, `!`, lists, functions, any field.
//!
//! Nothing is evaluated by this reading. It is compared with that of Segment's destinations, and triggers that
//! both do not read alike are refused.

pub(super) mod ast;
mod glob;
mod lexer;
pub(super) mod lower;
mod parser;
mod repair;

use ast::Expr;

/// Why a text is not FQL by its documentation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (column {column})")]
pub(super) struct DocumentedError {
    problem: String,
    /// In characters, from 1.
    column: usize,
    /// What to write instead.
    pub(super) remedy: &'static str,
}

/// Reads FQL as its documentation says.
///
/// # Errors
/// What the documentation does not know.
pub(super) fn parse(text: &str) -> Result<Expr, DocumentedError> {
    parser::parse(&lexer::tokens(text)?, text.chars().count() + 1)
}

/// Reads what was most likely meant by a text: words without quotes as texts, `AND` as `and`, and the like. None if there
/// is nothing of this kind in it.
pub(super) fn parse_meant(text: &str) -> Option<Expr> {
    let given = lexer::tokens(text).ok()?;
    let meant = repair::tokens(&given);
    let expr = parser::parse(&meant, text.chars().count() + 1).ok()?;
    (meant != given).then_some(expr)
}
