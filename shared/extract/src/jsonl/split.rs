//! From an object's size to chunks.

use crate::Chunk;

/// Cuts an object of `size` bytes into chunks of `target_bytes`, the last one maybe smaller, without reading it.
///
/// A line belongs to the chunk that its first byte is in, so any cut will do. An object of 0 bytes has no chunks.
#[must_use]
pub fn jsonl_chunks(size: u64, target_bytes: u64) -> Vec<Chunk> {
    let target = target_bytes.max(1);
    let chunk = |index: u64| {
        let start = index * target;
        Chunk {
            start,
            end: start.saturating_add(target).min(size),
            first_row: (start == 0).then_some(1),
        }
    };
    (0..size.div_ceil(target)).map(chunk).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_the_object() {
        let chunks: Vec<_> = jsonl_chunks(25, 10)
            .iter()
            .map(|chunk| (chunk.start, chunk.end, chunk.first_row))
            .collect();
        assert_eq!(chunks, [(0, 10, Some(1)), (10, 20, None), (20, 25, None)]);
        assert_eq!(jsonl_chunks(10, 10).len(), 1);
        assert_eq!(jsonl_chunks(3, 0).len(), 3);
        assert_eq!(jsonl_chunks(3, u64::MAX).len(), 1);
    }

    #[test]
    fn makes_no_chunk_of_nothing() {
        assert_eq!(jsonl_chunks(0, 10), []);
    }
}
