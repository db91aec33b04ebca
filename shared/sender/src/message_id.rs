//! The `messageId` of a call whose mapping gives none.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed, xxh3_128_with_seed};

/// Makes the ids of one mapping's calls: the same row of the same sync and mapping always has the same id, whatever the
/// chunk it was read in, so that Segment drops what a repeated job sends again.
///
/// An id is `backhaul-` and 32 hexadecimal digits, 41 characters; Segment takes fewer than 100 (Segment docs, HTTP API, "Errors").
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageIds {
    seed: u64,
    place: Option<u64>,
}

impl MessageIds {
    /// Returns the ids of the mapping with `fingerprint` in `sync`.
    ///
    /// With a record id, which is part of the row, the row's content is enough. Without one, equal rows are different
    /// records: then the object and the row's offset in it count too.
    pub(crate) fn new(sync: &str, fingerprint: &str, has_record_id: bool, object: &str) -> Self {
        let seed = xxh3_64_with_seed(fingerprint.as_bytes(), xxh3_64(sync.as_bytes()));
        let place = (!has_record_id).then(|| xxh3_64(object.as_bytes()));
        Self { seed, place }
    }

    /// Writes the id of the row `text` at `offset` over what `id` holds.
    pub(crate) fn write(&self, text: &str, offset: u64, id: &mut String) {
        let mut hash = xxh3_128_with_seed(text.as_bytes(), self.seed);
        if let Some(place) = self.place {
            let mut placed = [0; 32];
            placed[..16].copy_from_slice(&hash.to_le_bytes());
            placed[16..24].copy_from_slice(&place.to_le_bytes());
            placed[24..].copy_from_slice(&offset.to_le_bytes());
            hash = xxh3_128_with_seed(&placed, self.seed);
        }
        id.clear();
        id.push_str("backhaul-");
        push_hexadecimal(hash, id);
    }
}

/// Appends 32 hexadecimal digits. For each row `format!` would take several times as long.
fn push_hexadecimal(hash: u128, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.to_be_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    // They are digits, so always text.
    text.push_str(str::from_utf8(&digits).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ids: MessageIds, text: &str, offset: u64) -> String {
        let mut out = String::from("left over");
        ids.write(text, offset, &mut out);
        out
    }

    #[test]
    fn same_record_has_same_id_wherever_it_lies() {
        let ids = |object| MessageIds::new("users", "f1", true, object);
        assert_eq!(
            id(ids("a.csv"), r#"{"id":"7"}"#, 0),
            id(ids("b.csv"), r#"{"id":"7"}"#, 900)
        );
    }

    #[test]
    fn equal_rows_without_record_id_are_different_records() {
        let ids = MessageIds::new("users", "f1", false, "a.csv");
        assert_ne!(id(ids, r#"{"page":"/"}"#, 0), id(ids, r#"{"page":"/"}"#, 13));
        assert_eq!(id(ids, r#"{"page":"/"}"#, 13), id(ids, r#"{"page":"/"}"#, 13));
    }

    #[test]
    fn sync_mapping_and_content_each_change_the_id() {
        let row = r#"{"id":"7"}"#;
        let base = id(MessageIds::new("users", "f1", true, "a"), row, 0);
        assert_ne!(base, id(MessageIds::new("people", "f1", true, "a"), row, 0));
        assert_ne!(base, id(MessageIds::new("users", "f2", true, "a"), row, 0));
        assert_ne!(base, id(MessageIds::new("users", "f1", true, "a"), r#"{"id":"8"}"#, 0));
    }

    #[test]
    fn hash_is_written_as_format_writes_it() {
        for hash in [0, 1, 0xabc, u128::MAX, 0x0123_4567_89ab_cdef_0fed_cba9_8765_4321] {
            let mut text = String::new();
            push_hexadecimal(hash, &mut text);
            assert_eq!(text, format!("{hash:032x}"));
        }
    }

    #[test]
    fn id_stays_below_the_length_segment_takes() {
        assert_eq!(id(MessageIds::new("users", "f1", true, "a"), "{}", 0).len(), 41);
    }
}
