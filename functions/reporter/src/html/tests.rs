use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;

/// What an extract's author, or a stranger at the API's end, may put where the page shows it.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</td></table></body><iframe src=//evil.example>",
    "<!--",
    "&lt;script&gt;",
    "]]><style>*{display:none}</style>",
    "=cmd|' /C calc'!A0",
    "a\u{1b}[2J\0\u{202e}gpj.exe",
];

/// All tags that the page has.
const TAGS: [&str; 30] = [
    "!doctype html",
    "html lang=\"en\"",
    "/html",
    "head",
    "/head",
    "meta charset=\"utf-8\"",
    "title",
    "/title",
    "style",
    "/style",
    "body",
    "/body",
    "h1",
    "/h1",
    "h2",
    "/h2",
    "span class=\"partial\"",
    "/span",
    "p",
    "/p",
    "code",
    "/code",
    "table",
    "/table",
    "tr",
    "/tr",
    "th",
    "td",
    "/td",
    "/th",
];

/// Returns the page of a run with these words wherever strangers' words are shown.
fn page_of(words: &str) -> String {
    let job = "000000-000000-identify";
    let run = "019a0000-0000-7000-8000-000000000000";
    let report = json!({
        "run": run, "sync": "users", "status": "partial", "started_at": "2026-01-31T06:00:00Z", "finished_at": "2026-01-31T06:01:00Z",
        "rows": 2, "requests": 1, "retries": 0, "api_calls": 1, "users": 1, "bytes": {"read": 1, "json": 1, "wire": 1},
        "mappings": [{"name": words, "action": "identify", "rows": 2, "sent": 1, "filtered": 0, "rejected": 1, "reasons": {words: 1}}],
        "jobs": {"planned": 2, "done": 1, "failed": 1},
        "errors": [{"job": job, "mapping": words, "object": words, "row": 1, "offset": 0, "code": words, "message": words, "field": words}],
        "failures": [{"job": job, "code": words, "message": words}],
    });
    page(&serde_json::from_value(report).unwrap())
}

/// Returns the tags of a page and the texts between them: what a parser finds that knows no more of HTML than that `<` begins a tag
/// and `>` ends it. In the one place where that is not so, the style, there is neither.
fn parse(page: &str) -> (Vec<&str>, Vec<&str>) {
    let mut pieces = page.split('<');
    assert_eq!(pieces.next(), Some(""));
    pieces
        .map(|piece| piece.split_once('>').expect("a tag that ends"))
        .unzip()
}

#[test]
fn no_word_of_a_stranger_is_markup() {
    let (usual, _) = page_of("plain")
        .split_once("</body>")
        .map(|(page, rest)| (page.to_owned(), rest.to_owned()))
        .unwrap();
    let count = parse(&usual).0.len();
    for words in HOSTILE {
        let page = page_of(words);
        let (tags, texts) = parse(&page);
        assert_eq!(tags.len(), count + 2, "{words}: another number of tags");
        for tag in tags {
            let is_known = TAGS.contains(&tag)
                || tag == "th class=n"
                || tag == "td class=n"
                || tag.starts_with("meta http-equiv=");
            assert!(is_known, "{words}: <{tag}>");
        }
        assert!(!texts.iter().any(|text| text.contains(['>', '"', '\''])), "{words}");
        // Nor is anything lost.
        assert!(page.matches(&Text(words).to_string()).count() >= 7, "{page}");
    }
}

#[test]
fn page_may_load_its_own_style_and_nothing_else() {
    let page = page_of("plain");
    let (tags, _) = parse(&page);
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .unwrap()
        .0;
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let expected = format!("meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"");
    assert_eq!(
        tags.iter()
            .filter(|tag| tag.starts_with("meta http-equiv"))
            .collect::<Vec<_>>(),
        [&expected]
    );
    let (policed, styled) = (page.find("<meta http-equiv").unwrap(), page.find("<style>").unwrap());
    assert!(policed < styled, "the policy holds for what stands behind it");
    // With a hash no style of an element is allowed either; there is none, nor a script, an address or a handler.
    for word in [" style=", "<script", "src=", "href=", " on", "url(", "@import"] {
        let found = tags.iter().chain([&style]).any(|part| part.contains(word)) || page.contains("<script");
        assert!(!found, "{word}");
    }
}

#[test]
fn no_cell_is_a_formula_where_it_is_pasted() {
    for words in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\u{a0}=1"] {
        let page = page_of(words);
        let cells = page.split(['>', '<']);
        let formulas: Vec<&str> = cells.filter(|text| text.trim_start().starts_with(FORMULA)).collect();
        assert!(formulas.is_empty(), "{formulas:?}");
    }
    assert_eq!(Text("a-b=c").to_string(), "a-b=c");
}

#[test]
fn nothing_on_the_page_turns_or_breaks_what_stands_around_it() {
    let page = page_of("a\u{1b}[2J\0\u{202e}gpj.exe\u{2028}\u{9b}");
    let acting = page.trim_end().chars().find(|&character| platform::acts(character));
    assert_eq!(acting, None);
    assert!(page.contains("a\\u{1b}[2J\\u{0}\\u{202e}gpj.exe"));
}
