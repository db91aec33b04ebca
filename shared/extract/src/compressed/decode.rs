//! The rows of a compressed object.

use std::ops::Range;

use super::inflate::{Inflate, Inflated};
use crate::ExtractError;
use crate::assembler::Found;
use crate::decoder::Text;
use crate::limit::INFLATED_BLOCK_BYTES;

/// Decompresses an object from its first byte on and hands the text to the decoder of its format, a block at a time, so that
/// a small object that holds much takes no more memory than another.
///
/// Chunks count in bytes of the text: the object's own bytes cannot be cut.
#[derive(Debug)]
pub(crate) struct Compressed {
    inflate: Result<Inflate, ExtractError>,
    /// The object's bytes pushed so far, and all of them.
    pushed: u64,
    size: u64,
    /// Text that came out and was not handed on yet, and the offset of its first byte.
    block: Box<[u8]>,
    unread: Range<usize>,
    at: u64,
    is_ended: bool,
}

impl Compressed {
    pub(crate) fn new(inflate: Result<Inflate, ExtractError>, size: u64) -> Self {
        Self {
            inflate,
            pushed: 0,
            size,
            block: vec![0; INFLATED_BLOCK_BYTES].into(),
            unread: 0..0,
            at: 0,
            is_ended: false,
        }
    }

    /// The object's bytes that are wanted next, as long as `text` wants any of its text.
    pub(crate) fn wants(&self, text: &Text) -> Option<Range<u64>> {
        let is_open = self.inflate.is_ok() && !self.is_ended && text.wants().is_some();
        (is_open && self.pushed < self.size).then_some(self.pushed..self.size)
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        self.pushed += block.len() as u64;
        if let Ok(inflate) = &mut self.inflate {
            inflate.push(block);
            if self.pushed == self.size {
                inflate.complete();
            }
        }
    }

    /// Why the object cannot be read to its end, if that has shown.
    pub(crate) fn failure(&self) -> Option<&ExtractError> {
        self.inflate.as_ref().err()
    }

    pub(crate) fn next_found(&mut self, text: &mut Text) -> Option<Found> {
        loop {
            if let Some(found) = text.next_found() {
                return Some(found);
            }
            let wanted = text.wants()?;
            if !self.unread.is_empty() {
                self.hand_on(&wanted, text);
            } else if !self.inflate_more(text) {
                return None;
            }
        }
    }

    /// Hands on what lies in the wanted range, skips what is before it, and keeps what is behind it.
    fn hand_on(&mut self, wanted: &Range<u64>, text: &mut Text) {
        let unread = &self.block[self.unread.clone()];
        let length = |offset: u64| {
            let length = offset.saturating_sub(self.at);
            usize::try_from(length).unwrap_or(usize::MAX).min(unread.len())
        };
        let (skipped, taken) = (length(wanted.start), length(wanted.end));
        text.push(&unread[skipped..taken]);
        self.unread.start += taken;
        self.at += taken as u64;
    }

    /// Decompresses the next block and returns whether that changed anything.
    fn inflate_more(&mut self, text: &mut Text) -> bool {
        let Ok(inflate) = &mut self.inflate else { return false };
        match inflate.read(&mut self.block) {
            Ok(Inflated::Bytes(count)) => self.unread = 0..count,
            Ok(Inflated::End) if !self.is_ended => {
                self.is_ended = true;
                text.end_at(self.at);
            }
            Ok(Inflated::End | Inflated::Waiting) => return false,
            Err(error) => self.inflate = Err(error),
        }
        true
    }
}
