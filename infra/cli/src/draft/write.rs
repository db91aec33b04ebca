//! The text of a document's mappings: short comments that teach, and nothing that the rows do not show.

use std::fmt::Write;

use mapping::Action;

use super::shape::{Given, Line, Shape};

/// Words that YAML takes for something else than text.
const NOT_TEXT: [&str; 12] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "nan", "inf",
];

/// Returns a text as YAML: as it is where that is safe, else in double quotes, whose escapes are JSON's.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    let is_safe = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.trim_end() == text
        && text.chars().all(plain)
        && !NOT_TEXT.contains(&text.to_lowercase().as_str());
    if is_safe {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Returns `text` with a remark behind it, if there is one.
pub(super) fn remarked(text: &str, why: &str) -> String {
    if why.is_empty() {
        return text.to_owned();
    }
    format!("{text:<40} # {why}")
}

/// Writes one mapping.
pub(super) fn mapping(out: &mut String, sync: &str, shape: &Shape) {
    let action = shape.action;
    let _ = writeln!(out, "  - name: {action}-{sync}");
    let _ = writeln!(out, "{}", remarked(&format!("    action: {action}"), shape.why));
    match &shape.lines {
        None => {
            let _ = writeln!(
                out,
                "{}",
                remarked(
                    "    fields: auto",
                    "columns carry the names of fields, so they map themselves"
                )
            );
        }
        Some(lines) => {
            let _ = writeln!(out, "    fields:");
            for line in lines {
                field(out, line);
            }
            if !shape.block.is_empty() {
                let _ = writeln!(out, "      {}:", crate::auto_note::block(action));
                for column in &shape.block {
                    let _ = writeln!(out, "        {}: {}", word(column), path(column));
                }
            }
        }
    }
    left_out(out, "      ", shape);
}

fn field(out: &mut String, line: &Line) {
    let value = match &line.given {
        Given::Column(column) => path(column),
        Given::Day(column) => format!(
            "{{\"@template\": {}}}",
            serde_json::Value::from(format!("{{{{properties.{column}}}}}T00:00:00Z"))
        ),
        Given::Text(text) => word(text),
    };
    let _ = writeln!(out, "{}", remarked(&format!("      {}: {value}", line.field), line.why));
}

fn path(column: &str) -> String {
    format!(
        "{{\"@path\": {}}}",
        serde_json::Value::from(format!("$.properties.{column}"))
    )
}

fn left_out(out: &mut String, indent: &str, shape: &Shape) {
    let shown = |column: &str| column.replace(char::is_control, " ");
    for (column, why) in &shape.left_out {
        let _ = writeln!(out, "{indent}# not sent: {}: {why}", shown(column));
    }
    if let Some(column) = &shape.no_time {
        let _ = writeln!(
            out,
            "{indent}# {}: not all of its values are times as Segment wants them, such as 2026-01-31T09:00:00Z",
            shown(column)
        );
    }
}

/// Writes the mappings of files whose names say what they hold.
pub(super) fn recipe(out: &mut String, files: &[(String, Option<Shape>)]) {
    let _ = writeln!(
        out,
        "# Each file's name says which call its rows become, and its columns say which field they are."
    );
    for (name, shape) in files {
        if let Some(shape) = shape {
            let _ = writeln!(out, "#   {name}: {}", shape.action);
            left_out(out, "#     ", shape);
        } else {
            let known: Vec<String> = Action::ALL.iter().map(|action| format!("{action}_")).collect();
            let _ = writeln!(
                out,
                "#   {name}: not sent, its name begins with none of {}",
                known.join(", ")
            );
        }
    }
    let _ = writeln!(out, "mappings: auto");
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn only_safe_words_are_written_without_quotes() {
        for safe in ["customer_id", "traits.email", "orders/today.csv", "Orders Placed"] {
            assert_eq!(word(safe), safe);
        }
        for (text, written) in [
            ("no", "\"no\""),
            ("1", "\"1\""),
            ("a: b", "\"a: b\""),
            ("a\tb", "\"a\\tb\""),
            ("", "\"\""),
            ("é", "\"é\""),
            ("#x", "\"#x\""),
        ] {
            assert_eq!(word(text), written);
        }
    }
}
