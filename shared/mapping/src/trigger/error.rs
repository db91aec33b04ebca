//! Why a trigger cannot be used.

use super::WORDS;

/// Why a text is not FQL that Segment's parser reads.
///
/// Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FqlError {
    /// A character that starts nothing.
    #[error("unexpected `{character}` at column {column}")]
    UnexpectedCharacter {
        /// What is there.
        character: char,
        /// Where.
        column: usize,
    },
    /// A name runs into something that cannot follow it.
    #[error(
        "unexpected `{character}` at column {column}, right after a name: operators need a blank before them, and items \
         of arrays cannot be named"
    )]
    RunOnName {
        /// What follows the name.
        character: char,
        /// Where.
        column: usize,
    },
    /// `!` before neither `=`, a function nor a parenthesis, or `!=` without a blank after it.
    #[error(
        "`!` at column {column} starts no operator: write `!=` with a blank after it, or `!contains(…)`, `!match(…)`"
    )]
    NoOperator {
        /// Where the `!` is.
        column: usize,
    },
    /// A string without its second quote.
    #[error("the string at column {column} has no closing quote")]
    OpenString {
        /// Where it starts.
        column: usize,
    },
    /// A backslash with nothing after it.
    #[error("the backslash at column {column} escapes nothing")]
    OpenEscape {
        /// Where it is.
        column: usize,
    },
    /// A number with a decimal point too many, or with nothing after its point.
    #[error("the number at column {column} has a misplaced decimal point")]
    BadNumber {
        /// Where it starts.
        column: usize,
    },
    /// A name, string or number of a length that Segment refuses.
    #[error("what starts at column {column} is longer than {limit} characters")]
    TooLong {
        /// Where it starts.
        column: usize,
        /// The most UTF-16 units that are read.
        limit: usize,
    },
    /// The text, or the parenthesis, ends inside a condition.
    #[error("the condition at column {column} is incomplete: expected {expected}")]
    Incomplete {
        /// Where the condition starts.
        column: usize,
        /// What is missing.
        expected: &'static str,
    },
    /// A parenthesis without its end, or inside another one.
    #[error("the parenthesis at column {column} is not closed or stands inside another one: only one level is read")]
    Parenthesis {
        /// Where it opens.
        column: usize,
    },
    /// Nothing in the text is a condition that Segment evaluates.
    #[error(
        "there is no condition in it: compare type, event, name, userId, properties.…, traits.… or context.…, or use \
         contains() or match() on one of them"
    )]
    NoCondition,
}

/// Why a text is not a trigger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// One of the words, but not spelled as they are.
    #[error("trigger `{given}` is spelled `{meant}`")]
    Spelling {
        /// What was given.
        given: String,
        /// The word as it must be written.
        meant: &'static str,
    },
    /// Neither one of the words nor FQL.
    #[error("{}", neither(text))]
    Fql {
        /// What was given.
        text: String,
        /// What is wrong with it as FQL.
        #[source]
        source: FqlError,
    },
}

impl TriggerError {
    /// Says that `text` is neither FQL nor a word, and why it is no FQL.
    pub(super) fn unreadable(text: &str, source: &FqlError) -> String {
        format!("{}: {source}", neither(text))
    }
}

fn neither(text: &str) -> String {
    let words = WORDS.map(|(word, _)| format!("`{word}`")).join(", ");
    format!("trigger `{text}` is neither FQL nor one of the words {words}")
}
