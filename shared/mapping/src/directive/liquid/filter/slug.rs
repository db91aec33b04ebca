//! `slugify`: texts for addresses.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::Input;
use crate::Value;
use crate::directive::liquid::fault::Outcome;
use crate::json::number::is_blank;

/// Characters that the mode `latin` spells without accents; nothing else changes.
const LATIN: [(&str, &str); 16] = [
    ("àáâãäå", "a"),
    ("æ", "ae"),
    ("ç", "c"),
    ("èéêë", "e"),
    ("ìíîï", "i"),
    ("ð", "d"),
    ("ñ", "n"),
    ("òóôõöø", "o"),
    ("ùúûü", "u"),
    ("ýÿ", "y"),
    ("ß", "ss"),
    ("œ", "oe"),
    ("þ", "th"),
    ("ẞ", "SS"),
    ("Œ", "OE"),
    ("Þ", "TH"),
];

pub(super) fn slugify<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let text = input.text()?;
    let mode = input.runtime.string(input.argument_or(0, Value::Text("default")))?;
    let slug = match mode {
        "raw" => dashed(text, |c| !is_blank(c)),
        "default" => dashed(text, is_word),
        "pretty" => dashed(text, |c| is_word(c) || "._~!$&'()+,;=@".contains(c)),
        "ascii" => dashed(text, |c| c.is_ascii_alphanumeric()),
        "latin" => dashed(&without_accents(text), is_word),
        _ => text.to_owned(),
    };
    if input.argument(1).is_truthy() {
        return input.keep(&slug);
    }
    input.keep(&slug.to_lowercase())
}

/// Puts a dash for each run of characters that are not kept; one at each end vanishes.
fn dashed(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_gap = false;
    for c in text.chars() {
        let kept = is_kept(c);
        if kept {
            out.push(c);
        } else if !in_gap {
            out.push('-');
        }
        in_gap = !kept;
    }
    let inner = out.strip_prefix('-').unwrap_or(&out);
    inner.strip_suffix('-').unwrap_or(inner).to_owned()
}

/// Marks, letters and decimal digits.
fn is_word(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        c.general_category(),
        G::NonspacingMark
            | G::SpacingMark
            | G::EnclosingMark
            | G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
            | G::DecimalNumber
    )
}

fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match LATIN.iter().find(|(accented, _)| accented.contains(c)) {
            Some((_, plain)) => out.push_str(plain),
            None => out.push(c),
        }
    }
    out
}
