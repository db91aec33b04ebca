//! What helps against the reasons for which rows are rejected.

/// Returns what to do about rows that are rejected with `code`, for people; for a code that is not known, where to look.
#[must_use]
pub fn remedy(code: &str) -> &'static str {
    match code {
        "payload_validation_failed" => {
            "map the field to a column that holds such a value in every row (for csv: set the column's type in \
             `source.types`), or leave rows like this out with the trigger"
        }
        "mapping_failed" => {
            "guard the directive with `@if`, or give it a value it can use; leave rows like this out with the trigger"
        }
        "event_too_large" => "send fewer or shorter columns: name those you need in place of the whole row",
        "record_missing_id" | "record_null_id" => {
            "unload the column with a value in every row, or name another one in `source.id`"
        }
        "unknown_change" => "add the value to `new`, `updated` or `deleted` in `source.changes`",
        "bad_value" => "correct the value in the extract, or the column's type in `source.types`",
        "wrong_column_count" | "unterminated_quote" => {
            "check `source.csv` (delimiter, quote, escape) against how the warehouse writes, or correct the row"
        }
        "bad_json" | "not_an_object" => "write one whole JSON object on each line",
        "not_utf8" => "unload the extract as UTF-8",
        "row_too_long" => "unload fewer or shorter columns",
        code if code.starts_with("http_") => "see the answer of the API beside the rejected row",
        code if code.starts_with("consent_") => {
            "give `consent` an object `categoryPreferences` in which every value is true or false"
        }
        _ => "give the field text that is not empty in every row, or leave rows like this out with the trigger",
    }
}

#[cfg(test)]
mod tests {
    use super::remedy;

    #[test]
    fn every_reason_of_the_readme_has_a_remedy_of_its_own() {
        let fallback = remedy("");
        let table = include_str!("../README.md")
            .lines()
            .filter(|line| line.starts_with("| `"));
        let codes = table.flat_map(|line| line.split(" | ").next().unwrap_or("").split('`').skip(1).step_by(2));
        let codes: Vec<&str> = codes
            .filter(|code| code.contains('_') && !code.contains("_not_"))
            .collect();
        assert!(codes.len() > 8, "{codes:?}");
        for code in codes
            .into_iter()
            .filter(|code| *code != "message_id" && *code != "write_keys")
        {
            assert_ne!(remedy(code), fallback, "{code}");
        }
    }
}
