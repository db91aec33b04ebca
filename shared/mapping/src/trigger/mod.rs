//! Triggers: which events a mapping is for.
//!
//! `lexer` and `parser` read FQL as Segment's subscription parser does, `ast` is what comes of it, `eval` answers.
//! `documented` reads FQL as its documentation says, `agreement` refuses what the two read otherwise, `words` says how, and
//! `write` writes what both read alike. `world` tells triggers that never match.

mod agreement;
mod ast;
mod documented;
mod doubt;
mod error;
mod eval;
mod lexer;
mod operand;
mod parser;
mod reason;
mod root;
mod tested;
mod token;
mod words;
mod world;
mod write;

pub use agreement::Disagreement;
use ast::Node;
pub use doubt::Doubt;
pub use error::{FqlError, TriggerError};
pub use world::Origin;

use crate::{Event, Value};

/// The words that stand for FQL on what became of a row (Reverse ETL, "event built from a row and triggers").
const WORDS: [(&str, &str); 4] = [
    ("added", r#"event = "new""#),
    ("updated", r#"event = "updated""#),
    ("deleted", r#"event = "deleted""#),
    ("added or updated", r#"event = "new" or event = "updated""#),
];

/// Returns the word that `text` is, and its FQL.
fn word(text: &str) -> Option<(&'static str, &'static str)> {
    WORDS.into_iter().find(|(word, _)| *word == text)
}

/// FQL as Segment's destinations run it, compiled once.
#[derive(Debug, Clone, PartialEq)]
pub struct Fql {
    root: Node,
}

impl Fql {
    /// Reads FQL as Segment's own parser does: what that skips is skipped.
    ///
    /// # Errors
    /// [`FqlError`] where Segment's parser fails; with it, the mapping would never run.
    pub fn parse(text: &str) -> Result<Self, FqlError> {
        let root = parser::parse(&lexer::tokens(text)?)?;
        Ok(Self { root })
    }

    /// Whether the event passes; false also where Segment's evaluation fails.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        self.matches_value(Value::from(event))
    }

    /// As [`Fql::matches`], of any value: fields of what is no object are missing, and nothing matches nothing.
    pub(crate) fn matches_value(&self, event: Value<'_>) -> bool {
        !event.is_nullish() && self.root.passes(event).unwrap_or(false)
    }
}

/// A mapping's trigger, compiled once: FQL, or one of the words `added`, `updated`, `deleted`, `added or updated`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    fql: Fql,
}

impl Trigger {
    /// Reads a trigger as it stands in a sync document. The words are in small letters, with single blanks.
    ///
    /// # Errors
    /// [`TriggerError`] when the text is neither such a word nor FQL.
    pub fn parse(text: &str) -> Result<Self, TriggerError> {
        let spelled = text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
            .join(" ");
        let fql = match word(&spelled) {
            Some((word, fql)) if word == text => fql,
            Some((meant, _)) => {
                return Err(TriggerError::Spelling {
                    given: text.to_owned(),
                    meant,
                });
            }
            None => text,
        };
        let fql = Fql::parse(fql).map_err(|source| TriggerError::Fql {
            text: text.to_owned(),
            source,
        })?;
        Ok(Self { fql })
    }

    /// Whether no event passes that the source has, whatever its other fields hold.
    #[must_use]
    pub fn never_matches(&self, source: Origin<'_>) -> bool {
        source
            .worlds()
            .iter()
            .all(|world| self.fql.root.answer(world) == Some(false))
    }

    /// Whether the mapping is for this event; false also where Segment's evaluation fails.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        self.fql.matches(event)
    }
}

#[cfg(test)]
mod agreement_tests;
#[cfg(test)]
mod tests;
