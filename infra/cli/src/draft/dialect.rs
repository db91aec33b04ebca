//! How a CSV file is written, told from its first lines.

use std::collections::BTreeSet;

use extract::Dialect;
use serde_json::{Map, Value};

/// Delimiters, the more usual before the less. `\x01` is Hive's.
const DELIMITERS: [u8; 5] = [b',', b'\t', b';', b'|', b'\x01'];

/// Lines that are looked at.
const LINES: usize = 20;

/// Returns the dialect of the text that begins with `bytes`, as if it had a header.
pub(super) fn guess(bytes: &[u8]) -> Dialect {
    let lines: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .take(LINES)
        .collect();
    let has_double = lines.iter().any(|line| line.contains(&b'"'));
    let single = |line: &&[u8]| line.starts_with(b"'") && line.trim_ascii_end().ends_with(b"'");
    let quote = if !has_double && lines.len() > 1 && lines[1..].iter().all(single) {
        b'\''
    } else {
        b'"'
    };
    let count = |line: &[u8], delimiter: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|byte| {
                quoted ^= **byte == quote;
                **byte == delimiter && !quoted
            })
            .count()
    };
    let score = |delimiter: u8| {
        let wanted = lines.first().map_or(0, |line| count(line, delimiter));
        let like_first = lines.iter().filter(|line| count(line, delimiter) == wanted).count();
        (wanted > 0).then_some((like_first, wanted))
    };
    // Of equals the last is the greatest, so the usual ones come last.
    let best = DELIMITERS
        .into_iter()
        .rev()
        .filter(|delimiter| score(*delimiter).is_some())
        .max_by_key(|delimiter| score(*delimiter));
    Dialect {
        delimiter: best.unwrap_or(b','),
        quote: Some(quote),
        ..Dialect::default()
    }
}

/// Whether cells are names of columns rather than values: all of them there, and neither numbers, dates nor addresses. That
/// names have to differ is for whoever reads the rows: it says which do not.
pub(super) fn is_header(cells: &[String]) -> bool {
    let is_value =
        |name: &str| name.is_empty() || name.contains('@') || !name.contains(|c: char| c.is_alphabetic() || c == '_');
    !cells.iter().any(|cell| is_value(cell.trim()))
}

/// Returns the words that cells hold in place of nothing, besides the empty cell and `\N`.
pub(super) fn null_spellings(rows: &[Map<String, Value>]) -> Vec<String> {
    let cells: BTreeSet<&str> = rows.iter().flat_map(Map::values).filter_map(Value::as_str).collect();
    let words = ["NULL", "null"].into_iter().filter(|word| cells.contains(word));
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_delimiter_from_the_lines_that_agree() {
        for (text, delimiter) in [
            ("id,name\n1,\"a;b;c\"\n", b','),
            ("id;price\n1;2,50\n2;3,50\n", b';'),
            ("id\tname\n1\ta, b\n", b'\t'),
            ("id|name\n1|x\n", b'|'),
            ("id\x01name\n1\x01x\n", b'\x01'),
            ("id\n1\n", b','),
            ("", b','),
        ] {
            assert_eq!(guess(text.as_bytes()).delimiter, delimiter, "{text:?}");
        }
        assert_eq!(guess(b"a,b\n'x','y'\n").quote, Some(b'\''));
    }

    #[test]
    fn values_are_no_header() {
        let is_header = |cells: &[&str]| is_header(&cells.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(is_header(&["id", "traits.email"]) && is_header(&["id", "id"]));
        for cells in [
            &["1", "Ada"][..],
            &["a", ""],
            &["2020-01-02", "x"],
            &["x", "a@b.example"],
        ] {
            assert!(!is_header(cells), "{cells:?}");
        }
    }
}
