//! Patterns of `match`, as FQL's documentation describes them.

/// A pattern of `match`, as far as it consists of texts and stars.
///
/// Between each two of the texts anything may stand: `a*` is `a` and an empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob(Vec<String>);

/// What a pattern asks of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Exactly(String),
    Starts(String),
    Ends(String),
    Contains(String),
    /// Starts with the one and ends with the other, which cannot overlap.
    Around(String, String),
}

impl Glob {
    /// Takes a pattern apart; none if it has `?` or `[…]`, or ends with a backslash.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let mut texts = vec![String::new()];
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            match character {
                '*' => texts.push(String::new()),
                '?' | '[' => return None,
                _ => {
                    let literal = if character == '\\' {
                        characters.next()?
                    } else {
                        character
                    };
                    texts.last_mut()?.push(literal);
                }
            }
        }
        Some(Self(texts))
    }

    /// Returns the pattern's shape, if it is one that can be asked for.
    pub(super) fn shape(&self) -> Option<Shape> {
        let inner = self.0.get(1..self.0.len().saturating_sub(1)).unwrap_or_default();
        let mut inner = inner.iter().filter(|text| !text.is_empty());
        let (first, last) = (self.0.first()?.clone(), self.0.last()?.clone());
        match (self.0.len(), inner.next(), inner.next()) {
            (1, ..) => Some(Shape::Exactly(first)),
            (_, None, _) if last.is_empty() => Some(Shape::Starts(first)),
            (_, None, _) if first.is_empty() => Some(Shape::Ends(last)),
            (_, None, _) if !overlap(&first, &last) => Some(Shape::Around(first, last)),
            (_, Some(middle), None) if first.is_empty() && last.is_empty() => Some(Shape::Contains(middle.clone())),
            _ => None,
        }
    }
}

/// Whether a text shorter than both together can begin with `start` and end with `end`.
fn overlap(start: &str, end: &str) -> bool {
    let mut tails = start.char_indices().map(|(at, _)| &start[at..]);
    tails.any(|tail| end.starts_with(tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pattern: &str) -> Option<Shape> {
        Glob::parse(pattern)?.shape()
    }

    #[test]
    fn patterns_have_the_shape_of_what_they_match() {
        assert_eq!(shape("ab"), Some(Shape::Exactly("ab".into())));
        assert_eq!(shape("ab*"), Some(Shape::Starts("ab".into())));
        assert_eq!(shape("*"), Some(Shape::Starts(String::new())));
        assert_eq!(shape("**ab"), Some(Shape::Ends("ab".into())));
        assert_eq!(shape("*ab*"), Some(Shape::Contains("ab".into())));
        assert_eq!(shape("a*b"), Some(Shape::Around("a".into(), "b".into())));
        assert_eq!(shape(r"a\*"), Some(Shape::Exactly("a*".into())));
    }

    #[test]
    fn patterns_that_need_more_than_texts_and_stars_have_none() {
        for pattern in ["a?", "[ab]", "a*b*", "*a*b*", r"a\", "ab*ba"] {
            assert_eq!(shape(pattern), None, "{pattern}");
        }
    }
}
