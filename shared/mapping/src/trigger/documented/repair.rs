//! What people mean who write FQL like another language.

use super::lexer::{Kind, Token};

/// Other languages' operators and words, and FQL's.
const WORDS: [(&str, &str); 6] = [
    ("AND", "and"),
    ("OR", "or"),
    ("IN", "in"),
    ("NULL", "null"),
    ("TRUE", "true"),
    ("FALSE", "false"),
];
const MARKS: [(&str, &str); 5] = [("==", "="), ("===", "="), ("<>", "!="), ("&&", "and"), ("||", "or")];

/// Fields that are always text.
const TEXTS: [&str; 4] = ["type", "event", "name", "userId"];

/// Returns the tokens that were meant.
pub(super) fn tokens(given: &[Token]) -> Vec<Token> {
    let mut meant: Vec<Token> = Vec::with_capacity(given.len());
    for (at, token) in given.iter().enumerate() {
        let mut kind = spelled(&token.kind);
        if kind.word() == Some("NOT") || kind.word() == Some("not") {
            kind = Kind::Mark("!".into());
        }
        if let Some(operator) = meant.last().map(|token| &token.kind) {
            let field = at.checked_sub(2).and_then(|at| given[at].kind.word());
            kind = value(kind, operator, field, given.get(at + 1));
        }
        meant.push(Token {
            kind,
            column: token.column,
        });
    }
    meant
}

fn spelled(kind: &Kind) -> Kind {
    let upper = kind.word().map(str::to_uppercase);
    let word = upper.and_then(|upper| WORDS.into_iter().find(|(word, _)| *word == upper));
    if let Some((_, meant)) = word {
        return Kind::named(meant);
    }
    let Kind::Mark(mark) = kind else { return kind.clone() };
    match MARKS.into_iter().find(|(known, _)| known == mark) {
        Some((_, meant @ ("and" | "or"))) => Kind::named(meant),
        Some((_, meant)) => Kind::Mark(meant.to_owned()),
        None => kind.clone(),
    }
}

/// A value after a comparison's operator: a text where the field has texts, a number where numbers are compared.
fn value(kind: Kind, operator: &Kind, field: Option<&str>, next: Option<&Token>) -> Kind {
    let Kind::Mark(operator) = operator else { return kind };
    let is_call = next.is_some_and(|next| next.kind.is_mark("("));
    let word = kind.word().filter(|_| !is_call).map(str::to_owned);
    match (operator.as_str(), kind, word) {
        ("=" | "!=", kind, Some(word)) => match word.as_str() {
            "null" => kind,
            "true" | "false" if field != Some("type") && field != Some("event") && field != Some("name") => kind,
            _ => Kind::Text(word),
        },
        ("=" | "!=", Kind::Number(number), _) if field.is_some_and(|field| TEXTS.contains(&field)) => {
            Kind::Text(number.to_string())
        }
        ("<" | "<=" | ">" | ">=", Kind::Text(text), _) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Kind::Number(number),
            _ => Kind::Text(text),
        },
        (_, kind, _) => kind,
    }
}
