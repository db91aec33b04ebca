//! A part of an object, scanned without knowing what lies before it.

use super::Dialect;
use super::block::Block;
use super::dialect::Marks;
use super::lane::{Lane, RowStart};
use super::mask::BLOCK;
use super::state::State;

/// What a range of a CSV object comes to, whatever state the bytes before it end in.
///
/// Its bytes are pushed in blocks of any size; then [`crate::CsvSplitter::append`] puts it behind what it has. There are at most
/// seven states, in any dialect, and passes from two of them that come to the same state are one from there on. Nearly always
/// two are left after the first bytes, inside and outside quotes, and one as soon as a quote is not where the other of them
/// would have it. Bytes are compared once for all.
#[derive(Debug)]
pub struct CsvRange {
    marks: Marks,
    /// Offset of the next byte.
    offset: u64,
    tracks: Vec<Track>,
    /// Those that go on.
    open: Vec<usize>,
}

/// The pass from one state.
#[derive(Debug)]
struct Track {
    from: State,
    lane: Lane,
    /// Where it goes on, once it has come to the state that another is in.
    joined: Option<Place>,
}

/// A place on a track.
#[derive(Debug, Clone, Copy)]
struct Place {
    track: usize,
    /// How many starts and rows that track had.
    starts: usize,
    rows: u64,
}

impl CsvRange {
    /// Returns the scan of a range that begins at `offset` in the object, which is cut into chunks of `target_bytes`.
    #[must_use]
    pub fn new(dialect: &Dialect, target_bytes: u64, offset: u64) -> Self {
        let marks = dialect.marks();
        let track = |from| Track {
            from,
            lane: Lane::new(from, target_bytes),
            joined: None,
        };
        let tracks: Vec<_> = State::all(marks).map(track).collect();
        Self {
            marks,
            offset,
            open: (0..tracks.len()).collect(),
            tracks,
        }
    }

    /// Takes the range's next bytes.
    pub fn push(&mut self, block: &[u8]) {
        for bytes in block.chunks(BLOCK) {
            let block = Block::new(bytes, self.marks);
            for track in &self.open {
                self.tracks[*track].lane.take(self.offset, &block);
            }
            self.offset += bytes.len() as u64;
            if self.open.len() > 1 {
                self.join();
            }
        }
    }

    /// Returns the offset of the next byte to push.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.offset
    }

    /// Leaves one of the tracks that are in one state.
    fn join(&mut self) {
        let mut last = self.open.len();
        while last > 1 {
            last -= 1;
            let (before, state) = (&self.open[..last], self.tracks[self.open[last]].lane.state);
            let Some(into) = before
                .iter()
                .copied()
                .find(|track| self.tracks[*track].lane.state == state)
            else {
                continue;
            };
            let lane = &mut self.tracks[into].lane;
            let place = Place {
                track: into,
                starts: lane.starts.len(),
                rows: lane.rows,
            };
            // What is the first row of a chunk for one may not be for the other.
            lane.note_next();
            let joining = self.open.swap_remove(last);
            self.tracks[joining].joined = Some(place);
        }
    }

    /// Goes over the range with `lane`, from the state that it is in.
    pub(super) fn replay(&self, lane: &mut Lane) {
        let first = self.tracks.iter().position(|track| track.from == lane.state);
        let mut next = first.map(|track| Place {
            track,
            starts: 0,
            rows: 0,
        });
        while let Some(place) = next {
            let Track {
                lane: passed, joined, ..
            } = &self.tracks[place.track];
            for start in &passed.starts[place.starts..] {
                lane.begin(RowStart {
                    before: lane.rows + start.before - place.rows,
                    ..*start
                });
            }
            lane.rows += passed.rows - place.rows;
            lane.state = passed.state;
            next = *joined;
        }
    }
}
