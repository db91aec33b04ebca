//! Noticing keys that are there twice while text is checked, at the cost of a hash for each key.

use super::string::unescaped;

/// Up to here each key is compared with those before it as it comes; more of them are sorted in the end.
const FEW: usize = 32;

/// The keys of all objects that are open, as hashes. Reused text after text.
#[derive(Debug, Default)]
pub(crate) struct KeyWatch {
    hashes: Vec<u64>,
    has_repeated: bool,
}

/// An object whose keys are watched.
#[derive(Debug)]
pub(crate) struct Watched {
    /// Where its hashes begin.
    start: usize,
    /// A bit for each hash, so that most keys are seen to be new at once.
    bits: u64,
}

impl KeyWatch {
    /// Forgets the text before.
    pub(crate) fn reset(&mut self) {
        self.hashes.clear();
        self.has_repeated = false;
    }

    /// Whether an object may have a key twice. It has none if this is `false`.
    pub(crate) fn has_repeated(&self) -> bool {
        self.has_repeated
    }

    pub(crate) fn open(&self) -> Watched {
        Watched {
            start: self.hashes.len(),
            bits: 0,
        }
    }

    /// Takes the next key of the innermost object, as it is written. Whether it has an escape is known to whoever read it.
    pub(crate) fn key(&mut self, object: &mut Watched, written: &[u8], has_escape: bool) {
        let hash = if has_escape {
            let text = str::from_utf8(written).unwrap_or_default();
            hashed(unescaped(text).collect::<String>().as_bytes())
        } else {
            hashed(written)
        };
        let bit = 1 << (hash >> 58);
        let before = self.hashes.get(object.start..).unwrap_or_default();
        if object.bits & bit != 0 && before.len() < FEW {
            self.has_repeated |= before.contains(&hash);
        }
        object.bits |= bit;
        self.hashes.push(hash);
    }

    /// Leaves the innermost object.
    pub(crate) fn close(&mut self, object: &Watched) {
        let hashes = self.hashes.get_mut(object.start..).unwrap_or_default();
        if hashes.len() > FEW && !self.has_repeated {
            hashes.sort_unstable();
            self.has_repeated = hashes.windows(2).any(|pair| pair[0] == pair[1]);
        }
        self.hashes.truncate(object.start);
    }
}

/// Equal keys have equal hashes; others that do cost time, and nothing else.
fn hashed(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let start = mixed(key.len() as u64);
    let hash = words
        .iter()
        .fold(start, |hash, word| mixed(hash ^ u64::from_le_bytes(*word)));
    let rest = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        // The two overlap where there are fewer than eight bytes, which is no harm.
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        _ => rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    mixed(hash ^ rest)
}

fn mixed(hash: u64) -> u64 {
    let hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::KeyWatch;

    fn has_repeated(keys: &[&str]) -> bool {
        let mut watch = KeyWatch::default();
        let mut object = watch.open();
        for key in keys {
            watch.key(&mut object, key.as_bytes(), key.contains('\\'));
        }
        watch.close(&object);
        watch.has_repeated()
    }

    #[test]
    fn keys_of_every_length_are_told_apart() {
        let key = |length: usize, last: char| format!("{}{last}", "x".repeat(length));
        for length in 0..40 {
            let keys = [
                key(length, 'a'),
                key(length, 'b'),
                key(length + 1, 'a'),
                key(length, 'a'),
            ];
            let keys = keys.each_ref().map(String::as_str);
            assert!(!has_repeated(&keys[..3]), "{keys:?}");
            assert!(has_repeated(&keys), "{keys:?}");
        }
    }

    #[test]
    fn keys_of_equal_meaning_are_one() {
        assert!(has_repeated(&["\\u00e9", "é"]));
        assert!(has_repeated(&["\\u00E9", "\\u00e9"]));
        assert!(!has_repeated(&["\\u00e9", "e"]));
    }

    #[test]
    fn many_keys_are_watched_too() {
        let names: Vec<String> = (0..500).map(|number| format!("column_{number}")).collect();
        let mut keys: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(!has_repeated(&keys));
        keys.push("column_77");
        assert!(has_repeated(&keys));
    }

    #[test]
    fn objects_side_by_side_and_inside_have_keys_of_their_own() {
        let mut watch = KeyWatch::default();
        let mut outer = watch.open();
        watch.key(&mut outer, b"a", false);
        for _ in 0..2 {
            let mut inner = watch.open();
            watch.key(&mut inner, b"a", false);
            watch.close(&inner);
        }
        assert!(!watch.has_repeated());
        watch.key(&mut outer, b"a", false);
        assert!(watch.has_repeated());
    }
}
