//! A line of a document, cut around the place that is meant, and where carets stand below it.

use unicode_width::UnicodeWidthChar;

/// Most columns of a line that are shown.
const WIDTH: usize = 100;

/// Columns that are shown before what is meant, where a line is cut.
const BEFORE: usize = 30;

/// Columns of a tab: it is shown as blanks, so that carets stand right on every terminal.
const TAB: usize = 4;

/// What is shown of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line, or the part of it around the place.
    pub(crate) shown: String,
    /// Columns before the first caret.
    pub(crate) before: usize,
    /// How many carets there are.
    pub(crate) marks: usize,
}

/// A character as it is shown, and how many columns it takes.
struct Cell {
    shown: char,
    width: usize,
}

impl Excerpt {
    /// Returns the excerpt of `line` around `length` characters from `column` on (from 1).
    pub(crate) fn of(line: &str, column: usize, length: usize) -> Self {
        let cells: Vec<Cell> = line.trim_end().chars().map(Cell::of).collect();
        let from = column.saturating_sub(1).min(cells.len());
        let until = (from + length).min(cells.len());
        let (start, end) = window(&cells, from);
        let until = until.min(end);
        let mut shown = String::new();
        shown.push_str(if start > 0 { "…" } else { "" });
        cells[start..end].iter().for_each(|cell| cell.write(&mut shown));
        shown.push_str(if end < cells.len() { "…" } else { "" });
        Self {
            shown,
            before: usize::from(start > 0) + width(&cells[start..from]),
            marks: width(&cells[from..until.max(from)]).max(1),
        }
    }
}

/// Returns which cells are shown: all, if they fit, else as many as fit around the place.
fn window(cells: &[Cell], from: usize) -> (usize, usize) {
    if width(cells) <= WIDTH {
        return (0, cells.len());
    }
    let mut start = from;
    while start > 0 && width(&cells[start - 1..from]) <= BEFORE {
        start -= 1;
    }
    let mut end = start;
    while end < cells.len() && width(&cells[start..=end]) <= WIDTH {
        end += 1;
    }
    (start, end)
}

fn width(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.width).sum()
}

impl Cell {
    fn of(character: char) -> Self {
        match (character, character.width()) {
            ('\t', _) => Self {
                shown: '\t',
                width: TAB,
            },
            // A control character could do anything to a terminal.
            (_, None) => Self {
                shown: char::REPLACEMENT_CHARACTER,
                width: 1,
            },
            (shown, Some(width)) => Self { shown, width },
        }
    }

    fn write(&self, text: &mut String) {
        match self.shown {
            '\t' => text.push_str(&" ".repeat(TAB)),
            shown => text.push(shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, column: usize, length: usize) -> [String; 2] {
        let Excerpt { shown, before, marks } = Excerpt::of(line, column, length);
        [shown, format!("{}{}", " ".repeat(before), "^".repeat(marks))]
    }

    #[test]
    fn carets_stand_below_tabs_and_wide_characters() {
        assert_eq!(drawn("a: bc", 4, 2), ["a: bc", "   ^^"]);
        assert_eq!(drawn("\ta: x", 2, 1), ["    a: x", "    ^"]);
        assert_eq!(drawn("名前: 値 x", 5, 1), ["名前: 値 x", "      ^^"]);
        assert_eq!(drawn("e\u{301}: x", 4, 1), ["e\u{301}: x", "  ^"]);
        assert_eq!(drawn("a\u{1b}[31m", 2, 1), ["a\u{fffd}[31m", " ^"]);
        assert_eq!(drawn("ab", 9, 1), ["ab", "  ^"]);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let line = format!("{}HERE{}", "a".repeat(500), "b".repeat(500));
        let [shown, carets] = drawn(&line, 501, 4);
        assert_eq!(shown.chars().count(), WIDTH + 2);
        assert!(shown.starts_with("…a") && shown.ends_with("b…"));
        let at = shown.chars().position(|c| c == 'H').unwrap();
        assert_eq!(carets, format!("{}^^^^", " ".repeat(at)));
        let [shown, carets] = drawn(&"x".repeat(500), 1, 500);
        assert_eq!((shown.chars().count(), carets.len()), (WIDTH + 1, WIDTH));
    }
}
