//! 64 bytes at a time, each a bit.

use memchr::memchr;
use wide::u8x16;

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// Returns a bit for each byte that is `wanted`, the first byte's the lowest. Of fewer than 64 bytes the bits behind mean nothing.
#[inline]
pub(super) fn equal(bytes: &[u8], wanted: u8) -> u64 {
    let wanted = u8x16::splat(wanted);
    lanes(bytes, |lane| lane.simd_eq(wanted))
}

/// Returns a bit for each byte that ends a line, as [`equal`] does.
#[inline]
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let (line_feed, carriage_return) = (u8x16::splat(b'\n'), u8x16::splat(b'\r'));
    lanes(bytes, |lane| lane.simd_eq(line_feed) | lane.simd_eq(carriage_return))
}

/// Returns the place of the first `wanted`. What is searched here is mostly found within a few bytes, where calling `memchr` takes longer
/// than the search.
#[inline]
pub(super) fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    let near = &bytes[..bytes.len().min(BLOCK)];
    let (blocks, rest) = near.as_chunks::<16>();
    for (index, block) in blocks.iter().enumerate() {
        let found = u8x16::new(*block).simd_eq(u8x16::splat(wanted)).to_bitmask();
        if found != 0 {
            return Some(16 * index + found.trailing_zeros() as usize);
        }
    }
    if bytes.len() > BLOCK {
        return memchr(wanted, &bytes[BLOCK..]).map(|found| BLOCK + found);
    }
    let found = rest.iter().position(|byte| *byte == wanted)?;
    Some(16 * blocks.len() + found)
}

/// What ends a cell that is written as JSON would write it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stops {
    delimiter: u8x16,
    escape: u8x16,
}

impl Stops {
    #[inline]
    pub(super) fn new(delimiter: u8, escape: Option<u8>) -> Self {
        Self {
            delimiter: u8x16::splat(delimiter),
            escape: u8x16::splat(escape.unwrap_or(delimiter)),
        }
    }

    /// Returns the first place from `from` on with a delimiter, an escape, or what JSON escapes in text; without one the length.
    #[inline]
    pub(super) fn next(self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let stops = self.of(*block);
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
            at += 16;
        }
        let left = bytes.len().saturating_sub(at);
        // The last bytes, seen with those before them, which are not looked for.
        let stops = if let Some(last) = bytes.last_chunk() {
            self.of(*last) >> (16 - left)
        } else {
            let mut block = [b' '; 16];
            block[..left].copy_from_slice(&bytes[bytes.len() - left..]);
            self.of(block) & !(u32::MAX << left)
        };
        if stops == 0 {
            bytes.len()
        } else {
            at + stops.trailing_zeros() as usize
        }
    }

    #[inline]
    fn of(self, block: [u8; 16]) -> u32 {
        let bytes = u8x16::new(block);
        let is_control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let is_mark = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\'));
        let ends_cell = bytes.simd_eq(self.delimiter) | bytes.simd_eq(self.escape);
        (is_control | is_mark | ends_cell).to_bitmask()
    }
}

#[inline]
fn lanes(bytes: &[u8], compare: impl Fn(u8x16) -> u8x16) -> u64 {
    let mut padded = [0; BLOCK];
    let block = bytes.first_chunk::<BLOCK>().unwrap_or_else(|| {
        padded[..bytes.len()].copy_from_slice(bytes);
        &padded
    });
    let (lanes, _) = block.as_chunks::<16>();
    let bits = lanes
        .iter()
        .map(|lane| u64::from(compare(u8x16::new(*lane)).to_bitmask()));
    bits.enumerate()
        .fold(0, |all, (index, bits)| all | (bits << (16 * index)))
}

/// Returns a bit for each byte up to which, itself included, `bits` has an odd count.
#[inline]
pub(super) fn parity(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32]
        .iter()
        .fold(bits, |parity, by| parity ^ (parity << by))
}

/// Returns bits for the escapes that are not escaped themselves, and for what is escaped, the first byte if `first`.
#[inline]
pub(super) fn escaped(escapes: u64, first: bool) -> (u64, u64) {
    let mut behind = u64::from(first);
    let mut acting = 0;
    let mut rest = escapes & !behind;
    while rest != 0 {
        let lowest = rest & rest.wrapping_neg();
        acting |= lowest;
        behind |= lowest << 1;
        rest &= !(lowest | (lowest << 1));
    }
    (acting, behind)
}

#[cfg(test)]
mod tests {
    use super::{Stops, find};

    #[test]
    fn stops_where_a_cell_needs_a_look_wherever_that_is() {
        let stops = Stops::new(b',', Some(b'!'));
        for length in 0..70 {
            let plain: Vec<u8> = (0..length).map(|index| b" a#[]~\x7f\xc3\xa9"[index % 9]).collect();
            for from in 0..=length {
                assert_eq!(stops.next(&plain, from), length);
                for (place, special) in (from..length).zip(b",!\"\\\0\x1f".iter().cycle()) {
                    let mut bytes = plain.clone();
                    bytes[..from].fill(b',');
                    bytes[place..].fill(*special);
                    assert_eq!(stops.next(&bytes, from), place, "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn finds_what_memchr_finds() {
        for length in 0..150 {
            let mut bytes = vec![b'a'; length];
            assert_eq!(find(b',', &bytes), None);
            for place in (0..length).rev() {
                bytes[place] = b',';
                assert_eq!(find(b',', &bytes), Some(place));
            }
        }
    }
}
