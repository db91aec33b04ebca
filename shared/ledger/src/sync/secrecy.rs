//! Which lines of a document may hold a write key. They are never shown, whatever else is wrong in them.

/// Parts of keys, letters only, whose values may be secret.
const SECRET: [&str; 5] = ["writekey", "secret", "apikey", "token", "password"];

/// Keys of `destination` that hold no key, even if somebody took them for another.
const HARMLESS: [&str; 3] = ["region", "enabled", "maxeventspersecond"];

/// The fewest characters of a word of letters and digits that looks like a key (Segment's have 32).
const KEY_CHARACTERS: usize = 20;

/// Returns whether the line (from 1) of a sync document may hold a write key, by what it and the lines that it belongs to
/// say, also where the document is no YAML.
pub(super) fn may_hold_key(text: &str, line: usize) -> bool {
    let above: Vec<&str> = text.lines().take(line).collect();
    let Some((shown, above)) = above.split_last() else {
        return false;
    };
    let mut indent = indent_of(shown);
    let mut owners = Vec::new();
    for line in above.iter().rev().filter(|line| !line.trim().is_empty()) {
        if indent_of(line) < indent {
            indent = indent_of(line);
            owners.push(line);
        }
    }
    let before = above.iter().rev().find(|line| !line.trim().is_empty());
    let of_destination = owners.iter().any(|line| key(line) == "destination");
    let is_destination = key(shown) == "destination" && !shown.trim_end().ends_with(':');
    is_secret(shown)
        || before.is_some_and(|line| is_secret(line) && line.trim_end().ends_with(':'))
        || owners.iter().any(|line| is_secret(line))
        || (of_destination && !HARMLESS.contains(&key(shown).as_str()))
        || is_destination
        || shown.split(|c: char| !c.is_ascii_alphanumeric()).any(looks_like_key)
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-']).len()
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

fn key(line: &str) -> String {
    letters(line.split(':').next().unwrap_or(line))
}

fn is_secret(line: &str) -> bool {
    let letters = letters(line);
    SECRET.iter().any(|word| letters.contains(word))
}

fn looks_like_key(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() >= KEY_CHARACTERS && digits > 0 && digits < word.len()
}

#[cfg(test)]
mod tests {
    use super::may_hold_key;

    const TEXT: &str = "sync: a\ndestination:\n  region: usa\n  write_key:\n    - abc\n  key: abc\nmappings:\n  - name: x\n    \
                        fields: {user_id: aB3dE6gH9jK2mN5pQ8sT}\nwriteKey:\nabc\ndestination: abc\n{\"write_key\": 1}\n";

    #[test]
    fn lines_of_the_write_key_and_its_like_are_told() {
        let told: Vec<usize> = (1..=13).filter(|&line| may_hold_key(TEXT, line)).collect();
        assert_eq!(told, [4, 5, 6, 9, 10, 11, 12, 13]);
    }
}
