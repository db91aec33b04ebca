//! Filters that Segment switches off: they fail when they are reached.

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::fault::{Fault, Outcome};

/// Declares a filter that fails with its name.
macro_rules! disabled {
    ($name:literal) => {{
        fn fail<'a>(_: &Input<'_, 'a>) -> Outcome<Value<'a>> {
            Err(Fault::new(concat!("filter \"", $name, "\" is disabled")))
        }
        Some(fail)
    }};
}

pub(super) fn named(name: &str) -> Option<Handler> {
    match name {
        "array_to_sentence_string" => disabled!("array_to_sentence_string"),
        "concat" => disabled!("concat"),
        "find" => disabled!("find"),
        "find_exp" => disabled!("find_exp"),
        "find_index" => disabled!("find_index"),
        "find_index_exp" => disabled!("find_index_exp"),
        "group_by" => disabled!("group_by"),
        "group_by_exp" => disabled!("group_by_exp"),
        "has" => disabled!("has"),
        "has_exp" => disabled!("has_exp"),
        "map" => disabled!("map"),
        "newline_to_br" => disabled!("newline_to_br"),
        "reject" => disabled!("reject"),
        "reject_exp" => disabled!("reject_exp"),
        "reverse" => disabled!("reverse"),
        "sort" => disabled!("sort"),
        "sort_natural" => disabled!("sort_natural"),
        "uniq" => disabled!("uniq"),
        "where_exp" => disabled!("where_exp"),
        "type" => disabled!("type"),
        _ => None,
    }
}
