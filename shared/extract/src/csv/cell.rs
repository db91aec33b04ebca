//! One row's cells, quotes and escapes resolved.

use memchr::memchr2;

use super::EscapeStyle;
use super::dialect::Marks;
use super::letter;
use super::mask::{Stops, find};

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell<'c> {
    /// What it says.
    pub(super) text: &'c str,
    /// How it is written, if it is not quoted: what NULL is told by.
    pub(super) unquoted: Option<&'c str>,
}

impl<'c> Cell<'c> {
    /// A cell that is written as what it says.
    pub(super) fn unquoted(text: &'c str) -> Self {
        Self {
            text,
            unquoted: Some(text),
        }
    }
}

/// The cells of one row, in order. Reads quotes exactly as the scanner does that found the row.
#[derive(Debug)]
pub(super) struct Cells<'r> {
    row: &'r str,
    /// Where the next cell begins; behind the last one nothing does.
    at: Option<usize>,
    marks: Marks,
    stops: Stops,
    /// Whether the bytes that escapes spelled, so far, are UTF-8.
    is_utf8: bool,
}

impl<'r> Cells<'r> {
    pub(super) fn new(row: &'r str, marks: Marks) -> Self {
        Self {
            row,
            at: Some(0),
            marks,
            stops: Stops::new(marks.delimiter, marks.plain_escape()),
            is_utf8: true,
        }
    }

    /// Returns the next cell, if it is written as JSON would write what it says: without quotes, with nothing that means more than
    /// itself here or there. Nearly every cell is. `None` says nothing of whether there is one.
    #[inline]
    pub(super) fn next_plain(&mut self) -> Option<&'r str> {
        let start = self.at?;
        let end = self.stops.next(self.row.as_bytes(), start);
        let is_quoted = self.marks.quote.is_some() && self.byte(start) == self.marks.quote;
        self.at = match self.byte(end) {
            _ if is_quoted => return None,
            None => None,
            Some(byte) if byte == self.marks.delimiter => Some(end + 1),
            Some(_) => return None,
        };
        self.row.get(start..end)
    }

    /// Returns the next cell. `scratch` holds its text if that is not to be found in the row as it stands.
    pub(super) fn next_cell<'c>(&mut self, scratch: &'c mut String) -> Option<Cell<'c>>
    where
        'r: 'c,
    {
        let start = self.at?;
        if self.marks.quote.is_some() && self.byte(start) == self.marks.quote {
            let text = self.quoted(start + 1, scratch);
            return Some(Cell { text, unquoted: None });
        }
        let text = self.plain(start, scratch);
        let end = self.at.map_or(self.row.len(), |next| next - 1);
        Some(Cell {
            text,
            unquoted: Some(&self.row[start..end]),
        })
    }

    /// Counts the cells that have not been asked for.
    pub(super) fn count_rest(mut self) -> usize {
        let mut scratch = String::new();
        let mut count = 0;
        while self.next_cell(&mut scratch).is_some() {
            count += 1;
        }
        count
    }

    /// Whether escapes spelled only text, in the cells that were asked for.
    pub(super) fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.row.as_bytes().get(at).copied()
    }

    fn plain<'c>(&mut self, start: usize, scratch: &'c mut String) -> &'c str
    where
        'r: 'c,
    {
        let rest = &self.row.as_bytes()[start..];
        let found = match self.marks.plain_escape() {
            Some(escape) => memchr2(self.marks.delimiter, escape, rest),
            None => find(self.marks.delimiter, rest),
        };
        if let Some(escape) = found.filter(|found| rest[*found] != self.marks.delimiter) {
            scratch.clear();
            scratch.push_str(&self.row[start..start + escape]);
            self.append_plain(start + escape, scratch);
            return scratch;
        }
        self.at = found.map(|found| start + found + 1);
        &self.row[start..start + found.unwrap_or(rest.len())]
    }

    /// Appends unquoted text up to the next delimiter, and steps over that.
    fn append_plain(&mut self, mut from: usize, text: &mut String) {
        loop {
            let rest = &self.row.as_bytes()[from..];
            let found = match self.marks.plain_escape() {
                Some(escape) => memchr2(self.marks.delimiter, escape, rest),
                None => find(self.marks.delimiter, rest),
            };
            text.push_str(&self.row[from..from + found.unwrap_or(rest.len())]);
            match found {
                Some(found) if rest[found] != self.marks.delimiter => from = self.append_escaped(from + found, text),
                _ => {
                    self.at = found.map(|found| from + found + 1);
                    return;
                }
            }
        }
    }

    /// Appends what the escape at `at` and what is behind it mean; an escape at the row's end stands for itself. Returns
    /// what comes next.
    fn append_escaped(&mut self, at: usize, text: &mut String) -> usize {
        let row = self.row;
        let behind = &row[at + 1..];
        let first = behind.as_bytes().first().copied();
        let means_something = match self.marks.style {
            EscapeStyle::Plain => true,
            EscapeStyle::Quoted => first.is_some() && [self.marks.quote, self.marks.escape].contains(&first),
            EscapeStyle::Letters => {
                if let Some(length) = letter::append(&row[at..], text, &mut self.is_utf8) {
                    return at + length;
                }
                true
            }
        };
        if let Some(character) = behind.chars().next().filter(|_| means_something) {
            text.push(character);
            return at + 1 + character.len_utf8();
        }
        text.push_str(&row[at..=at]);
        at + 1
    }

    fn quoted<'c>(&mut self, start: usize, scratch: &'c mut String) -> &'c str
    where
        'r: 'c,
    {
        if let Some(found) = self.next_in_quotes(start) {
            let next = self.byte(found + 1);
            if self.byte(found) == self.marks.quote && (next.is_none() || next == Some(self.marks.delimiter)) {
                self.at = next.map(|_| found + 2);
                return &self.row[start..found];
            }
        }
        scratch.clear();
        let behind = self.append_quoted(start, scratch);
        self.append_plain(behind, scratch);
        scratch
    }

    /// Appends quoted text, and returns what comes behind its closing quote.
    fn append_quoted(&mut self, mut from: usize, text: &mut String) -> usize {
        while let Some(found) = self.next_in_quotes(from) {
            text.push_str(&self.row[from..found]);
            if self.byte(found) != self.marks.quote {
                from = self.append_escaped(found, text);
            } else if self.byte(found + 1) == self.marks.quote {
                text.push_str(&self.row[found..=found]);
                from = found + 2;
            } else {
                return found + 1;
            }
        }
        text.push_str(&self.row[from..]);
        self.row.len()
    }

    /// Index of the next byte that means something inside quotes.
    fn next_in_quotes(&self, from: usize) -> Option<usize> {
        let rest = &self.row.as_bytes()[from..];
        let found = match (self.marks.quote?, self.marks.escape) {
            (quote, Some(escape)) => memchr2(quote, escape, rest),
            (quote, None) => find(quote, rest),
        };
        found.map(|found| from + found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;

    fn cells_in(row: &str, dialect: &Dialect) -> Vec<(String, bool)> {
        let mut cells = Cells::new(row, dialect.marks());
        let mut scratch = String::new();
        let mut found = Vec::new();
        while let Some(cell) = cells.next_cell(&mut scratch) {
            found.push((cell.text.to_owned(), cell.unquoted.is_none()));
        }
        found
    }

    fn texts(row: &str, dialect: &Dialect) -> Vec<String> {
        cells_in(row, dialect).into_iter().map(|(text, _)| text).collect()
    }

    fn plain_cells(row: &str, dialect: &Dialect) -> Vec<String> {
        let mut cells = Cells::new(row, dialect.marks());
        std::iter::from_fn(|| cells.next_plain().map(str::to_owned)).collect()
    }

    #[test]
    fn plain_cells_end_at_the_first_that_is_not() {
        let escaped = Dialect {
            escape: Some(b'!'),
            ..Dialect::default()
        };
        let apostrophes = Dialect {
            quote: Some(b'\''),
            ..Dialect::default()
        };
        for (dialect, row, expected) in [
            (&Dialect::default(), "a,,b c!d,", &["a", "", "b c!d", ""][..]),
            (&Dialect::default(), "a,\"b\"", &["a"]),
            (&Dialect::default(), "a,b\"c", &["a"]),
            (&Dialect::default(), "a,b\\c", &["a"]),
            (
                &Dialect::default(),
                "é,0123456789abcdefg,\u{1f}",
                &["é", "0123456789abcdefg"],
            ),
            (&escaped, "a!,b", &[]),
            (&apostrophes, "it's,'b'", &["it's"]),
        ] {
            assert_eq!(plain_cells(row, dialect), expected, "{row}");
        }
    }

    #[test]
    fn takes_text_between_delimiters() {
        assert_eq!(texts("a,,b c,", &Dialect::default()), ["a", "", "b c", ""]);
    }

    #[test]
    fn tells_a_quoted_empty_cell_from_an_empty_one() {
        assert_eq!(
            cells_in("\"\",", &Dialect::default()),
            [(String::new(), true), (String::new(), false)]
        );
    }

    #[test]
    fn halves_doubled_quotes() {
        assert_eq!(texts("\"a\"\"b\",\"\"\"\"", &Dialect::default()), ["a\"b", "\""]);
    }

    #[test]
    fn keeps_delimiters_and_line_breaks_inside_quotes() {
        assert_eq!(texts("\"a,\r\nb\",c", &Dialect::default()), ["a,\r\nb", "c"]);
    }

    #[test]
    fn takes_a_quote_within_unquoted_text_for_itself() {
        assert_eq!(texts("5\" pipe,\"a\"b\"c", &Dialect::default()), ["5\" pipe", "ab\"c"]);
    }

    #[test]
    fn resolves_escapes_inside_quotes_and_outside() {
        let dialect = Dialect {
            escape: Some(b'\\'),
            ..Dialect::default()
        };
        assert_eq!(
            texts(r#""a\"b\\",c\,d\é,\N,e\"#, &dialect),
            [r#"a"b\"#, "c,dé", "N", r"e\"]
        );
    }

    #[test]
    fn leaves_an_escape_of_quoted_cells_alone_elsewhere() {
        let dialect = Dialect {
            escape: Some(b'\\'),
            escape_style: EscapeStyle::Quoted,
            ..Dialect::default()
        };
        assert_eq!(
            texts(r#"a\,"b\"c\\",\"x,"a\b""#, &dialect),
            [r"a\", r#"b"c\"#, r#"\"x"#, r"a\b"]
        );
    }

    #[test]
    fn reads_letters_and_numbers_behind_an_escape() {
        let dialect = Dialect {
            quote: None,
            delimiter: b'\t',
            escape: Some(b'\\'),
            escape_style: EscapeStyle::Letters,
            ..Dialect::default()
        };
        assert_eq!(
            texts("\\b\\f\\n\\r\\t\\v\t\\101\\x41\\x4\t\\303\\xA9\\q\\\\", &dialect),
            ["\x08\x0C\n\r\t\x0B", "AA\x04", "éq\\"]
        );
        let mut cells = Cells::new(r"\xFFa", dialect.marks());
        assert!(cells.next_cell(&mut String::new()).is_some() && !cells.is_utf8());
    }

    #[test]
    fn shows_how_an_unquoted_cell_is_written() {
        let dialect = Dialect {
            escape: Some(b'\\'),
            ..Dialect::default()
        };
        let mut scratch = String::new();
        let mut cells = Cells::new(r"\N,x", dialect.marks());
        assert_eq!(
            cells.next_cell(&mut scratch).and_then(|cell| cell.unquoted),
            Some(r"\N")
        );
        assert_eq!(cells.next_cell(&mut scratch).and_then(|cell| cell.unquoted), Some("x"));
        assert_eq!(cells.next_cell(&mut scratch), None);
    }

    #[test]
    fn knows_no_quotes_when_the_dialect_has_none() {
        let dialect = Dialect {
            quote: None,
            delimiter: b'|',
            ..Dialect::default()
        };
        assert_eq!(texts("\"a|b\"", &dialect), ["\"a", "b\""]);
    }
}
