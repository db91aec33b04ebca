//! The order in which JavaScript lists an object's keys.

use bumpalo::Bump;
use bumpalo::collections::Vec;

use crate::Value;

/// A field of an object: decoded key and value.
pub(crate) type Entry<'a> = (&'a str, Value<'a>);

/// Up to here comparing each key with all before it is faster than sorting.
const FEW: usize = 24;

/// Reads a key as an array index, which JavaScript lists before all other keys: `0`, `7`, but not `07` or `-1`.
pub(crate) fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || !key.starts_with('0');
    if !canonical || !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    key.parse().ok().filter(|&index| index != u32::MAX)
}

/// Sorts keys as JavaScript lists them: indexes first, the others as they come.
pub(crate) fn rank(key: &str) -> u64 {
    array_index(key).map_or(u64::MAX, u64::from)
}

/// Returns the fields as an object holds them: of one key the last value in the first place, indexes first.
pub(crate) fn own<'a>(arena: &'a Bump, entries: Vec<'a, Entry<'a>>) -> &'a [Entry<'a>] {
    let mut entries = if entries.len() <= FEW {
        unique_of_few(arena, entries)
    } else {
        unique_of_many(arena, entries)
    };
    if entries.iter().any(|(key, _)| array_index(key).is_some()) {
        entries.sort_by_key(|(key, _)| rank(key));
    }
    entries.into_bump_slice()
}

fn unique_of_few<'a>(arena: &'a Bump, entries: Vec<'a, Entry<'a>>) -> Vec<'a, Entry<'a>> {
    let mut unique: Vec<'a, Entry<'a>> = Vec::with_capacity_in(entries.len(), arena);
    for (key, value) in entries {
        match unique.iter_mut().find(|(known, _)| *known == key) {
            Some(known) => known.1 = value,
            None => unique.push((key, value)),
        }
    }
    unique
}

fn unique_of_many<'a>(arena: &'a Bump, mut entries: Vec<'a, Entry<'a>>) -> Vec<'a, Entry<'a>> {
    let mut places = Vec::from_iter_in(0..entries.len(), arena);
    places.sort_by_key(|&place| entries[place].0);
    let mut repeated = Vec::new_in(arena);
    for pair in 1..places.len() {
        // Equal keys are neighbours, earlier places first: the first of them takes the last value.
        let first = places[pair - 1];
        let later = places[pair];
        if entries[first].0 == entries[later].0 {
            entries[first].1 = entries[later].1;
            repeated.push(later);
            places[pair] = first;
        }
    }
    repeated.sort_unstable();
    let kept = entries
        .iter()
        .enumerate()
        .filter(|(place, _)| repeated.binary_search(place).is_err());
    Vec::from_iter_in(kept.map(|(_, entry)| *entry), arena)
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use bumpalo::collections::Vec;

    use super::{array_index, own};
    use crate::Value;

    fn ordered(keys: &[&str]) -> String {
        let arena = Bump::new();
        let entries = keys
            .iter()
            .enumerate()
            .map(|(at, key)| (arena.alloc_str(key) as &str, Value::Bool(at % 2 == 1)));
        let own = own(&arena, Vec::from_iter_in(entries, &arena));
        let words: std::vec::Vec<_> = own
            .iter()
            .map(|(key, value)| format!("{key}{}", u8::from(value.is_truthy())))
            .collect();
        words.join(" ")
    }

    #[test]
    fn lists_indexes_first_and_of_equal_keys_the_last_value_in_the_first_place() {
        assert_eq!(ordered(&["b", "10", "a", "9", "x", "a"]), "91 101 b0 a1 x0");
    }

    #[test]
    fn does_so_for_many_keys_too() {
        let names: std::vec::Vec<String> = (0..40).map(|at| format!("k{}", at % 13)).collect();
        let keys: std::vec::Vec<&str> = names.iter().map(String::as_str).collect();
        let few = ordered(&keys[26..39]);
        // The last value of a key stands at 39 (k0) or between 27 and 38.
        assert_eq!(ordered(&keys), few.replacen("k00", "k01", 1));
    }

    #[test]
    fn knows_canonical_indexes_only() {
        assert_eq!(
            ["0", "12", "4294967294"].map(array_index),
            [Some(0), Some(12), Some(4_294_967_294)]
        );
        assert_eq!(["", "01", "-1", "1.0", "4294967295", "+1"].map(array_index), [None; 6]);
    }
}
