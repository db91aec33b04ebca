//! Counting rows in pages of repeated columns, whose headers may not say.

use crate::ExtractError;
use crate::limit::MAX_ROW_VALUES;

/// Counts the rows that begin in the repetition levels of one page after the other: a row begins where the level is 0.
#[derive(Debug, Default)]
pub(super) struct RowStarts {
    rows: u64,
    /// Values since the last row began.
    open: usize,
}

impl RowStarts {
    /// Rows that have begun so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes `values` levels of at most `max`, in runs and bit-packed groups (Parquet, "RLE/Bit-Packing Hybrid").
    ///
    /// # Errors
    /// When there are not so many levels, or a row has more values than rows may have.
    pub(super) fn read(&mut self, mut bytes: &[u8], max: i16, values: usize) -> Result<(), ExtractError> {
        let width = (u16::BITS - max.unsigned_abs().leading_zeros()).max(1) as usize;
        let mut left = values;
        while left > 0 {
            let header = varint(&mut bytes).ok_or_else(short)?;
            let count = header >> 1;
            if header & 1 == 0 {
                let level = take(&mut bytes, width.div_ceil(8))?;
                let run = count.min(left);
                if run == 0 {
                    return Err(short());
                }
                self.run(level.iter().all(|byte| *byte == 0), run)?;
                left -= run;
            } else {
                let length = count.checked_mul(width).ok_or_else(short)?;
                // The last group may be cut short.
                let length = length.min(bytes.len());
                let packed = take(&mut bytes, length)?;
                let run = (packed.len() * 8 / width).min(left);
                if run == 0 {
                    return Err(short());
                }
                (0..run).try_for_each(|index| self.run(is_zero(packed, index * width, width), 1))?;
                left -= run;
            }
        }
        Ok(())
    }

    fn run(&mut self, is_start: bool, count: usize) -> Result<(), ExtractError> {
        if is_start {
            self.rows += count as u64;
            self.open = 1;
        } else {
            self.open = self.open.saturating_add(count);
        }
        if self.open > MAX_ROW_VALUES {
            return Err(ExtractError::broken_parquet(&format!(
                "a row has more than {MAX_ROW_VALUES} values in one column"
            )));
        }
        Ok(())
    }
}

fn is_zero(packed: &[u8], from: usize, width: usize) -> bool {
    (from..from + width).all(|bit| packed[bit / 8] >> (bit % 8) & 1 == 0)
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Result<&'b [u8], ExtractError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(short)?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn short() -> ExtractError {
    ExtractError::broken_parquet("a page has fewer levels than its header says")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_begins_at_each_level_of_nought_in_runs_and_groups() {
        let mut starts = RowStarts::default();
        // Three of 0, two of 1, then eight bit-packed: 0 1 1 0 0 1 0 1.
        starts
            .read(&[3 << 1, 0, 2 << 1, 1, 1 << 1 | 1, 0b1010_0110], 1, 13)
            .unwrap();
        assert_eq!(starts.rows(), 3 + 4);
        // Two bits each: 0 2 0 1, the rest padding.
        starts.read(&[1 << 1 | 1, 0b0100_1000, 0], 2, 4).unwrap();
        assert_eq!(starts.rows(), 7 + 2);
    }

    #[test]
    fn refuses_levels_that_are_not_there() {
        for bytes in [&[][..], &[4, 0], &[0x80], &[0, 0], &[3]] {
            assert!(RowStarts::default().read(bytes, 1, 3).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn refuses_a_row_of_more_values_than_any_row_has() {
        let endless = [0xFE, 0xFF, 0xFF, 0x7F, 1];
        let error = RowStarts::default().read(&endless, 1, 1 << 27).unwrap_err();
        assert!(error.to_string().contains("more than"), "{error}");
    }
}
