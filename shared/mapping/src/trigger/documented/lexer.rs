//! FQL text to tokens, as its documentation describes them.

use super::DocumentedError;

/// A token and where it starts, in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A field or word: its keys, escapes resolved, and whether any character was escaped.
    Name {
        keys: Vec<String>,
        escaped: bool,
    },
    Text(String),
    Number(f64),
    /// `=`, `(`, `,` and the like; also what is no FQL but made of the same characters, such as `==`.
    Mark(String),
}

impl Kind {
    /// The word that this is, if it is one without escapes.
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Name { keys, escaped: false } => match &keys[..] {
                [word] => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        matches!(self, Self::Mark(text) if text == mark)
    }

    pub(super) fn named(word: &str) -> Self {
        Self::Name {
            keys: vec![word.to_owned()],
            escaped: false,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name { keys, .. } => f.write_str(&keys.join(".")),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Number(number) => write!(f, "{number}"),
            Self::Mark(text) => f.write_str(text),
        }
    }
}

/// Splits `text` into tokens.
///
/// # Errors
/// A string without its end, a backslash at the very end, or a character that FQL does not have.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, DocumentedError> {
    let mut lexer = Lexer {
        characters: text.chars().collect(),
        at: 0,
    };
    let mut tokens = Vec::new();
    while let Some(first) = lexer.after_blanks() {
        let column = lexer.at + 1;
        let kind = lexer.token(first)?;
        tokens.push(Token { kind, column });
    }
    Ok(tokens)
}

struct Lexer {
    characters: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn after_blanks(&mut self) -> Option<char> {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.peek(0)
    }

    fn token(&mut self, first: char) -> Result<Kind, DocumentedError> {
        let signed = matches!(first, '+' | '-') && self.peek(1).is_some_and(|c| c.is_ascii_digit());
        match first {
            '"' | '\'' => self.string(first),
            _ if signed || first.is_ascii_digit() => self.number(),
            _ if is_name(first) || first == '\\' => self.name(),
            '(' | ')' | '[' | ']' | ',' => {
                self.at += 1;
                Ok(Kind::Mark(first.to_string()))
            }
            '=' | '!' | '<' | '>' | '&' | '|' => Ok(self.operator()),
            _ => Err(self.error(
                format!("`{first}` stands for nothing"),
                "in a name put a backslash before every character but letters, digits, `_` and `-`",
            )),
        }
    }

    fn error(&self, problem: String, remedy: &'static str) -> DocumentedError {
        DocumentedError {
            problem,
            column: self.at + 1,
            remedy,
        }
    }

    /// A string up to the same quote: nothing is escaped in it.
    fn string(&mut self, quote: char) -> Result<Kind, DocumentedError> {
        let inside = &self.characters[self.at + 1..];
        let length = inside.iter().position(|&c| c == quote);
        let length = length
            .ok_or_else(|| self.error("the string has no closing quote".into(), "close it with the same quote"))?;
        let text = inside[..length].iter().collect();
        self.at += length + 2;
        Ok(Kind::Text(text))
    }

    fn number(&mut self) -> Result<Kind, DocumentedError> {
        let rest = &self.characters[self.at + 1..];
        let more = rest.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
        let text: String = self.characters[self.at..=self.at + more].iter().collect();
        let number = text.parse().ok().filter(|_| !text.ends_with('.'));
        let number = number.ok_or_else(|| {
            self.error(
                format!("`{text}` is no number"),
                "write a number such as 7 or 7.5, or put text in quotes",
            )
        })?;
        self.at += more + 1;
        Ok(Kind::Number(number))
    }

    /// A name, or several joined by dots; a backslash makes any character part of it.
    fn name(&mut self) -> Result<Kind, DocumentedError> {
        let (mut keys, mut key, mut escaped) = (Vec::new(), String::new(), false);
        while let Some(next) = self.peek(0) {
            match next {
                '\\' => {
                    let character = self.peek(1);
                    key.push(character.ok_or_else(|| self.error("the backslash escapes nothing".into(), "remove it"))?);
                    escaped = true;
                    self.at += 1;
                }
                '.' => keys.push(std::mem::take(&mut key)),
                _ if is_name(next) => key.push(next),
                _ => break,
            }
            self.at += 1;
        }
        keys.push(key);
        if keys.iter().any(String::is_empty) {
            return Err(self.error(format!("`{}` has a dot too many", keys.join(".")), "remove the dot"));
        }
        Ok(Kind::Name { keys, escaped })
    }

    /// As many of these characters as stand together, but `!` alone before anything other than `=`.
    fn operator(&mut self) -> Kind {
        let rest = &self.characters[self.at..];
        let length = match rest {
            ['!', '=', ..] => 2,
            ['!', ..] => 1,
            _ => rest
                .iter()
                .take_while(|c| matches!(c, '=' | '<' | '>' | '&' | '|'))
                .count(),
        };
        let text = rest[..length].iter().collect();
        self.at += length;
        Kind::Mark(text)
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}
