//! Triggers that mean the same to Segment's destinations and by FQL's documentation; all others are told what they would
//! mean, and how to write them.

use super::documented::lower::{Holds, Lowered, Proviso};
use super::documented::{self, DocumentedError, ast::Expr};
use super::doubt::Doubt;
use super::reason::reason;
use super::{Fql, Trigger, TriggerError, words, write};

/// Why a trigger is refused although, or because, Segment's destinations would take it otherwise than it reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Disagreement {
    message: String,
    rewrite: Option<String>,
    remedy: String,
}

impl Disagreement {
    /// Returns a trigger that says what was written, or most likely meant, and on which both readings agree.
    #[must_use]
    pub fn rewrite(&self) -> Option<&str> {
        self.rewrite.as_deref()
    }

    /// Returns what to write instead, in words.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl Trigger {
    /// Reads a trigger as [`Trigger::parse`] does, and refuses FQL that Segment's destinations read otherwise than its
    /// documentation says. With it come conditions that are worth a remark.
    ///
    /// Where the documentation says nothing (what is below a value that is no object, what `<` makes of a text), the
    /// reading of Segment's destinations counts.
    ///
    /// # Errors
    /// [`Disagreement`] with both readings and, where there is one, a trigger on which they agree.
    pub fn parse_strict(text: &str) -> Result<(Self, Vec<Doubt>), Disagreement> {
        let trigger = match Self::parse(text) {
            Ok(trigger) => trigger,
            Err(error @ TriggerError::Spelling { meant, .. }) => {
                return Err(Disagreement {
                    message: error.to_string(),
                    rewrite: Some(meant.to_owned()),
                    remedy: format!("write `{meant}`"),
                });
            }
            Err(TriggerError::Fql { source, .. }) => return Err(unreadable(text, &source)),
        };
        if super::word(text).is_some() {
            return Ok((trigger, Vec::new()));
        }
        match agreed(text, &trigger.fql) {
            Some(provisos) => {
                let doubts = provisos.iter().map(|proviso| Doubt::of(&trigger.fql.root, proviso));
                Ok((trigger.clone(), doubts.collect()))
            }
            None => Err(disagreement(text, &trigger.fql)),
        }
    }
}

/// Returns on what it depends that both readings are the same; none if they differ.
fn agreed(text: &str, fql: &Fql) -> Option<Vec<Proviso>> {
    let lowered = Lowered::of(&documented::parse(text).ok()?).ok()?;
    (lowered.node == fql.root.clone().flattened()).then_some(lowered.provisos)
}

fn unreadable(text: &str, error: &super::FqlError) -> Disagreement {
    let documented = documented::parse(text);
    let message = match &documented {
        // A name alone is no condition by either.
        Ok(expr) if !matches!(expr, Expr::Bare(_)) => format!(
            "Segment's destinations cannot read the trigger: {error}. By FQL's documentation: {}",
            words::of_expr(expr)
        ),
        _ => TriggerError::unreadable(text, error),
    };
    with_remedy(text, message, documented.as_ref())
}

fn disagreement(text: &str, fql: &Fql) -> Disagreement {
    let segment = words::of_node(&fql.root);
    let documented = documented::parse(text);
    let message = match &documented {
        Ok(expr) => format!(
            "the trigger means two things. To Segment's destinations: {segment}. By FQL's documentation: {}",
            words::of_expr(expr)
        ),
        Err(error) => format!(
            "the trigger is not FQL as documented: {error}. Segment's destinations would take it for: {segment}"
        ),
    };
    with_remedy(text, message, documented.as_ref())
}

fn with_remedy(text: &str, message: String, expr: Result<&Expr, &DocumentedError>) -> Disagreement {
    let lowered = expr.map(Lowered::of);
    let same = lowered
        .as_ref()
        .ok()
        .and_then(|lowered| suggestion(lowered.as_ref().ok()?));
    let meant = || {
        let expr = documented::parse_meant(text)?;
        let (rewrite, remedy) = suggestion(&Lowered::of(&expr).ok()?)?;
        let remedy = format!(
            "{remedy}{} that is meant",
            if remedy.contains(", if ") { " and" } else { ", if" }
        );
        Some((rewrite, remedy))
    };
    let found = same.or_else(meant).map(|(rewrite, remedy)| (Some(rewrite), remedy));
    let (rewrite, remedy) = found.unwrap_or_else(|| {
        let remedy = lowered.map_or_else(|error| error.remedy.to_owned(), |lowered| reason(lowered.as_ref()));
        (None, remedy)
    });
    Disagreement {
        message,
        rewrite,
        remedy,
    }
}

/// Returns a trigger that says what the nodes do and on which both readings agree, and the words that suggest it.
fn suggestion(lowered: &Lowered) -> Option<(String, String)> {
    let says_the_same = |text: &String| {
        let fql = Fql::parse(text).ok();
        let same =
            |expr| Lowered::of(&expr).is_ok_and(|again| again.node == lowered.node || equivalent(&again, lowered));
        fql.is_some_and(|fql| agreed(text, &fql).is_some()) && documented::parse(text).is_ok_and(same)
    };
    let rewrite = write::candidates(&lowered.node).into_iter().find(says_the_same)?;
    let provisos: Vec<String> = lowered.provisos.iter().filter_map(proviso_words).collect();
    let mut remedy = format!("write `{rewrite}`");
    if !provisos.is_empty() {
        remedy = format!("{remedy}, if {}", provisos.join(" and "));
    }
    Some((rewrite, remedy))
}

/// Whether both are the same in the order and the levels that a text of two levels gives them.
fn equivalent(one: &Lowered, other: &Lowered) -> bool {
    let texts = |lowered: &Lowered| write::candidates(&lowered.node);
    texts(one).iter().any(|text| texts(other).contains(text))
}

fn proviso_words(proviso: &Proviso) -> Option<String> {
    let field = write::name(&proviso.field)?;
    Some(match proviso.holds {
        Holds::Number => format!("`{field}` always is a number"),
        Holds::Text => format!("`{field}` always is a text"),
        Holds::Boolean => format!("`{field}` always is true, false or missing"),
    })
}
