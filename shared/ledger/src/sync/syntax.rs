//! Text that is no YAML: the parser's words for it, and what people mostly meant.

use saphyr_parser::ScanError;

use super::place::Mark;

/// Parts of the parser's messages, and what helps against the mistake that mostly causes them.
const REMEDIES: [(&str, &str); 9] = [
    (
        "unexpected character",
        "put the word in quotes, e.g. `{\"@path\": $.properties.id}`",
    ),
    ("scanning a tag", "put text that begins with `!` in single quotes"),
    ("unknown anchor", "put text that begins with `*` in quotes"),
    ("mapping values are not allowed", "put text that holds `: ` in quotes"),
    ("trailing content", "put text that holds double quotes in single quotes"),
    ("unexpected end of stream", "close the quote"),
    ("found a tab", INDENT_WITH_SPACES),
    ("tabs disallowed", INDENT_WITH_SPACES),
    ("while parsing a block", "indent it like its neighbours"),
];

/// What helps most often against all other messages.
const QUOTE: &str =
    "look at this line and the one before; put text with characters such as `:`, `#`, `{`, `[`, `&`, `*` in quotes";

const INDENT_WITH_SPACES: &str = "indent with spaces, not tabs";

/// Where a text stops being YAML, why, and what to write instead.
pub(super) struct SyntaxError {
    pub(super) at: Mark,
    pub(super) message: String,
    pub(super) remedy: String,
}

impl SyntaxError {
    pub(super) fn new(text: &str, error: &ScanError) -> Self {
        let remedy = REMEDIES
            .iter()
            .find(|(part, _)| error.info().contains(part))
            .map(|(_, remedy)| *remedy);
        let parsed = (*error.marker()).into();
        let tab = if remedy == Some(INDENT_WITH_SPACES) {
            tab_in_indent(text, parsed)
        } else {
            None
        };
        let message = format!("not YAML: {}", error.info());
        Self {
            at: tab.unwrap_or(parsed),
            message,
            remedy: remedy.unwrap_or(QUOTE).to_owned(),
        }
    }
}

/// Returns the first tab in a line's indentation from `from` on: the parser points at what is before it.
fn tab_in_indent(text: &str, from: Mark) -> Option<Mark> {
    let lines = text.lines().enumerate().skip(from.line.saturating_sub(1));
    let mut tabs = lines.filter_map(|(index, line)| {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        Some(Mark {
            line: index + 1,
            column: indent.find('\t')? + 1,
            length: 1,
        })
    });
    tabs.next()
}
