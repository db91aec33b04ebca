//! 64 bytes at a time, each a bit.

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
