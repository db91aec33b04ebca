//! Rules of triggers that two readings agree on.

mod oracle;
mod random;

use oracle::{Condition, Said};
use proptest::prelude::*;
use random::{condition, event, plain};
use serde_json::Value;

use super::{Disagreement, Origin, Trigger};
use crate::{Change, Event, Index};

fn refusal(text: &str) -> Disagreement {
    match Trigger::parse_strict(text) {
        Ok(_) => panic!("{text}: accepted"),
        Err(disagreement) => disagreement,
    }
}

/// Refused triggers and what is suggested in their place, if anything.
const REFUSED: &[(&str, Option<&str>)] = &[
    ("type = 'track'", Some("type = \"track\"")),
    ("type = track", Some("type = \"track\"")),
    (
        "event = \"a\" or event = \"b\" and properties.c = 3",
        Some("event = \"a\" or (event = \"b\" and properties.c = 3)"),
    ),
    ("!(event = \"a\")", Some("event != \"a\"")),
    (
        "!(event = \"a\" or properties.x = \"b\")",
        Some("event != \"a\" and properties.x != \"b\""),
    ),
    ("!(properties.a = 1)", Some("properties.a != 1")),
    ("!(properties.a < 1)", Some("properties.a >= 1")),
    ("type = \"track\" and groupId = \"x\"", None),
    ("type = \"track\" and anonymousId != null", None),
    (
        "((event = \"a\" or event = \"b\") and type = \"track\")",
        Some("(event = \"a\" or event = \"b\") and type = \"track\""),
    ),
    ("event = null", None),
    (
        "properties.ok != true",
        Some("properties.ok = false or properties.ok = null"),
    ),
    ("properties.a\\.b = 1", None),
    ("match(event, \"Order\")", Some("event = \"Order\"")),
    ("match(event, \"*der*\")", Some("contains(event, \"der\")")),
    (
        "match(event, \"O*d\")",
        Some("match(event, \"O*\") and match(event, \"*d\")"),
    ),
    ("match(event, \"O?d\")", None),
    (
        "type = \"track\" AND event = \"a\"",
        Some("type = \"track\" and event = \"a\""),
    ),
    (
        "type = \"track\" && event == \"a\"",
        Some("type = \"track\" and event = \"a\""),
    ),
    ("properties.a > 1 trailing", None),
    ("type =", None),
    ("\"track\" = type", Some("type = \"track\"")),
    ("5 < properties.a", Some("properties.a > 5")),
    ("event in [\"a\", 'b']", Some("event = \"a\" or event = \"b\"")),
    ("!(event in [\"a\", \"b\"])", Some("event != \"a\" and event != \"b\"")),
    ("\"a\" in properties.list", None),
    ("lowercase(event) = \"a\"", None),
    (
        "properties.enabled and event = \"a\"",
        Some("properties.enabled = true and event = \"a\""),
    ),
    ("userId = 5", Some("userId = \"5\"")),
    ("properties.a > \"5\"", Some("properties.a > 5")),
    ("properties.ok = TRUE", Some("properties.ok = true")),
    (
        "properties.items.0.sku = \"x\"",
        Some("properties.items.\\0.sku = \"x\""),
    ),
    (
        "(contains(event, \"a\") or event = \"b\") and type = \"track\"",
        Some("(event = \"b\" or contains(event, \"a\")) and type = \"track\""),
    ),
    (
        "type = \"track\" and (contains(event, \"a\") or contains(event, \"b\"))",
        Some("(type = \"track\" and contains(event, \"a\")) or (type = \"track\" and contains(event, \"b\"))"),
    ),
    ("event = \"a\" and not properties.b = \"c\"", None),
    ("event.name = \"x\"", None),
    ("properties = null", None),
    ("Added", Some("added")),
    ("created", None),
];

#[test]
fn refuses_what_two_readings_differ_on_and_says_how_to_write_it() {
    let mut wrong = Vec::new();
    for (text, rewrite) in REFUSED {
        let refused = refusal(text);
        if refused.rewrite() != *rewrite {
            wrong.push(format!(
                "{text}\n  {refused}\n  {:?} {:?}",
                refused.rewrite(),
                refused.remedy()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn says_both_readings_in_plain_words() {
    let said = |text: &str| {
        let refused = refusal(text);
        format!("{refused}; {}", refused.remedy())
    };
    assert_eq!(
        said("type = 'track'"),
        "the trigger means two things. To Segment's destinations: `type` is the text `'track'`, quotes included. By FQL's \
         documentation: `type` is the text `track`; write `type = \"track\"`"
    );
    assert_eq!(
        said("type = \"track\" and groupId = \"x\""),
        "the trigger means two things. To Segment's destinations: `type` is the text `track`. By FQL's documentation: \
         `type` is the text `track` and `groupId` is the text `x`; `groupId` cannot be tested by Segment's \
         destinations: they skip all but type, event, name, userId, properties.…, traits.… and context.…; decide it in the \
         extract, or with @if in the mapping"
    );
    assert_eq!(
        said("type = \"track\" AND event = \"a\""),
        "the trigger is not FQL as documented: nothing joins `AND` to what is before it (column 16). Segment's destinations \
         would take it for: `type` is the text `track` and `event` is the text `a`; write `type = \"track\" and event = \
         \"a\"`, if that is meant"
    );
    assert_eq!(
        refusal("properties.ok != true").remedy(),
        "write `properties.ok = false or properties.ok = null`, if `properties.ok` always is true, false or missing"
    );
}

/// What Segment's own pages write (the generator of its subscriptions).
#[test]
fn accepts_what_segments_own_pages_write() {
    let fields = [
        "properties.a",
        "traits.a.b",
        "context.page.path",
        "properties.a\\ b",
        "name",
        "userId",
        "event",
    ];
    let mut conditions = vec!["type = \"track\"".to_owned(), "type != \"page\"".to_owned()];
    for field in fields {
        for form in ["% = \"x\"", "% != \"x\"", "contains(%, \"x\")", "!contains(%, \"x\")"] {
            conditions.push(form.replace('%', field));
        }
        for form in [
            "match(%, \"x*\")",
            "!match(%, \"x*\")",
            "match(%, \"*x\")",
            "!match(%, \"*x\")",
        ] {
            conditions.push(form.replace('%', field));
        }
        if field != "event" {
            conditions.extend(["% = null", "% != null"].map(|form| form.replace('%', field)));
        }
        if field.contains('.') {
            conditions.extend(["% = true", "% = false"].map(|form| form.replace('%', field)));
            conditions.extend(["=", "!=", "<", "<=", ">", ">="].map(|operator| format!("{field} {operator} -1.5")));
        }
    }
    conditions.extend([conditions.join(" and "), conditions.join(" or ")]);
    conditions.push("(type = \"track\" and event = \"a\") or (properties.a >= 1 and properties.b != null)".to_owned());
    conditions.push("type = \"track\" and (event = \"a\" or event = \"b\")".to_owned());
    for text in conditions {
        let read = Trigger::parse_strict(&text);
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}

#[test]
fn doubts_negations_that_leave_out_other_kinds_of_values() {
    let doubts = |text: &str| Trigger::parse_strict(text).unwrap().1;
    for (text, remedy) in [
        (
            "properties.a != 1",
            "write `(properties.a < 1 or properties.a > 1)` to say so, or `(properties.a = null or properties.a < 1 or \
             properties.a > 1)` to take rows without it",
        ),
        (
            "event = \"new\" and !contains(properties.a, \"x\")",
            "write `(properties.a != null and !contains(properties.a, \"x\"))` to say so, or `(properties.a = null or \
             !contains(properties.a, \"x\"))` to take rows without it",
        ),
    ] {
        let found = doubts(text);
        assert_eq!(
            found.iter().map(|doubt| doubt.remedy.as_str()).collect::<Vec<_>>(),
            [remedy]
        );
        for part in remedy.split('`').skip(1).step_by(2) {
            assert!(doubts(part).is_empty(), "{part}");
        }
    }
    for text in [
        "properties.a != \"x\"",
        "properties.a = 1",
        "!contains(name, \"x\") and name != null",
    ] {
        assert!(doubts(text).is_empty(), "{text}");
    }
}

#[test]
fn knows_triggers_that_no_event_of_the_source_passes() {
    let never = |text: &str, origin| Trigger::parse(text).unwrap().never_matches(origin);
    let new = Origin::Rows(&[Change::New]);
    let all = Origin::Rows(&[Change::New, Change::Updated, Change::Deleted]);
    for text in [
        "type = \"page\"",
        "event = \"Order Placed\" and properties.a = 1",
        "userId != null",
        "traits.plan = \"pro\"",
        "type = \"identify\" or event = \"x\"",
        "match(event, \"Order*\")",
    ] {
        assert!(never(text, all), "{text}");
    }
    for text in [
        "type = \"track\"",
        "event = \"updated\"",
        "properties.a = 1 or type = \"page\"",
        "userId = null",
        "contains(event, \"e\")",
    ] {
        assert!(!never(text, all), "{text}");
    }
    assert!(never("updated", new) && never("deleted", new) && !never("added or updated", new));
    assert!(never("type = \"trak\"", Origin::Events) && !never("type = \"page\"", Origin::Events));
}

/// What the trigger says of the event, and what the documentation does, where it says anything.
fn answers(trigger: &Trigger, condition: &Condition, event: &Value, kinds: bool) -> Option<(bool, bool)> {
    let said = match condition.evaluate(event, kinds) {
        Said::Nothing => return None,
        said => said == Said::Yes,
    };
    let text = event.to_string();
    let mut index = Index::default();
    Some((trigger.matches(&Event::Whole(index.of(&text).unwrap())), said))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn accepted_triggers_mean_what_the_documentation_says(
        condition in prop_oneof![condition(), plain()], events in proptest::collection::vec(event(), 16),
    ) {
        let text = condition.text();
        if let Ok((trigger, doubts)) = Trigger::parse_strict(&text) {
            for event in events {
                if let Some((is, said)) = answers(&trigger, &condition, &event, !doubts.is_empty()) {
                    prop_assert_eq!(is, said, "{} on {}", text, event);
                }
            }
        }
    }

    #[test]
    fn suggested_triggers_are_accepted_and_mean_what_was_written(
        condition in condition(), events in proptest::collection::vec(event(), 16),
    ) {
        let text = condition.text();
        if let Err(refused) = Trigger::parse_strict(&text) && let Some(rewrite) = refused.rewrite() {
            let read = Trigger::parse_strict(rewrite);
            prop_assert!(read.is_ok(), "{} for {}: {:?}", rewrite, text, read);
            let remedy = refused.remedy();
            for event in events.iter().filter(|_| !remedy.ends_with("is meant")) {
                let provided = remedy.contains(", if ");
                if let Some((is, said)) = answers(&read.as_ref().unwrap().0, &condition, event, provided) {
                    prop_assert_eq!(is, said, "{} for {} on {}", rewrite, text, event);
                }
            }
        }
    }

    #[test]
    fn strict_reading_never_panics(text in "([a-z.!=<>()\"'\\\\ ,0-9\\[é😀&|]{0,3}(type|event|properties\\.a|contains\\(|match\\(|in \\[| = |\"x\"|'y'| and | or |\\)){0,2}){0,8}") {
        if let Err(refused) = Trigger::parse_strict(&text) {
            prop_assert!(!refused.to_string().is_empty());
            prop_assert!(refused.rewrite().is_none_or(|rewrite| Trigger::parse_strict(rewrite).is_ok()));
        }
    }
}
