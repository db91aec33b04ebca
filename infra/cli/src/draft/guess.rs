//! What a column holds, guessed from its name and first values.

use std::collections::BTreeSet;

use extract::ColumnType;
use serde_json::Value;

use super::sample::{Column, Sample};

/// Most digits of a number that a double holds exactly.
const DIGITS: usize = 15;

/// Values of a column that says what became of a row, in lower case.
const CHANGES: [(&str, &[&str]); 3] = [
    (
        "new",
        &["i", "insert", "inserted", "new", "added", "c", "create", "created"],
    ),
    ("updated", &["u", "update", "updated", "modified", "changed"]),
    ("deleted", &["d", "delete", "deleted", "removed"]),
];

/// What the cells of a CSV column are to become, and why, where that needs a word.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) kind: ColumnType,
    pub(super) why: &'static str,
}

/// Returns the type of a column; `None`: text, and nobody would think otherwise.
pub(super) fn typed(column: &Column) -> Option<Typed> {
    let texts = column.texts().filter(|texts| !texts.is_empty())?;
    let all = |test: fn(&str) -> bool| texts.iter().all(|text| test(text));
    let typed = |kind, why| Some(Typed { kind, why });
    if all(|text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) {
        return typed(ColumnType::Boolean, "");
    }
    if all(|text| text.starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok()) {
        return typed(ColumnType::Json, "objects or lists, written as text");
    }
    if !all(is_decimal) {
        return None;
    }
    if texts.iter().any(|text| has_leading_zero(text)) {
        return typed(ColumnType::String, "has leading zeros, which a number would lose");
    }
    if texts
        .iter()
        .any(|text| text.bytes().filter(u8::is_ascii_digit).count() > DIGITS)
    {
        return typed(ColumnType::String, "has more digits than a number holds");
    }
    if is_name_of_label(&column.name) {
        return typed(ColumnType::String, "a label, not a quantity");
    }
    typed(ColumnType::Number, "")
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(whole) && are_digits(fraction)
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.")
}

/// Whether a column's digits are a label: an identifier, a phone number, a postal code.
fn is_name_of_label(name: &str) -> bool {
    let folded = folded(name);
    is_name_of_id(name)
        || ["phone", "zip", "postal", "code", "number"]
            .iter()
            .any(|word| folded.ends_with(word))
}

/// Returns a name in lower case, without what separates words.
pub(super) fn folded(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a name ends in the word `id`: `id`, `order_id`, `orderId`, `ORDER_ID`; not `paid`.
fn is_name_of_id(name: &str) -> bool {
    let last = name.rsplit(['_', '-', ' ', '.']).next().unwrap_or(name);
    last.eq_ignore_ascii_case("id") || last.ends_with("Id") || last.ends_with("ID") && last != last.to_uppercase()
}

/// Returns the column that tells rows apart: different in every row that was read, and called as such columns are.
pub(super) fn id(sample: &Sample) -> Option<&Column> {
    let unique: Vec<&Column> = sample
        .columns
        .iter()
        .filter(|column| is_unique(column, sample.rows))
        .collect();
    let called = |words: &[&str]| {
        unique
            .iter()
            .find(|column| words.contains(&folded(&column.name).as_str()))
    };
    let found = called(&["id"])
        .or_else(|| unique.iter().find(|column| is_name_of_id(&column.name)))
        .or_else(|| called(&["uuid", "guid", "key", "pk"]))
        .or_else(|| called(&["email", "emailaddress"]));
    found.copied()
}

/// Whether every row has a value of its own.
pub(super) fn is_unique(column: &Column, rows: usize) -> bool {
    let values: BTreeSet<String> = column
        .given()
        .filter(|value| !value.is_object())
        .map(ToString::to_string)
        .collect();
    rows > 0 && values.len() == rows
}

/// Returns the values by the change that they mean, if this is a column that says what became of a row.
pub(super) fn changes(column: &Column) -> Option<[(&'static str, Vec<String>); 3]> {
    let values: BTreeSet<&str> = column.texts()?.into_iter().collect();
    let known = |words: &[&str], value: &str| words.contains(&value.to_lowercase().as_str());
    let lists = CHANGES.map(|(change, words)| {
        let own = values.iter().filter(|value| known(words, value));
        (change, own.map(ToString::to_string).collect::<Vec<_>>())
    });
    let is_named =
        ["op", "operation", "change", "changetype", "dmltype", "cdcoperation"].contains(&folded(&column.name).as_str());
    let kinds = lists.iter().filter(|(_, values)| !values.is_empty()).count();
    let matched: usize = lists.iter().map(|(_, values)| values.len()).sum();
    (!values.is_empty() && matched == values.len() && (is_named || kinds > 1)).then_some(lists)
}

/// How a column's values tell a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    /// ISO 8601 with a day and a time, as Segment wants it.
    Iso,
    /// A day alone.
    Day,
}

/// Returns how the values tell a time, if all of them do so in the same way.
pub(super) fn time(column: &Column) -> Option<Time> {
    let texts = column.texts().filter(|texts| !texts.is_empty())?;
    let is_day = |text: &str| {
        let bytes = text.as_bytes();
        let digit = |place: usize| bytes[place].is_ascii_digit();
        bytes.len() == 10 && [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit) && bytes[4] == b'-' && bytes[7] == b'-'
    };
    let is_iso = |text: &str| {
        text.split_once('T')
            .is_some_and(|(day, time)| is_day(day) && time.contains(':'))
    };
    if texts.iter().all(|text| is_iso(text)) {
        return Some(Time::Iso);
    }
    texts.iter().all(|text| is_day(text)).then_some(Time::Day)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(name: &str, values: &[&str]) -> Column {
        Column {
            name: name.to_owned(),
            values: values.iter().map(|value| json!(value)).collect(),
        }
    }

    fn kind(name: &str, values: &[&str]) -> Option<ColumnType> {
        typed(&column(name, values)).map(|typed| typed.kind)
    }

    #[test]
    fn digits_are_numbers_only_where_nothing_is_lost() {
        assert_eq!(kind("mrr", &["12.50", "-3", "0", "0.5"]), Some(ColumnType::Number));
        assert_eq!(kind("zip", &["01234"]), Some(ColumnType::String));
        assert_eq!(kind("customer_id", &["1", "2"]), Some(ColumnType::String));
        assert_eq!(kind("amount", &["12345678901234567"]), Some(ColumnType::String));
        assert_eq!(kind("paid", &["1"]), Some(ColumnType::Number));
        assert_eq!(kind("mrr", &["12", "n/a"]), None);
        assert_eq!(kind("mrr", &[]), None);
    }

    #[test]
    fn booleans_and_json_are_recognised() {
        assert_eq!(kind("x", &["true", "FALSE"]), Some(ColumnType::Boolean));
        assert_eq!(kind("x", &["{\"a\":1}", "[]"]), Some(ColumnType::Json));
        assert_eq!(kind("x", &["{broken"]), None);
    }

    #[test]
    fn names_of_identifiers_end_in_the_word_id() {
        for name in ["id", "order_id", "orderId", "ORDER_ID", "properties.orderID", "ID"] {
            assert!(is_name_of_id(name), "{name}");
        }
        for name in ["paid", "PAID", "idea", "identity"] {
            assert!(!is_name_of_id(name), "{name}");
        }
    }

    #[test]
    fn changes_are_recognised_by_name_or_by_several_kinds() {
        let lists = changes(&column("op", &["I", "U", "I"])).unwrap();
        assert_eq!(lists[0], ("new", vec!["I".to_owned()]));
        assert_eq!(lists[1], ("updated", vec!["U".to_owned()]));
        assert!(changes(&column("what", &["insert", "delete"])).is_some());
        assert!(changes(&column("grade", &["C"])).is_none());
        assert!(changes(&column("op", &["I", "X"])).is_none());
    }

    #[test]
    fn times_are_told_from_days() {
        assert_eq!(time(&column("at", &["2026-01-02T03:04:05Z"])), Some(Time::Iso));
        assert_eq!(time(&column("at", &["2026-01-02"])), Some(Time::Day));
        assert_eq!(time(&column("at", &["2026-01-02 03:04:05"])), None);
        assert_eq!(time(&column("at", &["1557606747"])), None);
    }
}
