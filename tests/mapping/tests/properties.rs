//! What holds for every mapping and every row.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;

use mapping::{Action, Change, Compiled, Event, Index, Record, Scratch};
use mapping_tests::plain::{self, Js, Plain};
use mapping_tests::sample::{SAMPLES, rows};
use mapping_tests::{fuzz, strategy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

/// JSON without a key that an object has twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON without repeated keys")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, _)) = fields.next_entry::<String, Self>()? {
            if let Some(key) = keys.replace(key) {
                return Err(A::Error::custom(format!("the key {key:?} is there twice")));
            }
        }
        Ok(self)
    }
}

/// What the compiled mapping makes of a row, as a tree.
fn compiled(mapping: &Compiled, event: &Event<'_>, scratch: &mut Scratch) -> Result<Js, String> {
    let mut out = b"before".to_vec();
    match mapping.call(event, None, scratch, &mut out) {
        Ok(_) => {
            let call = str::from_utf8(&out[6..]).unwrap();
            serde_json::from_str::<Unique>(call).unwrap();
            Ok(Js::parse(call).unwrap())
        }
        Err(rejection) => {
            assert_eq!(out, b"before");
            Err(rejection.message)
        }
    }
}

fn row(record: Record<'_>) -> Event<'_> {
    Event::Row {
        change: Change::Updated,
        record,
    }
}

/// A job's rows in turn, as one job maps them: what it remembers of one row must not show in the next.
fn assert_agreement(mapping: &Value, rows: &[String]) {
    let mut scratch = Scratch::default();
    for action in Action::ALL {
        let Ok(engine) = Compiled::compile(action, mapping) else {
            continue;
        };
        let plain = Plain::new(action, &mapping.to_string()).unwrap();
        let mut index = Index::default();
        for text in rows {
            let event = plain::event("updated", Js::parse(text).unwrap());
            let calls = compiled(&engine, &row(index.of(text).unwrap()), &mut scratch);
            // As it is sent: JSON has no infinity.
            let sent = plain
                .call(&event, None)
                .map(|call| Js::parse(&serde_json::to_string(&call).unwrap()).unwrap());
            assert_eq!(calls, sent, "{action} of {text} by {mapping}");
        }
    }
}

/// Guards the tests below against mappings of which nothing comes.
#[test]
fn random_mappings_often_call_and_often_reject() {
    let mut runner = TestRunner::deterministic();
    let (mut calls, mut rejections) = (0, 0);
    for _ in 0..200 {
        let (mapping, text) = (strategy::fields(), strategy::rows())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        for action in Action::ALL {
            let Ok(engine) = Compiled::compile(action, &mapping) else {
                continue;
            };
            let mut index = Index::default();
            match compiled(&engine, &row(index.of(&text).unwrap()), &mut Scratch::default()) {
                Ok(_) => calls += 1,
                Err(_) => rejections += 1,
            }
        }
    }
    assert!(
        calls > 300 && rejections > 200,
        "{calls} calls, {rejections} rejections"
    );
}

#[test]
fn both_sides_of_the_benchmark_agree() {
    for sample in &SAMPLES {
        assert_agreement(&serde_json::from_str(sample.mapping).unwrap(), &rows(300));
    }
}

proptest! {
    #[test]
    fn the_compiled_engine_agrees_with_the_plain_one(
        mapping in strategy::fields(),
        rows in prop_oneof![
            1 => strategy::rows().prop_map(|row| vec![row]),
            2 => strategy::extracts(),
            1 => vec(strategy::repeating_rows(), 1..4),
        ],
    ) {
        assert_agreement(&mapping, &rows);
    }

    #[test]
    fn a_row_maps_as_the_event_that_is_built_from_it(mapping in strategy::fields(), text in strategy::rows()) {
        let whole = format!("{{\"type\":\"track\",\"event\":\"updated\",\"properties\":{text}}}");
        let (mut row_index, mut whole_index) = (Index::default(), Index::default());
        let Ok(mapping) = Compiled::compile(Action::Track, &mapping) else { return Ok(()) };
        let (mut of_row, mut of_whole) = (Vec::new(), Vec::new());
        let mut scratch = Scratch::default();
        let row_result = mapping.call(&row(row_index.of(&text).unwrap()), None, &mut scratch, &mut of_row);
        let whole = Event::Whole(whole_index.of(&whole).unwrap());
        let whole_result = mapping.call(&whole, None, &mut scratch, &mut of_whole);
        prop_assert_eq!(row_result, whole_result);
        prop_assert_eq!(String::from_utf8_lossy(&of_row), String::from_utf8_lossy(&of_whole));
    }

    #[test]
    fn what_is_written_is_json_and_on_a_rejection_nothing_is(mapping in strategy::mappings(), text in strategy::rows()) {
        fuzz::mapping(format!("{mapping}\n{}", text.replace('\n', " ")).as_bytes());
    }

    #[test]
    fn no_mapping_panics(mapping in strategy::values(), payload in strategy::values()) {
        fuzz::mapping(format!("{mapping}\n{payload}").as_bytes());
    }

    #[test]
    fn no_trigger_panics(
        trigger in "([a-z]{1,5}|properties\\.[a-c]|[\"'!()=<>,. ]|and|or|contains\\(|match\\(|\"\\PC{0,3}\"|[0-9.]{1,3}){0,12}",
        event in strategy::values(),
    ) {
        fuzz::fql(format!("{}\n{event}", trigger.replace('\n', " ")).as_bytes());
    }

    #[test]
    fn no_template_panics(
        template in "(\\{\\{|\\}\\}|\\{%|%\\}|-|if |else|endif|assign a = |capture a|[|:,.()=]|properties|[a-c]|append|slice|\"\\PC{0,3}\"|[0-9]{1,2}| ){0,20}",
        text in strategy::rows(),
    ) {
        fuzz::liquid(format!("{}\n{template}", text.replace('\n', " ")).as_bytes());
    }

    #[test]
    fn no_line_panics(line in any::<Vec<u8>>()) {
        fuzz::line(&line);
    }

    #[test]
    fn no_line_of_json_panics(
        mapping in strategy::values(), input in strategy::values(), trigger in any::<String>(), action in "track|page|x"
    ) {
        fuzz::line(json!({
            "id": input, "mapping": mapping, "input": input, "event": input, "fql": trigger, "action": action
        }).to_string().as_bytes());
    }
}
