//! Which columns of a warehouse row a mapping reads.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Path;

/// A path that a mapping reads from the event, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Where: a JSON pointer inside the mapping, to the text that holds the path.
    pub pointer: String,
    /// The path.
    pub path: Path,
}

/// Returns the paths that `fields` read from the event, in `@path` and `@template`. What `@arrayPath` and `@transform` look up
/// in values that they made is not among them.
#[must_use]
pub fn reads(fields: &Value) -> Vec<Read> {
    let mut found = Vec::new();
    collect(fields, "", &mut found);
    found
}

/// Returns the columns of a warehouse row that `fields` can read; `None` if that may be all of them: where a path leads to the whole
/// row, and where Liquid, which can get at anything, is rendered.
#[must_use]
pub fn columns_read(fields: &Value) -> Option<BTreeSet<String>> {
    if has_liquid(fields) {
        return None;
    }
    let reads = reads(fields);
    let is_whole = reads.iter().any(|read| read.path.leads_to_row());
    (!is_whole).then(|| reads.iter().filter_map(Read::column).map(str::to_owned).collect())
}

fn has_liquid(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| key == "@liquid" || has_liquid(value)),
        Value::Array(items) => items.iter().any(has_liquid),
        _ => false,
    }
}

fn collect(value: &Value, pointer: &str, found: &mut Vec<Read>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let inside = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                directive(key, value, inside, found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

fn directive(key: &str, value: &Value, pointer: String, found: &mut Vec<Read>) {
    match (key, value) {
        ("@path", Value::String(path)) => found.push(Read {
            pointer,
            path: Path::parse_rooted(path),
        }),
        ("@template", Value::String(template)) => found.extend(placeholders(template).map(|path| Read {
            pointer: pointer.clone(),
            path: Path::parse(path),
        })),
        ("@arrayPath", Value::Array(parts)) => match parts.first() {
            Some(Value::String(path)) => found.push(Read {
                pointer: format!("{pointer}/0"),
                path: Path::parse_rooted(path),
            }),
            Some(part) => collect(part, &format!("{pointer}/0"), found),
            None => {}
        },
        ("@transform", Value::Object(options)) => {
            if let Some(apply) = options.get("apply") {
                collect(apply, &format!("{pointer}/apply"), found);
            }
        }
        _ => collect(value, &pointer, found),
    }
}

impl Read {
    /// Returns the column that it reads, if it names one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.path.column()
    }
}

/// Returns what stands between double braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split("{{")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("}}")?.0.trim_start_matches('{').trim()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn columns_of_paths_and_templates_are_found_at_any_depth() {
        let fields = json!({
            "user_id": {"@path": "$.properties.id"},
            "traits": {"@merge": {"objects": [
                {"name": {"@template": "{{properties.first}} {{ properties.last }}{{{properties.suffix}}}"}},
                {"@if": {"exists": {"@path": "$.properties.attributes.plan"}, "then": {"@path": "properties['plan name']"}}},
            ], "direction": "right"}},
            "timestamp": {"@path": "$.timestamp"},
            "properties": {"@path": "$.properties"},
            "event_name": "properties.not_a_path",
        });
        let expected = ["attributes", "first", "id", "last", "plan name", "suffix"];
        let reads = reads(&fields);
        let columns: BTreeSet<&str> = reads.iter().filter_map(Read::column).collect();
        assert!(columns.iter().copied().eq(expected), "{columns:?}");
    }

    #[test]
    fn columns_are_not_told_where_all_may_be_read() {
        let told = |fields| columns_read(&fields).map(|columns| columns.into_iter().collect::<Vec<_>>());
        let some = json!({"user_id": {"@path": "$.properties.id.x"}, "timestamp": {"@path": "$.timestamp"}});
        assert_eq!(told(some), Some(vec!["id".to_owned()]));
        for whole in ["$.properties", "properties", "$.", ""] {
            assert_eq!(told(json!({"traits": {"@path": whole}})), None, "{whole}");
        }
        assert_eq!(told(json!({"a": [{"@liquid": "{{ properties.id }}"}]})), None);
        assert_eq!(told(json!({"a": {"@template": "{{properties}}"}})), None);
    }

    #[test]
    fn reads_say_where_they_stand_and_leave_out_what_is_read_from_values_made_before() {
        let fields = json!({
            "traits": {"a/b": {"@template": "{{properties.x}}-{{y}}"}},
            "properties": {"@arrayPath": ["$.properties.list", {"sku": {"@path": "$.sku"}}]},
            "context": {"@transform": {"apply": {"n": {"@path": "$.properties.n"}}, "mapping": {"@path": "$.n"}}},
        });
        let found: Vec<_> = reads(&fields)
            .into_iter()
            .map(|read| (read.pointer, read.path.keys().join(".")))
            .collect();
        let expected = [
            ("/traits/a~1b/@template", "properties.x"),
            ("/traits/a~1b/@template", "y"),
            ("/properties/@arrayPath/0", "properties.list"),
            ("/context/@transform/apply/n/@path", "properties.n"),
        ];
        assert_eq!(
            found,
            expected.map(|(pointer, path)| (pointer.to_owned(), path.to_owned()))
        );
    }
}
