//! Rows decoded ahead of whoever takes them, some at a time.
//!
//! To decode a row and to do something with it takes more code than a processor keeps next to itself. Where both take turns row by row, each
//! drives the other one's out; so some rows are decoded, then as many are taken.

use std::collections::VecDeque;
use std::ops::Range;

use mapping::{Record, Shape, Span};

use crate::row::Place;
use crate::{BadRow, Row};

/// A block has so many rows at most, and ends with the row that brings its text to so many bytes.
const MOST_ROWS: usize = 64;
const ENOUGH_BYTES: usize = 32 << 10;

/// Room for so many fields is kept.
const ENOUGH_SPANS: usize = 256 * MOST_ROWS;

/// Copies of rows, in their order.
#[derive(Debug, Default)]
pub(crate) struct Block {
    text: String,
    spans: Vec<Span>,
    rows: VecDeque<Result<Kept, BadRow>>,
    /// Bytes of text, those of rows that cannot be read among them.
    bytes: usize,
}

/// Where a row's text and fields are in the block.
#[derive(Debug)]
struct Kept {
    place: Place,
    text: Range<usize>,
    spans: Range<usize>,
    shape: Option<Shape>,
}

impl Block {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Forgets what was taken.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.rows.clear();
        self.bytes = 0;
        // After a row that was very long or wide.
        self.text.shrink_to(2 * ENOUGH_BYTES);
        self.spans.shrink_to(ENOUGH_SPANS);
    }

    pub(crate) fn has_room(&self) -> bool {
        self.rows.len() < MOST_ROWS && self.bytes < ENOUGH_BYTES
    }

    pub(crate) fn push(&mut self, row: Result<Row<'_>, BadRow>) {
        self.bytes += match &row {
            Ok(row) => row.record.text().len(),
            Err(bad) => bad.text.len(),
        };
        let kept = row.map(|row| {
            let (text, spans) = (self.text.len(), self.spans.len());
            self.text.push_str(row.record.text());
            self.spans.extend_from_slice(row.record.fields());
            let Row {
                number,
                offset,
                length,
                record,
            } = row;
            Kept {
                place: Place { number, offset, length },
                text: text..self.text.len(),
                spans: spans..self.spans.len(),
                shape: record.shape(),
            }
        });
        self.rows.push_back(kept);
    }

    /// Returns the next row that was not taken yet.
    pub(crate) fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        let kept = match self.rows.pop_front()? {
            Ok(kept) => kept,
            Err(bad) => return Some(Err(bad)),
        };
        let (text, fields) = (&self.text[kept.text], &self.spans[kept.spans]);
        Some(Ok(kept.place.row(Record::of_shape(text, fields, kept.shape))))
    }
}

#[cfg(test)]
mod tests {
    use mapping::Index;

    use super::*;

    fn push(block: &mut Block, number: u64, text: &str) {
        let place = Place {
            number,
            offset: 10 * number,
            length: text.len() as u64,
        };
        let mut index = Index::default();
        match index.of(text) {
            Ok(record) => block.push(Ok(place.row(record))),
            Err(_) => block.push(Err(BadRow::new(place, "bad_json", String::new(), text.as_bytes()))),
        }
    }

    #[test]
    fn rows_come_back_in_their_order_as_they_were_with_those_that_cannot_be_read() {
        let texts = [r#"{"a":1,"b":"x"}"#, "{", r#"{"a":2,"b":"é"}"#, "{}", r#"{"\u0061":3}"#];
        let mut block = Block::default();
        for round in 0..2 {
            block.clear();
            (1..)
                .zip(texts)
                .for_each(|(number, text)| push(&mut block, number, text));
            for (number, text) in (1..).zip(texts) {
                let mut index = Index::default();
                match (block.next_row().unwrap(), index.of(text)) {
                    (Ok(row), Ok(expected)) => {
                        assert_eq!(
                            (row.number, row.offset, row.length),
                            (number, 10 * number, text.len() as u64)
                        );
                        assert_eq!(row.record.text(), text);
                        assert_eq!(row.record.fields(), expected.fields());
                        assert_eq!(row.record.has_plain_keys(), expected.has_plain_keys());
                    }
                    (Err(bad), Err(_)) => assert_eq!((bad.number, bad.text), (number, text.to_owned())),
                    (row, _) => panic!("round {round}: {row:?}"),
                }
            }
            assert!(block.is_empty() && block.next_row().is_none());
        }
    }

    #[test]
    fn block_is_full_with_its_rows_or_its_bytes_and_keeps_no_room_for_a_long_row() {
        let mut block = Block::default();
        for number in 0..MOST_ROWS as u64 {
            assert!(block.has_room());
            push(&mut block, number, "{}");
        }
        assert!(!block.has_room());
        block.clear();
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(20 * ENOUGH_BYTES));
        push(&mut block, 1, &long);
        assert!(!block.has_room());
        block.next_row();
        block.clear();
        assert!(block.has_room());
        push(&mut block, 1, &"x".repeat(ENOUGH_BYTES));
        assert!(!block.has_room(), "a row that cannot be read has a text too");
        block.next_row();
        block.clear();
        assert!(block.has_room() && block.text.capacity() <= 2 * ENOUGH_BYTES);
    }
}
