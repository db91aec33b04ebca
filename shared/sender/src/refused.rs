//! Rows that the API refused. Of each only its place is kept, so they are read once more: many in one go, since a Parquet row costs
//! the row group before it and a row of compressed text all that is before it.

use std::collections::VecDeque;

use extract::{Chunk, Format, Layout};

use crate::account::{Place, Ticket};
use crate::routes::Reason;

/// So many rows are read behind the first refused one before it is read again, some 10 MB of what is known of them: a chunk in which
/// every row is refused is read once more for each such number.
pub(crate) const MAX_WAITING_ROWS: usize = 65_536;

/// What lies between two rows that are read in one go at most: below that, reading on is no dearer than a request of its own.
const MAX_GAP_BYTES: u64 = 1 << 20;
const MAX_GAP_ROWS: u64 = 65_536;

/// A call that was refused, and where its row is.
#[derive(Debug)]
pub(crate) struct RefusedCall {
    pub(crate) ticket: Ticket,
    pub(crate) place: Place,
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// The calls of one stretch of rows that were refused, in the order of the rows.
#[derive(Debug)]
pub(crate) struct Stretch {
    /// From the first of the rows to the last.
    pub(crate) chunk: Chunk,
    pub(crate) refused: VecDeque<RefusedCall>,
}

/// Returns the stretches that are read for these refused calls.
pub(crate) fn stretches(mut refused: Vec<RefusedCall>, layout: &Layout) -> Vec<Stretch> {
    let gap = match (&layout.compression, layout.format) {
        (Some(_), _) => u64::MAX,
        (None, Format::Parquet) => MAX_GAP_ROWS,
        (None, _) => MAX_GAP_BYTES,
    };
    refused.sort_by_key(|refused| refused.place.offset);
    let mut stretches: Vec<Stretch> = Vec::new();
    for refused in refused {
        let place = refused.place;
        let end = place.offset + place.length;
        match stretches.last_mut() {
            Some(last) if place.offset.saturating_sub(last.chunk.end) <= gap => {
                last.chunk.end = last.chunk.end.max(end);
                last.refused.push_back(refused);
            }
            _ => stretches.push(Stretch {
                chunk: Chunk {
                    start: place.offset,
                    end,
                    first_row: Some(place.number),
                },
                refused: VecDeque::from([refused]),
            }),
        }
    }
    stretches
}

/// Returns why a call is rejected that was refused with `status` and these words.
pub(crate) fn reason(status: u16, message: String) -> Reason {
    Reason {
        code: format!("http_{status}"),
        message: format!("segment refused this call with status {status}"),
        detail: Some(message),
        field: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use extract::{Compression, Dialect};

    use super::*;

    fn chunks(format: Format, compression: Option<Compression>, rows: &[(u64, u64)]) -> Vec<(u64, u64, usize)> {
        let refused = |(number, &(offset, length)): (usize, &(u64, u64))| RefusedCall {
            ticket: Ticket {
                row: number as u64,
                mapping: 0,
                user: 0,
            },
            place: Place {
                number: number as u64,
                offset,
                length,
            },
            status: 400,
            message: String::new(),
        };
        let layout = Layout {
            format,
            compression,
            csv: Dialect::default(),
            columns: Vec::new(),
            types: BTreeMap::new(),
        };
        let stretches = stretches(rows.iter().enumerate().map(refused).collect(), &layout);
        let shown = |stretch: Stretch| (stretch.chunk.start, stretch.chunk.end, stretch.refused.len());
        stretches.into_iter().map(shown).collect()
    }

    #[test]
    fn rows_side_by_side_are_read_in_one_go_in_whatever_order_they_were_refused() {
        let rows: Vec<_> = (0..50_000).rev().map(|row| (row, 1)).collect();
        assert_eq!(chunks(Format::Parquet, None, &rows), [(0, 50_000, 50_000)]);
        let lines: Vec<_> = (0..50_000).map(|line| (line * 100, 99)).collect();
        assert_eq!(chunks(Format::Jsonl, None, &lines), [(0, 4_999_999, 50_000)]);
    }

    #[test]
    fn what_lies_between_rows_far_apart_is_not_read() {
        let rows = [(5_000_000, 80), (10, 80), (5_000_100, 80)];
        assert_eq!(
            chunks(Format::Csv, None, &rows),
            [(10, 90, 1), (5_000_000, 5_000_180, 2)]
        );
    }

    #[test]
    fn compressed_text_is_read_once_however_far_rows_are_apart() {
        let rows = [(10, 80), (5_000_000_000, 80)];
        assert_eq!(
            chunks(Format::Csv, Some(Compression::Gzip), &rows),
            [(10, 5_000_000_080, 2)]
        );
    }

    #[test]
    fn calls_of_one_row_by_several_mappings_stay_together() {
        assert_eq!(chunks(Format::Jsonl, None, &[(10, 80), (10, 80)]), [(10, 90, 2)]);
    }
}
