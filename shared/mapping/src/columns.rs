//! Which columns of a warehouse row a mapping reads.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Path;

/// Returns the columns that `fields` name: in `@path` as `$.properties.<column>`, in `@template` as `{{properties.<column>}}`.
///
/// A column that a mapping reaches otherwise, through the whole of `$.properties` for instance, is not among them.
#[must_use]
pub fn columns(fields: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(fields, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("@path", Value::String(path)) => found.extend(column(&Path::parse_rooted(path))),
                    ("@template", Value::String(template)) => {
                        found.extend(placeholders(template).filter_map(|path| column(&Path::parse(path))));
                    }
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Returns what stands between double braces.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split("{{")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("}}")?.0.trim_start_matches('{').trim()))
}

fn column(path: &Path) -> Option<String> {
    match path.keys() {
        [root, column, ..] if &**root == "properties" => Some(column.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        assert!(columns(&fields).iter().eq(expected), "{:?}", columns(&fields));
    }
}
