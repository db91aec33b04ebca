//! Rules of Segment's subscription parser and evaluation, and of the words.

use proptest::prelude::*;

use super::ast::{Node, Test};
use super::{Fql, FqlError, Trigger};
use crate::{Change, Event, Index};

const ORDER: &str = r#"{"type":"track","event":"Order Placed","userId":"u1","properties":{"total":12.5,"plan":"p\u0072o",
    "paid":true,"gone":null,"items":[{"sku":"a"}],"a b":"x","note":"a😀b","address":{"city":"Paris"},"none":0}}"#;

fn passes(fql: &str) -> bool {
    let mut index = Index::default();
    let record = index.of(ORDER).unwrap();
    Fql::parse(fql)
        .unwrap_or_else(|error| panic!("{fql}: {error}"))
        .matches(&Event::Whole(record))
}

#[track_caller]
fn assert_passes(triggers: &[&str]) {
    for fql in triggers {
        assert!(passes(fql), "{fql}");
    }
}

#[track_caller]
fn assert_stopped(triggers: &[&str]) {
    for fql in triggers {
        assert!(!passes(fql), "{fql}");
    }
}

fn refusal(fql: &str) -> FqlError {
    Fql::parse(fql).unwrap_err()
}

#[test]
fn compares_text_with_text_only() {
    assert_passes(&[
        "type = \"track\"",
        "type = track",
        "properties.plan = \"pro\"",
        "properties.address.city=\"Paris\"",
    ]);
    assert_stopped(&[
        "type = 'track'",
        "properties.total = \"12.5\"",
        "properties.paid = \"true\"",
        "type =",
    ]);
    assert_passes(&[
        "properties.total != \"12.5\"",
        "properties.missing != \"x\"",
        "properties.gone != \"x\"",
        "type != 'track'",
    ]);
}

#[test]
fn compares_numbers_with_numbers_only() {
    assert_passes(&[
        "properties.total = 12.50",
        "properties.total != 12",
        "properties.total >= 12.5",
        "properties.none < 1",
    ]);
    assert_stopped(&[
        "properties.plan != 1",
        "properties.missing != 1",
        "properties.missing < 1",
        "properties.paid = 1",
    ]);
    assert_passes(&["properties.total > \"12\"", "properties.total > true"]);
    assert_stopped(&["properties.total > \"x\"", "type > 0"]);
}

#[test]
fn knows_null_and_booleans_only_of_some_fields() {
    assert_passes(&[
        "properties.gone = null",
        "name = null",
        "userId != null",
        "properties.paid = true",
        "context.a.b = null",
    ]);
    assert_passes(&["event != null", "properties.paid != true", "properties.paid != false"]);
    assert_stopped(&[
        "event = null",
        "type = true",
        "properties.paid = TRUE",
        "properties.plan = true",
    ]);
}

#[test]
fn last_operator_governs_its_level() {
    assert_passes(&[
        "event = \"x\" and type = \"x\" or userId = \"u1\"",
        "type = \"track\" and (event = \"x\" or userId = \"u1\")",
    ]);
    assert_stopped(&["userId = \"u1\" or type = \"track\" and event = \"x\""]);
}

#[test]
fn parenthesis_ends_with_the_call_in_it() {
    // What stands after the call is read one level up, where `or` is the last operator.
    assert_passes(&["event = \"x\" and (contains(event, \"Nope\") and type = \"x\") or userId = \"u1\""]);
    assert_passes(&["(contains(event, \"Order\") or event = \"x\") and type = \"track\" or event = \"y\""]);
}

#[test]
fn skips_what_it_does_not_know() {
    assert_passes(&[
        "type = \"track\" and groupId = \"g\"",
        "!(type = \"track\")",
        "type = \"track\" AND anything goes",
        "type = \"track\" and anonymousId != null",
        "contains(type, \"nope\") and type = \"track\"",
    ]);
}

#[test]
fn functions_need_text() {
    assert_passes(&[
        "contains(event, \"der P\")",
        "!contains(event, \"x\")",
        "contains(properties.plan, \"pr\")",
    ]);
    assert_stopped(&[
        "contains(properties.total, \"1\")",
        "!contains(properties.total, \"9\")",
        "!match(properties.gone, \"x*\")",
    ]);
}

#[test]
fn match_is_a_beginning_or_an_ending() {
    assert_passes(&[
        "match(event, \"Ord*\")",
        "match(event, \"*ced\")",
        "match(event, \"?ced\")",
        "match(event, \"\")",
    ]);
    assert_stopped(&[
        "match(event, \"O*d\")",
        "match(event, \"Order\")",
        "!match(event, \"Ord*\")",
    ]);
    assert_passes(&[
        "match(event, \"XOrder Placed\")",
        "match(properties.note, \"😀b\")",
        "match(properties.note, \"*😀b\")",
    ]);
    assert_stopped(&["match(properties.note, \"😁b\")", "match(event, \"😀Order Placed\")"]);
}

#[test]
fn escapes_make_names_of_anything_but_separators() {
    assert_passes(&[
        "properties.a\\ b = \"x\"",
        "properties.addres\\s\\.city = \"Paris\"",
        "properties.address\\[city\\] = \"Paris\"",
    ]);
    assert_stopped(&["properties.items.0.sku = \"a\"", "properties.items.0.sku != \"a\""]);
}

#[test]
fn stops_where_evaluation_fails() {
    assert_stopped(&[
        "() or type = \"track\"",
        "type = \"track\" and ()",
        "lowercase(x) = \"y\" or type = \"track\"",
    ]);
    assert_passes(&["type = \"track\" or ()"]);
}

#[test]
fn lexes_ends_of_tokens_as_segment_does() {
    assert_passes(&["type = \"track\"and event != \"x\"", "userId = u1", "properties.x != u"]);
    assert_eq!(refusal("type!=\"x\""), FqlError::NoOperator { column: 5 });
    assert_eq!(
        refusal("event = \"x\" and properties.é = 1"),
        FqlError::UnexpectedCharacter {
            character: 'é',
            column: 28
        }
    );
    assert_eq!(
        refusal("total> 1"),
        FqlError::RunOnName {
            character: '>',
            column: 6
        }
    );
    assert_eq!(
        refusal("é"),
        FqlError::UnexpectedCharacter {
            character: 'é',
            column: 1
        }
    );
    assert_eq!(refusal("type = \"x"), FqlError::OpenString { column: 8 });
    assert_eq!(
        refusal("properties.list[0] = 1"),
        FqlError::RunOnName {
            character: '[',
            column: 16
        }
    );
    assert_eq!(refusal("properties.x = 1."), FqlError::BadNumber { column: 16 });
    assert_eq!(refusal("type = x\\"), FqlError::OpenEscape { column: 9 });
    // A name that begins like a word of FQL and ends with the text loses what was compared.
    let name_of = |fql: &str| match Fql::parse(fql).unwrap().root {
        Node::All(nodes) => nodes,
        node => vec![node],
    };
    assert!(matches!(&name_of("userId = na")[..], [Node::Test(_, Test::Equals(text))] if &**text == "n"));
}

#[test]
fn refuses_what_segment_cannot_read() {
    for fql in [
        "",
        "type",
        "typo = \"x\"",
        "groupId = \"g\"",
        "null",
        "contains(",
        "contains",
        "()",
        "match event, \"x\"",
    ] {
        assert!(Fql::parse(fql).is_err(), "{fql}");
    }
    assert_eq!(refusal("(type = \"x\""), FqlError::Parenthesis { column: 1 });
    assert_eq!(refusal("((type = \"x\"))"), FqlError::Parenthesis { column: 2 });
    let long = format!("type = \"{}\"", "x".repeat(100_000));
    assert_eq!(
        refusal(&long),
        FqlError::TooLong {
            column: 8,
            limit: 99_999
        }
    );
}

#[test]
fn words_ask_what_became_of_the_row() {
    let mut index = Index::default();
    let record = index.of("{\"a\":1}").unwrap();
    let changes = [Change::New, Change::Updated, Change::Deleted];
    let asked =
        |word: &str| changes.map(|change| Trigger::parse(word).unwrap().matches(&Event::Row { change, record }));
    assert_eq!(asked("added"), [true, false, false]);
    assert_eq!(asked("updated"), [false, true, false]);
    assert_eq!(asked("deleted"), [false, false, true]);
    assert_eq!(asked("added or updated"), [true, true, false]);
    assert_eq!(asked("event = \"new\" and properties.a > 1"), [false; 3]);
}

#[test]
fn says_how_words_are_spelled() {
    let refusal = |text: &str| Trigger::parse(text).unwrap_err().to_string();
    assert_eq!(
        refusal("Added  or Updated"),
        "trigger `Added  or Updated` is spelled `added or updated`"
    );
    assert_eq!(
        refusal("created"),
        "trigger `created` is neither FQL nor one of the words `added`, `updated`, `deleted`, `added or updated`"
    );
}

proptest! {
    #[test]
    fn never_panics(text in "([a-z.!=<>()\"'\\\\ ,0-9\\[é😀]{0,3}(type|event|properties\\.a|contains\\(|match\\(| = |\"x\"| and | or |\\)){0,2}){0,8}") {
        let mut index = Index::default();
        let record = index.of(ORDER).unwrap();
        if let Ok(fql) = Fql::parse(&text) {
            let event = Event::Whole(record);
            prop_assert_eq!(fql.matches(&event), fql.clone().matches(&event));
        }
    }
}
