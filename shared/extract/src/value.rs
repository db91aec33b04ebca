//! JSON values on their own, as they stand in cells.

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
    fn refuses_what_would_change_the_row_around_it() {
        let mut check = ValueCheck::default();
        for text in ["1,\"b\":2", "1}", "", " ", "{", "[1", "}{", "1}{\"b\":2", "1 2"] {
            assert_eq!(check.value_in(text), None, "{text}");
        }
    }
}
