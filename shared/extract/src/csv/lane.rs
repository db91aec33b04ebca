//! Rows from one state on: how many, and where those begin that begin a chunk.

use super::block::Block;
use super::dialect::Marks;
use super::mask::BLOCK;
use super::state::State;

/// A pass over bytes of an object from one state on.
#[derive(Debug)]
pub(super) struct Lane {
    /// Behind the last byte.
    pub(super) state: State,
    /// Rows that began.
    pub(super) rows: u64,
    /// The first row from each multiple of the target on, and maybe more.
    pub(super) starts: Vec<RowStart>,
    target: u64,
    /// The first offset from which a row begins a new chunk.
    boundary: u64,
}

/// Where a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowStart {
    pub(super) offset: u64,
    /// Rows that began before it.
    pub(super) before: u64,
}

impl Lane {
    pub(super) fn new(state: State, target: u64) -> Self {
        Self {
            state,
            rows: 0,
            starts: Vec::new(),
            target: target.max(1),
            boundary: 0,
        }
    }

    /// Goes on over bytes that begin at `offset` in the object.
    pub(super) fn push(&mut self, mut offset: u64, bytes: &[u8], marks: Marks) {
        for bytes in bytes.chunks(BLOCK) {
            self.take(offset, &Block::new(bytes, marks));
            offset += bytes.len() as u64;
        }
    }

    /// Goes on over a block that begins at `offset` in the object.
    #[inline]
    pub(super) fn take(&mut self, offset: u64, block: &Block<'_>) {
        let found = block.read(self.state);
        self.state = found.state;
        if found.starts != 0 {
            if self.boundary < offset + BLOCK as u64 {
                self.note(offset, found.starts);
            }
            self.rows += u64::from(found.starts.count_ones());
        }
    }

    /// Goes on over one byte. Returns whether it is a row's first byte, or the line end behind its last.
    pub(super) fn step(&mut self, byte: u8, marks: Marks) -> bool {
        let (state, is_edge) = self.state.step(byte, marks);
        self.state = state;
        is_edge
    }

    /// Notes which of the rows that begin in a block begin chunks.
    fn note(&mut self, offset: u64, starts: u64) {
        let mut rest = starts;
        while rest != 0 {
            let place = rest.trailing_zeros();
            let before = (starts & !(u64::MAX << place)).count_ones();
            self.begin(RowStart {
                offset: offset + u64::from(place),
                before: self.rows + u64::from(before),
            });
            rest &= rest - 1;
        }
    }

    /// Notes where a row begins, if that is from the boundary on.
    pub(super) fn begin(&mut self, start: RowStart) {
        if start.offset >= self.boundary {
            self.boundary = (start.offset / self.target)
                .saturating_add(1)
                .saturating_mul(self.target);
            self.starts.push(start);
        }
    }

    /// Notes the next row's start, wherever that is.
    pub(super) fn note_next(&mut self) {
        self.boundary = 0;
    }
}
