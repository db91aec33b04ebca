//! Reading values, operators and filters.

use super::super::ast::{Access, Argument, Call, Constant, Expression, Filtered, Operand, Step};
use super::super::character::is_word;
use super::super::cursor::Cursor;
use super::super::fault::{Fault, Outcome};
use super::super::filter;
use super::super::operator::{OPERATORS, Operator};
use super::super::quoted::unquoted;
use super::super::token::skip_quoted;
use crate::json::number;

#[derive(Clone, Copy)]
enum Literal {
    Bool(bool),
    Nil,
    Empty,
    Blank,
}

const LITERALS: [(&str, Literal); 6] = [
    ("true", Literal::Bool(true)),
    ("false", Literal::Bool(false)),
    ("nil", Literal::Nil),
    ("null", Literal::Nil),
    ("empty", Literal::Empty),
    ("blank", Literal::Blank),
];

/// Reads a value expression and its filters, up to the end.
pub(super) fn filtered(cursor: &mut Cursor<'_>) -> Outcome<Filtered> {
    let initial = expression(cursor)?;
    if initial.postfix.is_empty() {
        return Err(cursor.fault(format!("invalid value expression: {}", cursor.excerpt(cursor.at))));
    }
    let mut filters = Vec::new();
    let mut clock = is_clock(&initial);
    while let Some((name, arguments)) = filter(cursor)? {
        if name == "sample" {
            return Err(Fault::unavailable("filter \"sample\" is random and not available"));
        }
        let handler = filter::named(&name);
        if clock && name.starts_with("date") {
            return Err(Fault::unavailable(filter::CLOCK));
        }
        clock = clock && name == "raw";
        filters.push(Call { handler, arguments });
    }
    Ok(Filtered {
        initial,
        filters: filters.into(),
    })
}

fn is_clock(initial: &Expression) -> bool {
    matches!(&*initial.postfix, [Step::Operand(Operand::Constant(Constant::Text(text)))]
        if matches!(&**text, "now" | "today"))
}

fn expression(cursor: &mut Cursor<'_>) -> Outcome<Expression> {
    let mut postfix = Vec::new();
    let mut waiting: Vec<Operator> = Vec::new();
    while !cursor.is_done() {
        cursor.skip_blanks();
        if let Some((length, operator)) = cursor.one_of(&OPERATORS) {
            cursor.at += length;
            while let Some(last) = waiting.pop_if(|last| last.precedence() > operator.precedence()) {
                postfix.push(Step::Operator(last));
            }
            waiting.push(operator);
        } else if let Some(operand) = value(cursor)? {
            postfix.push(Step::Operand(operand));
        } else {
            break;
        }
    }
    postfix.extend(waiting.into_iter().rev().map(Step::Operator));
    Ok(Expression {
        postfix: postfix.into(),
    })
}

/// Reads `| name: argument, key: argument`.
fn filter(cursor: &mut Cursor<'_>) -> Outcome<Option<(String, Box<[Argument]>)>> {
    cursor.skip_blanks();
    if cursor.is_done() {
        return Ok(None);
    }
    if cursor.read() != Some('|') {
        return Err(cursor.fault("expected \"|\" before filter"));
    }
    let name = cursor.identifier();
    if name.is_empty() {
        return if cursor.is_done() {
            Ok(None)
        } else {
            Err(cursor.fault("expected filter name"))
        };
    }
    cursor.skip_blanks();
    let mut arguments = Vec::new();
    match cursor.peek() {
        None | Some('|') => {}
        Some(':') => loop {
            cursor.at += 1;
            arguments.extend(argument(cursor)?);
            cursor.skip_blanks();
            match cursor.peek() {
                Some(',') => {}
                None | Some('|') => break,
                Some(_) => return Err(cursor.fault(format!("unexpected character {}", cursor.excerpt(cursor.at)))),
            }
        },
        Some(_) => return Err(cursor.fault("expected \":\" after filter name")),
    }
    Ok(Some((name, arguments.into())))
}

fn argument(cursor: &mut Cursor<'_>) -> Outcome<Option<Argument>> {
    cursor.skip_blanks();
    let start = cursor.at;
    let Some(first) = value(cursor)? else { return Ok(None) };
    let mut key = cursor.text(start, cursor.at);
    // A dot after a literal is read over; it is no part of the literal.
    if !matches!(first, Operand::Access(_) | Operand::Constant(Constant::Number(_))) && key.ends_with('.') {
        key.pop();
    }
    cursor.skip_blanks();
    if cursor.peek() != Some(':') {
        return Ok(Some(Argument {
            key: None,
            value: Some(first),
        }));
    }
    cursor.at += 1;
    Ok(Some(Argument {
        key: Some(key.into()),
        value: value(cursor)?,
    }))
}

/// Reads a literal, text, range, number or variable with the keys after it.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Outcome<Option<Operand>> {
    cursor.nested(|cursor| {
        cursor.skip_blanks();
        let root = match literal(cursor).or_else(|| text(cursor).map(|text| Constant::Text(text.into()))) {
            Some(constant) => Some(Operand::Constant(constant)),
            None => match range(cursor)? {
                None => number(cursor).map(Operand::Constant),
                range => range,
            },
        };
        let keys = keys(cursor, root.is_none())?;
        if keys.is_empty() {
            return Ok(root);
        }
        Ok(Some(Operand::Access(Access {
            root: root.map(Box::new),
            keys: keys.into(),
        })))
    })
}

/// Reads the text of a property, as `where` takes it: a variable with keys, or nothing.
pub(in super::super) fn scope_value(text: &str) -> Outcome<Option<Access>> {
    let input: Vec<char> = text.chars().collect();
    let mut cursor = Cursor::new(&input);
    cursor.skip_blanks();
    let keys = keys(&mut cursor, true)?;
    let access = |keys: Vec<Operand>| Access {
        root: None,
        keys: keys.into(),
    };
    Ok((!keys.is_empty()).then(|| access(keys)))
}

fn keys(cursor: &mut Cursor<'_>, mut is_first: bool) -> Outcome<Vec<Operand>> {
    let name = |text: String| Operand::Constant(Constant::Text(text.into()));
    let mut keys = Vec::new();
    loop {
        if cursor.peek() == Some('[') {
            cursor.at += 1;
            let key = value(cursor)?.unwrap_or_else(|| name(String::new()));
            if !cursor.read_to("]") {
                return Err(cursor.fault("[ not closed"));
            }
            keys.push(key);
            is_first = false;
            continue;
        }
        let is_dot = cursor.peek() == Some('.') && cursor.peek_at(1) != Some('.');
        if is_first {
            is_first = false;
            let identifier = cursor.identifier();
            if !identifier.is_empty() {
                keys.push(name(identifier));
                continue;
            }
        }
        if !is_dot || cursor.peek() != Some('.') {
            return Ok(keys);
        }
        cursor.at += 1;
        let identifier = cursor.identifier();
        if identifier.is_empty() {
            return Ok(keys);
        }
        keys.push(name(identifier));
    }
}

fn literal(cursor: &mut Cursor<'_>) -> Option<Constant> {
    let (length, literal) = cursor.one_of(&LITERALS)?;
    cursor.at += length;
    Some(match literal {
        Literal::Bool(value) => Constant::Bool(value),
        Literal::Nil => Constant::Nil,
        Literal::Empty => Constant::Empty,
        Literal::Blank => Constant::Blank,
    })
}

/// Reads a text in quotes.
pub(super) fn text(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.skip_blanks();
    let start = cursor.at;
    if !matches!(cursor.peek(), Some('"' | '\'')) {
        return None;
    }
    skip_quoted(cursor);
    Some(unquoted(cursor.input.get(start..cursor.at)?))
}

fn range(cursor: &mut Cursor<'_>) -> Outcome<Option<Operand>> {
    if cursor.peek() != Some('(') {
        return Ok(None);
    }
    cursor.at += 1;
    let low = bound(cursor)?;
    cursor.skip_blanks();
    for _ in 0..2 {
        if cursor.read() != Some('.') {
            return Err(cursor.fault("invalid range syntax"));
        }
    }
    let high = bound(cursor)?;
    cursor.skip_blanks();
    if cursor.read() != Some(')') {
        return Err(cursor.fault("invalid range syntax"));
    }
    Ok(Some(Operand::Range(Box::new((low, high)))))
}

fn bound(cursor: &mut Cursor<'_>) -> Outcome<Operand> {
    let bound = value(cursor)?;
    let missing = |cursor: &Cursor<'_>| {
        let excerpt = cursor.excerpt(cursor.at);
        cursor.fault(format!("unexpected token {excerpt}, value expected"))
    };
    bound.ok_or_else(|| missing(cursor))
}

fn number(cursor: &mut Cursor<'_>) -> Option<Constant> {
    let mut length = usize::from(matches!(cursor.peek(), Some('+' | '-')));
    let (mut digits, mut point) = (false, false);
    loop {
        match cursor.peek_at(length) {
            Some('0'..='9') => digits = true,
            Some('.') if cursor.peek_at(length + 1) != Some('.') => {
                if point || !digits {
                    return None;
                }
                point = true;
            }
            _ => break,
        }
        length += 1;
    }
    if !digits || cursor.peek_at(length).is_some_and(is_word) {
        return None;
    }
    let text = cursor.text(cursor.at, cursor.at + length);
    cursor.at += length;
    Some(Constant::Number(number::from_text(&text)))
}
