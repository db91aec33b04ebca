//! How many different users: a sketch that merges.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::LedgerError;

/// How many hashes a sketch keeps: counts up to here are exact.
const KEPT: usize = 1024;

/// Counts different values, in at most 8 KiB: exactly up to 1,024 of them, beyond that estimated from the 1,024
/// smallest hashes (k minimum values; standard error 1/√1022, about 3 %).
///
/// Sketches of parts merge into the sketch of the whole, in any order and grouping.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "DistinctFields", into = "DistinctFields")]
pub struct Distinct {
    hashes: BTreeSet<u64>,
    /// Whether a hash was left out, so that there are more values than hashes kept.
    more: bool,
}

impl Distinct {
    /// Returns the sketch of no value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the value whose hash is `hash`. Hashes must be evenly spread over all 64-bit numbers.
    pub fn insert(&mut self, hash: u64) {
        if self.hashes.len() < KEPT {
            self.hashes.insert(hash);
            return;
        }
        let Some(&largest) = self.hashes.last() else { return };
        if hash > largest {
            self.more = true;
        } else if self.hashes.insert(hash) {
            self.hashes.pop_last();
            self.more = true;
        }
    }

    /// Adds a value by its bytes, hashed the way all sketches of Backhaul do.
    pub fn insert_bytes(&mut self, value: &[u8]) {
        self.insert(xxh3_64(value));
    }

    /// Adds all values of another sketch.
    pub fn merge(&mut self, other: &Self) {
        self.more |= other.more;
        for &hash in &other.hashes {
            self.insert(hash);
        }
    }

    /// Returns whether [`Distinct::estimate`] is exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.more
    }

    /// Returns how many different values were added: exact up to 1,024, else the estimate.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let kept = self.hashes.len() as u64;
        match self.hashes.last() {
            // k hashes lie in the first `largest` of 2^64 places, so all of them are about (k - 1) · 2^64 / largest.
            Some(&largest) if self.more => {
                let all = u128::from(kept.saturating_sub(1)) << 64;
                u64::try_from(all / u128::from(largest.max(1))).unwrap_or(u64::MAX)
            }
            _ => kept,
        }
    }
}

/// How a sketch is written: the hashes as little-endian numbers, ascending, in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistinctFields {
    more: bool,
    hashes: String,
}

impl From<Distinct> for DistinctFields {
    fn from(sketch: Distinct) -> Self {
        let bytes: Vec<u8> = sketch.hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        Self {
            more: sketch.more,
            hashes: STANDARD.encode(bytes),
        }
    }
}

impl TryFrom<DistinctFields> for Distinct {
    type Error = LedgerError;

    fn try_from(fields: DistinctFields) -> Result<Self, LedgerError> {
        let bad = |reason| LedgerError::BadSketch { reason };
        let bytes = STANDARD.decode(&fields.hashes).map_err(|_| bad("it is not base64"))?;
        let (numbers, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(bad("its length is not a multiple of 8 bytes"));
        }
        let hashes: BTreeSet<u64> = numbers.iter().map(|number| u64::from_le_bytes(*number)).collect();
        if hashes.len() != numbers.len() {
            return Err(bad("a hash is there twice"));
        }
        if hashes.len() > KEPT || (fields.more && hashes.len() < KEPT) {
            return Err(bad("it has not the number of hashes that it should"));
        }
        Ok(Self {
            hashes,
            more: fields.more,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Distinct {
        let mut sketch = Distinct::new();
        values
            .into_iter()
            .for_each(|value| sketch.insert_bytes(&value.to_le_bytes()));
        sketch
    }

    #[test]
    fn counts_up_to_the_kept_hashes_are_exact() {
        for count in [0, 1, 1023, 1024] {
            let sketch = of((0..count).chain(0..count));
            assert!(sketch.is_exact());
            assert_eq!(sketch.estimate(), count);
        }
        assert!(!of(0..1025).is_exact());
    }

    #[test]
    fn hashes_at_the_ends_of_the_range_do_no_harm() {
        let mut sketch = Distinct::new();
        (0..2000).for_each(|hash| sketch.insert(hash));
        sketch.insert(u64::MAX);
        assert!(sketch.estimate() > 1024);
    }

    #[test]
    fn text_that_is_no_sketch_is_refused() {
        let written = serde_json::to_value(of(0..3)).unwrap();
        assert!(serde_json::from_value::<Distinct>(written.clone()).is_ok());
        for (key, value) in [
            ("more", "true"),
            ("hashes", "\"###\""),
            ("hashes", "\"AAAA\""),
            ("hashes", "\"AAAAAAAAAAAAAAAAAAAAAA==\""),
        ] {
            let mut broken = written.clone();
            broken[key] = serde_json::from_str(value).unwrap();
            assert!(serde_json::from_value::<Distinct>(broken).is_err(), "{key}: {value}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Five standard errors: of thirty-two cases none may miss by more.
        #[test]
        fn estimate_is_near_the_truth(start: u64, count in 1025u64..40_000) {
            let estimate = of((0..count).map(|n| start.wrapping_add(n))).estimate();
            prop_assert!(estimate.abs_diff(count) * 100 <= count * 16, "{} for {}", estimate, count);
        }

        #[test]
        fn merge_gives_the_sketch_of_the_whole_in_any_order(
            values in prop::collection::vec(0u64..5_000, 0..6_000), cut in 0usize..6_000,
        ) {
            let whole = of(values.iter().copied());
            let (left, right) = values.split_at(cut.min(values.len()));
            let (left, right) = (of(left.iter().copied()), of(right.iter().copied()));
            let (mut one, mut other) = (left.clone(), right.clone());
            one.merge(&right);
            other.merge(&left);
            prop_assert_eq!(&one, &whole);
            prop_assert_eq!(&other, &whole);
        }

        #[test]
        fn sketch_is_read_back_as_written(count in 0u64..3_000) {
            let sketch = of(0..count);
            let json = serde_json::to_string(&sketch).unwrap();
            prop_assert!(json.len() < 11_000);
            prop_assert_eq!(serde_json::from_str::<Distinct>(&json).unwrap(), sketch);
        }
    }
}
