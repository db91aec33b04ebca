//! Upper and lower case, as JavaScript has them, in the row's arena.

use bumpalo::Bump;
use bumpalo::collections::String;

/// Returns `text` in upper case.
pub(super) fn upper<'a>(text: &str, arena: &'a Bump) -> &'a str {
    let mut upper = String::with_capacity_in(text.len(), arena);
    upper.extend(text.chars().flat_map(char::to_uppercase));
    upper.into_bump_str()
}

/// Returns `text` in lower case.
pub(super) fn lower<'a>(text: &str, arena: &'a Bump) -> &'a str {
    // Beyond ASCII it matters what stands around a letter: a sigma at the end of a word.
    if !text.is_ascii() {
        return arena.alloc_str(&text.to_lowercase());
    }
    let mut lower = String::with_capacity_in(text.len(), arena);
    lower.extend(text.chars().map(|c| c.to_ascii_lowercase()));
    lower.into_bump_str()
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;

    use super::{lower, upper};

    proptest! {
        #[test]
        fn agrees_with_whole_texts(text in "([A-Za-z ßſİŉΣ]|\\PC){0,8}") {
            let arena = Bump::new();
            prop_assert_eq!(upper(&text, &arena), text.to_uppercase());
            prop_assert_eq!(lower(&text, &arena), text.to_lowercase());
        }
    }
}
