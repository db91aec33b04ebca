//! JSON values on their own, as they stand in cells.

use mapping::Index;

/// Checks texts that should be one JSON value each, reusing its buffers text after text.
#[derive(Debug, Default)]
pub(crate) struct ValueCheck {
    index: Index,
}

impl ValueCheck {
    /// Returns the value in `text` without the white space around it, if there is exactly one: of keys that are there twice as
    /// `JSON.parse` has it, else as it is spelled.
    pub(crate) fn value_in<'t>(&'t mut self, text: &'t str) -> Option<&'t str> {
        self.value_within(text, 0)
    }

    /// As [`ValueCheck::value_in`], of a value that lies in `depth` lists or objects besides the row.
    pub(crate) fn value_within<'t>(&'t mut self, text: &'t str, depth: usize) -> Option<&'t str> {
        self.index.value(text, depth + 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::ValueCheck;

    #[test]
    fn takes_any_value() {
        let mut check = ValueCheck::default();
        for text in ["{\"a\": [1, 2.50]}", "[]", "\"x\"", "null", "-1e9"] {
            assert_eq!(check.value_in(text), Some(text));
        }
        assert_eq!(check.value_in(" {} \n"), Some("{}"));
    }

    #[test]
    fn keeps_of_equal_keys_the_last_value_in_the_first_place() {
        let mut check = ValueCheck::default();
        assert_eq!(
            check.value_in(r#"[{"a": 1, "b": 2, "\u0061": 3}]"#),
            Some(r#"[{"a":3,"b":2}]"#)
        );
    }

    #[test]
    fn takes_no_value_that_nests_too_deep_where_it_lies() {
        let mut check = ValueCheck::default();
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(check.value_within(&deep(mapping::MAX_DEPTH - 3), 2).is_some());
        assert_eq!(check.value_within(&deep(mapping::MAX_DEPTH - 2), 2), None);
        assert_eq!(check.value_within("1],[2", 2), None);
    }

    #[test]
    fn refuses_what_would_change_the_row_around_it() {
        let mut check = ValueCheck::default();
        for text in ["1,\"b\":2", "1}", "", " ", "{", "[1", "}{", "1}{\"b\":2", "1 2"] {
            assert_eq!(check.value_in(text), None, "{text}");
        }
    }
}
