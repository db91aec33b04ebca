//! Tokens to expressions: `or` over `and` over `!`, comparisons, parentheses at any depth.

use super::DocumentedError;
use super::ast::{Expr, Operand, Operator};
use super::lexer::{Kind, Token};

/// The deepest that parentheses, lists and `!` may stand in each other, so that no trigger exhausts the stack.
const MAX_DEPTH: usize = 32;

/// Reads the tokens of a whole trigger.
///
/// # Errors
/// Where the documentation's grammar ends.
pub(super) fn parse(tokens: &[Token], end: usize) -> Result<Expr, DocumentedError> {
    let mut parser = Parser {
        rest: tokens,
        end,
        depth: 0,
    };
    let expr = parser.any()?;
    match parser.rest.first() {
        None => Ok(expr),
        Some(token) if token.kind.is_mark("[") => Err(parser.error(
            "an item of a list has no such name".into(),
            "write its number as a name, with a backslash: `properties.items.\\0`",
        )),
        Some(token) => Err(parser.error(
            format!("nothing joins `{}` to what is before it", token.kind),
            "join it with `and` or `or`, or remove it",
        )),
    }
}

struct Parser<'t> {
    rest: &'t [Token],
    /// The column after the last character.
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, problem: String, remedy: &'static str) -> DocumentedError {
        DocumentedError {
            problem,
            column: self.rest.first().map_or(self.end, |token| token.column),
            remedy,
        }
    }

    fn peek(&self) -> Option<&Kind> {
        self.rest.first().map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<Kind> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.kind.clone())
    }

    fn accept(&mut self, is: impl FnOnce(&Kind) -> bool) -> bool {
        let found = self.peek().is_some_and(is);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn expect(&mut self, mark: &str) -> Result<(), DocumentedError> {
        if self.accept(|kind| kind.is_mark(mark)) {
            return Ok(());
        }
        Err(self.error(format!("`{mark}` is missing"), "close what is open"))
    }

    fn any(&mut self) -> Result<Expr, DocumentedError> {
        let mut parts = vec![self.all()?];
        while self.accept(|kind| kind.word() == Some("or")) {
            parts.push(self.all()?);
        }
        Ok(single_or(parts, Expr::Any))
    }

    fn all(&mut self) -> Result<Expr, DocumentedError> {
        let mut parts = vec![self.unary()?];
        while self.accept(|kind| kind.word() == Some("and")) {
            parts.push(self.unary()?);
        }
        Ok(single_or(parts, Expr::All))
    }

    fn unary(&mut self) -> Result<Expr, DocumentedError> {
        if !self.accept(|kind| kind.is_mark("!")) {
            return self.comparison();
        }
        let operand = self.deeper(|parser| match parser.peek() {
            Some(kind) if kind.is_mark("!") => parser.unary(),
            _ => parser.operand().map(condition),
        })?;
        if self.operator().is_some() {
            return Err(self.error(
                "it is not documented what `!` before a comparison negates".into(),
                "turn the comparison's operator: `!=` for `=`, `>=` for `<`",
            ));
        }
        Ok(Expr::Not(Box::new(operand)))
    }

    fn comparison(&mut self) -> Result<Expr, DocumentedError> {
        let left = self.operand()?;
        let Some(operator) = self.operator() else {
            return Ok(condition(left));
        };
        self.next();
        if self.rest.is_empty() {
            return Err(self.error(
                format!("a value is missing after `{}`", operator.as_str()),
                "add the value, text in double quotes",
            ));
        }
        Ok(Expr::Compare(left, operator, self.operand()?))
    }

    fn operator(&self) -> Option<Operator> {
        let text = match self.peek()? {
            Kind::Mark(text) => text,
            kind => kind.word()?,
        };
        Operator::ALL
            .into_iter()
            .find(|(known, _)| *known == text)
            .map(|(_, operator)| operator)
    }

    fn operand(&mut self) -> Result<Operand, DocumentedError> {
        let unexpected = |parser: &Self| match parser.peek() {
            Some(kind) => parser.error(
                format!("`{kind}` cannot stand here"),
                "write a condition, e.g. `properties.plan = \"pro\"`",
            ),
            None => parser.error(
                "something is missing at the end".into(),
                "complete it, or remove its end",
            ),
        };
        let here = self.rest;
        match self.next() {
            Some(Kind::Text(text)) => Ok(Operand::Text(text)),
            Some(Kind::Number(number)) => Ok(Operand::Number(number)),
            Some(Kind::Name { keys, escaped }) => match keys[..] {
                [ref word] if !escaped => self.word(word).ok_or_else(|| {
                    self.rest = here;
                    unexpected(self)
                })?,
                _ => Ok(Operand::Path(keys)),
            },
            Some(Kind::Mark(mark)) if mark == "(" => self.deeper(|parser| {
                let inside = parser.any()?;
                parser.expect(")")?;
                Ok(Operand::Group(Box::new(inside)))
            }),
            Some(Kind::Mark(mark)) if mark == "[" => self.deeper(|parser| parser.items("]")).map(Operand::List),
            _ => {
                self.rest = here;
                Err(unexpected(self))
            }
        }
    }

    /// A word: a literal, a function's name or a field; none if it is one of the operators.
    fn word(&mut self, word: &str) -> Option<Result<Operand, DocumentedError>> {
        match word {
            "and" | "or" | "in" => None,
            "null" => Some(Ok(Operand::Null)),
            "true" | "false" => Some(Ok(Operand::Bool(word == "true"))),
            _ if self.accept(|kind| kind.is_mark("(")) => {
                let arguments = self.deeper(|parser| parser.items(")"));
                Some(arguments.map(|arguments| Operand::Call(word.to_owned(), arguments)))
            }
            _ => Some(Ok(Operand::Path(vec![word.to_owned()]))),
        }
    }

    fn items(&mut self, close: &str) -> Result<Vec<Operand>, DocumentedError> {
        let mut items = Vec::new();
        if self.accept(|kind| kind.is_mark(close)) {
            return Ok(items);
        }
        loop {
            items.push(self.operand()?);
            if !self.accept(|kind| kind.is_mark(",")) {
                break;
            }
        }
        self.expect(close)?;
        Ok(items)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, DocumentedError>) -> Result<T, DocumentedError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(
                format!("more than {MAX_DEPTH} levels stand in each other"),
                "write it with fewer parentheses",
            ));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

fn condition(operand: Operand) -> Expr {
    match operand {
        Operand::Group(inside) => *inside,
        operand => Expr::Bare(operand),
    }
}

fn single_or(mut parts: Vec<Expr>, joined: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            joined(parts)
        }
    }
}
