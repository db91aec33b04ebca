//! Which known word somebody meant.

/// Returns the candidate that `word` was most likely meant to be, or `None` if none is near.
///
/// Case and the characters between words do not count: `userId` is near `user_id`. Beyond that, a third of the letters
/// may be wrong, missing, too many or swapped.
pub(super) fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = letters(word);
    if word.is_empty() || word.len() > 100 {
        return None;
    }
    let near = candidates
        .into_iter()
        .map(|candidate| (distance(&word, &letters(candidate)), candidate));
    let allowed = (word.len() / 3).max(1);
    // A word so short that everything would be near it only means itself.
    near.filter(|(distance, _)| *distance <= allowed && *distance < word.len())
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Returns the remedy that names the closest candidate, or else lists all of them.
pub(super) fn remedy(word: &str, candidates: &[&str]) -> String {
    match closest(word, candidates.iter().copied()) {
        Some(candidate) => did_you_mean(candidate),
        None => one_of(candidates),
    }
}

/// Returns the question whether `candidate` was meant.
pub(super) fn did_you_mean(candidate: &str) -> String {
    format!("did you mean `{candidate}`?")
}

/// Returns the request to use one of `words`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("use {} or {last}", rest.join(", ")),
        _ => format!("use {}", quoted.concat()),
    }
}

fn letters(word: &str) -> Vec<char> {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Edits between two words: letters replaced, added, left out, or swapped with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; to.len() + 1];
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, &a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in to.iter().enumerate() {
            let replaced = above[j] + usize::from(a != b);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == to[j - 1] && from[i - 1] == b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: [&str; 5] = ["track", "identify", "group", "page", "screen"];

    #[test]
    fn slips_of_the_hand_find_their_word() {
        for (slip, meant) in [
            ("trak", "track"),
            ("idenitfy", "identify"),
            ("Groups", "group"),
            ("pgae", "page"),
        ] {
            assert_eq!(closest(slip, ACTIONS), Some(meant), "{slip}");
        }
    }

    #[test]
    fn other_spellings_of_a_key_find_it() {
        for spelling in ["userId", "user-id", "USER_ID", "user id"] {
            assert_eq!(
                closest(spelling, ["anonymous_id", "user_id"]),
                Some("user_id"),
                "{spelling}"
            );
        }
    }

    #[test]
    fn words_far_from_all_suggest_nothing() {
        for word in ["alias", "x", "", "@", &"y".repeat(5000)] {
            assert_eq!(closest(word, ACTIONS), None, "{word}");
        }
        assert_eq!(remedy("alias", &["a1", "b2", "c3"]), "use `a1`, `b2` or `c3`");
    }
}
