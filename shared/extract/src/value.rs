//! JSON values on their own, as they stand in cells.

use std::iter::repeat_n;

use mapping::Index;

/// Checks texts that should be one JSON value each, reusing its buffers text after text.
#[derive(Debug, Default)]
pub(crate) struct ValueCheck {
    index: Index,
    wrapped: String,
}

impl ValueCheck {
    /// Returns the value in `text` without the white space around it, if there is exactly one.
    ///
    /// It is checked as the only field of an object, so that it nests as deep there as in a row. Text such as
    /// `1,"b":2`, which would put a second field into a row, makes more than one.
    pub(crate) fn value_in(&mut self, text: &str) -> Option<&str> {
        self.wrapped.clear();
        self.wrapped.extend(["{\"\":", text, "}"]);
        let record = self.index.of(&self.wrapped).ok()?;
        match record.fields() {
            [field] => Some(record.value(field)),
            _ => None,
        }
    }

    /// As [`ValueCheck::value_in`], of a value that lies in `depth` lists or objects besides the row.
    pub(crate) fn value_within(&mut self, text: &str, depth: usize) -> Option<&str> {
        if depth > 0 {
            self.wrapped.clear();
            self.wrapped.push_str("{\"\":");
            self.wrapped.extend(repeat_n('[', depth));
            self.wrapped.push_str(text);
            self.wrapped.extend(repeat_n(']', depth));
            self.wrapped.push('}');
            self.index.of(&self.wrapped).ok()?;
        }
        self.value_in(text)
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
