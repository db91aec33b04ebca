//! Whole records out of blocks of any size, in bounded memory.

use crate::limit::{KEPT_OF_LONG_ROW, MAX_ROW_BYTES};

/// Where a record begins or ends, as an index into the bytes that were scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The record's first byte.
    Start(usize),
    /// One past the record's last byte, its line end not counted.
    End(usize),
}

/// Finds the edges of a format's records in one pass, remembering its state from block to block.
pub(crate) trait Scan {
    /// Goes on at `bytes[*at..]` until the next edge, and leaves `at` behind what was scanned. `None`: no edge before
    /// the end of `bytes`. Starts and ends alternate.
    fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge>;

    /// Whether a record that ends here for want of bytes lacks its closing quote.
    fn is_quoted(&self) -> bool;
}

/// One record as found in the buffer of an [`Assembler`].
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) body: Body,
    pub(crate) unterminated: bool,
}

/// The bytes of a record.
#[derive(Debug)]
pub(crate) enum Body {
    /// They lie in the buffer, from this index on.
    Whole(usize),
    /// There were more than [`MAX_ROW_BYTES`]: only the first are kept.
    Cut(Vec<u8>),
}

/// Keeps pushed bytes until the records in them are handed out.
///
/// It holds at most what was pushed since records were last asked for, and one incomplete record of at most
/// [`MAX_ROW_BYTES`], twice over while consumed bytes wait to be dropped.
#[derive(Debug)]
pub(crate) struct Assembler<S> {
    scanner: S,
    bytes: Vec<u8>,
    /// Offset in the object of `bytes[0]`.
    base: u64,
    scanned: usize,
    open: Option<Open>,
}

/// The record that has begun and not ended.
#[derive(Debug)]
struct Open {
    offset: u64,
    /// Its first byte in the buffer, without meaning once it is cut.
    start: usize,
    cut: Option<Vec<u8>>,
}

impl<S: Scan> Assembler<S> {
    /// `offset`: that of the first byte to be pushed, in the object.
    pub(crate) fn new(scanner: S, offset: u64) -> Self {
        Self {
            scanner,
            bytes: Vec::new(),
            base: offset,
            scanned: 0,
            open: None,
        }
    }

    /// Offset in the object of the next byte to push.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        self.compact();
        self.bytes.extend_from_slice(block);
    }

    /// Returns the next record that is whole; if `complete` (nothing more will be pushed) also what is left at the end.
    pub(crate) fn next_record(&mut self, complete: bool) -> Option<Found> {
        while let Some(edge) = self.scanner.next_edge(&self.bytes, &mut self.scanned) {
            match edge {
                Edge::Start(start) => {
                    let offset = self.base + start as u64;
                    self.open = Some(Open {
                        offset,
                        start,
                        cut: None,
                    });
                }
                Edge::End(end) => return self.close(end, false),
            }
        }
        if complete {
            return self.close(self.bytes.len(), self.scanner.is_quoted());
        }
        self.cut_if_too_long();
        None
    }

    /// The bytes of a whole record, as long as nothing is pushed.
    pub(crate) fn bytes_of(&self, start: usize, length: u64) -> &[u8] {
        let rest = self.bytes.get(start..).unwrap_or_default();
        rest.get(..usize::try_from(length).unwrap_or(usize::MAX))
            .unwrap_or(rest)
    }

    fn close(&mut self, end: usize, unterminated: bool) -> Option<Found> {
        let Open { offset, start, cut } = self.open.take()?;
        let length = self.base + end as u64 - offset;
        let body = match cut {
            Some(kept) => Body::Cut(kept),
            None if end - start > MAX_ROW_BYTES => Body::Cut(self.bytes[start..start + KEPT_OF_LONG_ROW].to_vec()),
            None => Body::Whole(start),
        };
        Some(Found {
            offset,
            length,
            body,
            unterminated,
        })
    }

    /// Stops keeping a record that is longer than a row may be. Whether it is depends on its length alone, so any
    /// cutting of the object into blocks comes to the same.
    fn cut_if_too_long(&mut self) {
        let Some(open) = &mut self.open else { return };
        if open.cut.is_none() && self.bytes.len() - open.start > MAX_ROW_BYTES {
            open.cut = Some(self.bytes[open.start..open.start + KEPT_OF_LONG_ROW].to_vec());
        }
    }

    /// Drops what is done with once it is half of the buffer, so that no byte is moved more than once on average.
    fn compact(&mut self) {
        let done = match &self.open {
            Some(Open { start, cut: None, .. }) => *start,
            _ => self.scanned,
        };
        if done < self.bytes.len() - done {
            return;
        }
        self.bytes.copy_within(done.., 0);
        self.bytes.truncate(self.bytes.len() - done);
        self.base += done as u64;
        self.scanned -= done;
        if let Some(Open { start, cut: None, .. }) = &mut self.open {
            *start -= done;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records are what stands between line ends.
    struct Lines(bool);

    impl Scan for Lines {
        fn next_edge(&mut self, bytes: &[u8], at: &mut usize) -> Option<Edge> {
            let ends = |byte: &u8| *byte == b'\n';
            let rest = &bytes[*at..];
            if !self.0 {
                let found = rest.iter().position(|byte| !ends(byte));
                *at += found.unwrap_or(rest.len());
                self.0 = found.is_some();
                return found.map(|_| Edge::Start(*at));
            }
            let found = rest.iter().position(ends);
            *at += found.map_or(rest.len(), |found| found + 1);
            self.0 = found.is_none();
            found.map(|_| Edge::End(*at - 1))
        }

        fn is_quoted(&self) -> bool {
            false
        }
    }

    fn found(record: &Found) -> (u64, u64, bool) {
        (record.offset, record.length, matches!(record.body, Body::Cut(_)))
    }

    #[test]
    fn hands_out_records_cut_by_blocks() {
        let mut assembler = Assembler::new(Lines(false), 100);
        let mut seen = Vec::new();
        for block in [&b"ab\nc"[..], b"", b"d", b"\n\nef"] {
            assembler.push(block);
            while let Some(record) = assembler.next_record(false) {
                let Body::Whole(start) = record.body else { panic!("cut") };
                seen.push((record.offset, assembler.bytes_of(start, record.length).to_vec()));
            }
        }
        assert_eq!(seen, [(100, b"ab".to_vec()), (103, b"cd".to_vec())]);
        assert_eq!(assembler.next_record(true).as_ref().map(found), Some((107, 2, false)));
        assert!(assembler.next_record(true).is_none());
        assert_eq!(assembler.position(), 109);
    }

    #[test]
    fn forgets_most_of_a_record_that_is_too_long() {
        let block = vec![b'x'; 64 * 1024];
        let mut assembler = Assembler::new(Lines(false), 0);
        for _ in 0..1024 {
            assembler.push(&block);
            assert!(assembler.next_record(false).is_none());
        }
        assert!(
            assembler.bytes.capacity() <= 3 * MAX_ROW_BYTES,
            "{}",
            assembler.bytes.capacity()
        );
        assembler.push(b"\nshort\n");
        assert_eq!(
            assembler.next_record(false).as_ref().map(found),
            Some((0, 64 * 1024 * 1024, true))
        );
        assert_eq!(
            assembler.next_record(false).as_ref().map(found),
            Some((64 * 1024 * 1024 + 1, 5, false))
        );
    }

    #[test]
    fn tells_too_long_by_length_alone() {
        for (length, is_cut) in [(MAX_ROW_BYTES, false), (MAX_ROW_BYTES + 1, true)] {
            let mut record = vec![b'x'; length];
            record.push(b'\n');
            for block_size in [record.len(), 1000, MAX_ROW_BYTES] {
                let mut assembler = Assembler::new(Lines(false), 0);
                let mut seen = None;
                for block in record.chunks(block_size) {
                    assembler.push(block);
                    seen = assembler.next_record(false);
                }
                assert_eq!(seen.as_ref().map(found), Some((0, length as u64, is_cut)));
            }
        }
    }

    #[test]
    fn keeps_no_more_than_is_unread() {
        let mut assembler = Assembler::new(Lines(false), 0);
        for _ in 0..1000 {
            assembler.push(&b"0123456789\n".repeat(100));
            while assembler.next_record(false).is_some() {}
        }
        assert!(assembler.bytes.capacity() < 10_000, "{}", assembler.bytes.capacity());
    }
}
