//! HTML: escaping and tags.

use super::Handler;

const ESCAPES: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&#34;"),
    ('\'', "&#39;"),
];

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "escape" | "xml_escape" => |input| input.keep(&escaped(input.text()?)),
        "escape_once" => |input| input.keep(&escaped(&unescaped(input.text()?))),
        "strip_html" => |input| input.keep(&without_tags(input.text()?)),
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match ESCAPES.iter().find(|(plain, _)| *plain == c) {
            Some((_, escape)) => out.push_str(escape),
            None => out.push(c),
        }
    }
    out
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (plain, escape) = ESCAPES
            .iter()
            .find(|(_, escape)| rest.starts_with(escape))
            .unwrap_or(&('&', "&"));
        out.push(*plain);
        rest = &rest[escape.len()..];
    }
    out.push_str(rest);
    out
}

/// Removes scripts, styles and comments whole, and all other tags. A kind that is left open once is not looked for
/// again.
fn without_tags(text: &str) -> String {
    let mut kinds = vec![
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<!--", "-->"),
        ("<", ">"),
    ];
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut end = None;
        kinds.retain(|(opening, closing)| {
            if end.is_some() || !rest.starts_with(opening) {
                return true;
            }
            end = rest[opening.len()..]
                .find(closing)
                .map(|found| opening.len() + found + closing.len());
            end.is_some()
        });
        let Some(end) = end else { break };
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
