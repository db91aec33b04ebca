//! Where the pages of a column lie that are still to come, if its offset index says so.

use std::collections::VecDeque;
use std::ops::Range;

use super::offsets::PageStart;

/// The data pages that are still to come.
#[derive(Debug)]
pub(super) struct Ahead {
    pages: VecDeque<PageStart>,
    /// Rows of the group.
    rows: u64,
}

impl Ahead {
    /// Returns what is ahead if the pages of nothing but the first `skipped` rows are left out. `pages`: all data pages of a column
    /// that lies at `place` and has so many rows. `None` if they cannot be that: each with rows, one right after the other up to the
    /// column's end. (Some writers leave headers out of the lengths.)
    pub(super) fn new(mut pages: VecDeque<PageStart>, place: &Range<u64>, rows: u64, skipped: u64) -> Option<Self> {
        pages
            .front()
            .filter(|page| page.offset >= place.start && page.row == 0)?;
        let behind = pages.iter().skip(1).map(|page| (page.offset, page.row));
        let is_right = |(page, (offset, row)): (&PageStart, (u64, u64))| {
            page.offset.checked_add(page.length) == Some(offset) && page.offset < offset && page.row < row
        };
        if !pages.iter().zip(behind.chain([(place.end, rows)])).all(is_right) {
            return None;
        }
        pages.drain(..pages.partition_point(|page| page.row <= skipped) - 1);
        pages.shrink_to_fit();
        Some(Self { pages, rows })
    }

    /// How many pages come.
    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The page that comes next; `None` behind the last.
    pub(super) fn next(&self) -> Option<&PageStart> {
        self.pages.front()
    }

    /// Returns where the page begins that no row before `rows` is in; `None` if there is no such page.
    pub(super) fn until(&self, rows: u64) -> Option<u64> {
        let behind = self.pages.partition_point(|page| page.row < rows);
        self.pages.get(behind).map(|page| page.offset)
    }

    /// Whether this is the page that comes next, and so many rows are in it; if so, the one behind it is next from now on.
    pub(super) fn is_next(&mut self, page: PageStart, rows: u64) -> bool {
        let end = self.pages.get(1).map_or(self.rows, |behind| behind.row);
        let is_right = |next: &mut PageStart| *next == page && page.row + rows == end;
        self.pages.pop_front_if(is_right).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(offset: u64, length: u64, row: u64) -> PageStart {
        PageStart { offset, length, row }
    }

    fn ahead(pages: &[PageStart], skipped: u64) -> Option<Ahead> {
        Ahead::new(pages.iter().copied().collect(), &(4..50), 8, skipped)
    }

    #[test]
    fn pages_before_the_first_row_wanted_are_left_out() {
        let pages = [page(14, 10, 0), page(24, 16, 5), page(40, 10, 6)];
        for (skipped, first) in [(0, 0), (4, 0), (5, 1), (6, 2), (7, 2)] {
            assert_eq!(ahead(&pages, skipped).unwrap().next(), Some(&pages[first]));
        }
    }

    #[test]
    fn pages_come_in_their_order() {
        let pages = [page(14, 10, 0), page(24, 16, 5), page(40, 10, 6)];
        let mut ahead = ahead(&pages, 5).unwrap();
        assert_eq!(
            (ahead.until(5), ahead.until(6), ahead.until(7)),
            (Some(24), Some(40), None)
        );
        assert!(!ahead.is_next(pages[2], 2) && !ahead.is_next(page(24, 15, 5), 1));
        assert!(!ahead.is_next(pages[1], 2) && ahead.is_next(pages[1], 1));
        assert!(!ahead.is_next(pages[2], 1) && ahead.is_next(pages[2], 2) && !ahead.is_next(pages[2], 2));
    }

    #[test]
    fn pages_that_cannot_be_those_of_the_column_are_not_used() {
        let right = [page(14, 10, 0), page(24, 16, 5), page(40, 10, 6)];
        assert!(ahead(&[], 0).is_none());
        for (index, wrong) in [
            (0, page(3, 21, 0)),
            (0, page(14, 9, 0)),
            (0, page(14, 11, 0)),
            (0, page(14, 10, 1)),
            (1, page(24, 16, 0)),
            (1, page(24, 16, 6)),
            (1, page(u64::MAX, 16, 5)),
            (2, page(40, 9, 6)),
            (2, page(40, 11, 6)),
            (2, page(40, 10, 8)),
        ] {
            let mut pages = right;
            pages[index] = wrong;
            assert!(ahead(&pages, 0).is_none(), "{index}: {wrong:?}");
        }
        assert!(ahead(&[page(14, 0, 0), page(14, 36, 5)], 0).is_none());
    }
}
