//! The check of a mapping before the first row: Segment's rules, words and places.

mod rule;

use rule::{
    CASE, FLATTEN, IF, JSON, MERGE, REPLACE, TRANSFORM, array_path, liquid, merged, options_of, raw_or_directive, text,
    text_or_directive,
};
use serde_json::{Map, Value as Json};

use crate::json::order::rank;
use crate::literal::{names_directive, type_name};
use crate::problem::{Problem, Problems};

/// The mapping kit's directives.
pub const DIRECTIVES: [&str; 13] = [
    "@path",
    "@template",
    "@if",
    "@case",
    "@literal",
    "@replace",
    "@arrayPath",
    "@json",
    "@flatten",
    "@merge",
    "@transform",
    "@excludeWhenNull",
    "@liquid",
];

/// What a check found: nothing, or everything it looked at before it gave up.
type Checked = Result<(), Problems>;

/// Where a value lies in the mapping.
#[derive(Debug, Clone, Copy)]
struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    key: &'p str,
    /// Whether Segment's texts count from here.
    is_start: bool,
}

impl<'p> Place<'p> {
    const ROOT: Place<'static> = Place {
        parent: None,
        key: "",
        is_start: false,
    };

    fn child(&'p self, key: &'p str) -> Self {
        Place {
            parent: Some(self),
            key,
            is_start: false,
        }
    }

    /// As [`Place::child`], but Segment's texts do not name what it is in.
    fn start(&'p self, key: &'p str) -> Self {
        Place {
            is_start: true,
            ..self.child(key)
        }
    }

    /// How long the part of the pointer is that Segment's texts leave out.
    fn unsaid(&self) -> usize {
        if self.is_start {
            return self.pointer().len();
        }
        self.parent.map_or(0, Place::unsaid)
    }

    fn pointer(&self) -> String {
        let Some(parent) = self.parent else {
            return String::new();
        };
        format!(
            "{}/{}",
            parent.pointer(),
            self.key.replace('~', "~0").replace('/', "~1")
        )
    }

    fn problem(&self, message: impl Into<String>) -> Checked {
        let pointer = self.pointer();
        // Of the mapping as a whole Segment writes `/`.
        let pointer = if pointer.is_empty() { "/".to_owned() } else { pointer };
        Err(Problem::new(pointer, message).without(self.unsaid()).into())
    }

    /// `should be <expected> but it is <got>`
    fn mismatch(&self, expected: &str, value: Option<&Json>) -> Checked {
        let got = type_or_directive(value);
        let article = if got.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        self.problem(format!("should be {expected} but it is {article} {got}"))
    }

    /// As [`Place::mismatch`], but a directive counts as the object it is.
    fn mismatch_of_type(&self, expected: &str, value: &Json) -> Checked {
        let got = type_name(Some(value));
        let article = if got == "object" { "an" } else { "a" };
        self.problem(format!("should be {expected} but it is {article} {got}"))
    }
}

/// Checks a whole mapping.
pub(crate) fn check(mapping: &Json) -> Checked {
    any(mapping, &Place::ROOT)
}

/// Runs all checks and keeps all that they find.
pub(super) fn all(checks: impl Iterator<Item = Checked>) -> Checked {
    let list: Vec<Problem> = checks
        .filter_map(Result::err)
        .flat_map(|problems| problems.list)
        .collect();
    if list.is_empty() {
        Ok(())
    } else {
        Err(Problems {
            list,
            class: "AggregateError",
        })
    }
}

fn any(value: &Json, place: &Place<'_>) -> Checked {
    match value {
        Json::Object(fields) if is_directive(fields) => directive(fields, place),
        Json::Object(fields) => values(fields, place),
        // Items of arrays are not checked: what is wrong there fails row by row.
        _ => Ok(()),
    }
}

fn is_directive(fields: &Map<String, Json>) -> bool {
    fields.keys().any(|key| names_directive(key))
}

fn type_or_directive(value: Option<&Json>) -> &'static str {
    match value {
        Some(Json::Object(fields)) if is_directive(fields) => "directive",
        value => type_name(value),
    }
}

fn values(fields: &Map<String, Json>, place: &Place<'_>) -> Checked {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| rank(key));
    all(fields.into_iter().map(|(key, value)| any(value, &place.child(key))))
}

fn directive(fields: &Map<String, Json>, place: &Place<'_>) -> Checked {
    let named = fields.keys().filter(|key| names_directive(key)).count();
    let foreign = fields.keys().any(|key| !names_directive(key) && key != "_metadata");
    if named > 1 || foreign {
        let keys = if named > 1 { named } else { fields.len() };
        return place.problem(format!("should only have one @-prefixed key but it has {keys} keys"));
    }
    let Some((name, options)) = fields.iter().find(|(key, _)| names_directive(key)) else {
        return Ok(());
    };
    let inside = place.child(name);
    match name.as_str() {
        "@path" | "@template" => text_or_directive(options, &inside),
        "@literal" | "@excludeWhenNull" => raw_or_directive(options, &inside),
        "@arrayPath" => array_path(options, &inside),
        "@liquid" => text(options, &inside).and_then(|()| liquid(options, &inside)),
        "@merge" => options_of(options, MERGE, &inside).and_then(|()| merged(options, &inside)),
        "@if" => options_of(options, IF, &inside),
        "@case" => options_of(options, CASE, &inside),
        "@replace" => options_of(options, REPLACE, &inside),
        "@json" => options_of(options, JSON, &inside),
        "@flatten" => options_of(options, FLATTEN, &inside),
        "@transform" => options_of(options, TRANSFORM, &inside),
        unknown => place.problem(format!("has an invalid directive: {unknown}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    fn problems(mapping: &serde_json::Value) -> String {
        check(mapping).unwrap_err().to_string()
    }

    #[test]
    fn names_each_problem_with_its_place() {
        let mapping = json!({"a": {"@path": 1}, "b/c": {"d": {"@nope": 1}}, "e": {"@if": {}, "@path": ""}});
        let expected = "/a/@path should be a string or a mapping directive but it is a number.\n\
                        /b/c/d has an invalid directive: @nope.\n\
                        /e should only have one @-prefixed key but it has 2 keys.";
        assert_eq!(problems(&mapping), expected);
        assert_eq!(check(&mapping).unwrap_err().list[1].pointer, "/b~1c/d");
    }

    #[test]
    fn lists_problems_in_the_order_of_javascript_keys() {
        let mapping = json!({"b": {"@path": 1}, "10": {"@path": 2}, "9": {"@nope": 1}});
        let expected = "/9 has an invalid directive: @nope.\n\
                        /10/@path should be a string or a mapping directive but it is a number.\n\
                        /b/@path should be a string or a mapping directive but it is a number.";
        assert_eq!(problems(&mapping), expected);
    }

    #[test]
    fn knows_where_merged_objects_are_though_segment_does_not_say() {
        let mapping = json!({"a": {"@merge": {"objects": [{}, {"k": {"@path": 1}}], "direction": "right"}}});
        let problem = &check(&mapping).unwrap_err().list[0];
        assert_eq!(problem.pointer, "/a/@merge/objects/1/k/@path");
        let text = "/k/@path should be a string or a mapping directive but it is a number.";
        assert_eq!(problem.to_string(), text);
        let mapping = json!({"a": {"@merge": {"objects": [5], "direction": "right"}}});
        assert_eq!(
            problems(&mapping),
            "/ should be a object or a mapping directive but it is a number."
        );
    }

    #[test]
    fn tells_segments_class_of_error() {
        let class = |mapping| check(&mapping).unwrap_err().class;
        assert_eq!(class(json!({"@path": 1})), "ValidationError");
        assert_eq!(class(json!({"a": {"@path": 1}})), "AggregateError");
        assert_eq!(class(json!({"@case": {"operator": 1}})), "AggregateError");
    }

    #[test]
    fn names_missing_options() {
        let expected = "/x/@transform should have field \"apply\" but it doesn't.\n\
                        /x/@transform should have field \"mapping\" but it doesn't.";
        assert_eq!(problems(&json!({"x": {"@transform": {}}})), expected);
    }

    #[test]
    fn allows_metadata_beside_a_directive() {
        assert!(check(&json!({"x": {"@path": "$.a", "_metadata": {"type": "variable"}}})).is_ok());
        assert_eq!(
            problems(&json!({"x": {"@path": "$.a", "other": 1}})),
            "/x should only have one @-prefixed key but it has 2 keys."
        );
    }

    #[test]
    fn limits_patterns() {
        assert_eq!(
            problems(&json!({"x": {"@replace": {"pattern": "12345678901", "value": ""}}})),
            "/x/@replace/pattern should be a string of length 10 or less."
        );
        assert_eq!(
            problems(&json!({"x": {"@json": {"mode": "x", "value": 1}}})),
            "/x/@json/mode should be one of encode, decode but it is \"x\"."
        );
    }
}
