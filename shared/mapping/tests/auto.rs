//! `fields: auto` makes the calls that the same mapping makes when it is written by hand.

use mapping::{Action, Auto, Change, Compiled, Event, Index, Scratch};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Columns, and where a mapping by hand would put them.
const COLUMNS: [(&str, &[&str]); 22] = [
    ("USER_ID", &["user_id"]),
    ("anonymousId", &["anonymous_id"]),
    ("group id", &["group_id"]),
    ("event_name", &["event_name"]),
    ("page-name", &["page_name"]),
    ("screen_name", &["screen_name"]),
    ("timestamp", &["timestamp"]),
    ("messageId", &["message_id"]),
    ("context.ip", &["ip_address"]),
    ("context.userAgent", &["user_agent"]),
    ("context.timezone", &["timezone"]),
    ("traits.plan", &["traits", "plan"]),
    ("traits.Plan", &["traits", "Plan"]),
    ("traits.address.city", &["traits", "address", "city"]),
    ("properties.total", &["properties", "total"]),
    ("properties.a.b.c", &["properties", "a", "b", "c"]),
    ("properties.a.b.10", &["properties", "a", "b", "10"]),
    ("context.device.advertisingId", &["device", "advertising_id"]),
    ("device.id", &["device", "id"]),
    ("context.location.latitude", &["location", "latitude"]),
    ("context.network.wifi", &["network", "wifi"]),
    ("context.page.title", &["page", "title"]),
];

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[a-z0-9é\"]{1,4}".prop_map(Value::from),
        1 => Just(json!("")),
        1 => (-9..99i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!({"x": [1, null], "y": ""})),
    ]
}

/// The row as warehouses name its columns, the same with plain names, and the mapping by hand of the latter.
fn written(chosen: &[(usize, Value)]) -> (Value, Value, Value) {
    let (mut named, mut plain, mut mapping) = (Map::new(), Map::new(), json!({}));
    for (place, value) in chosen {
        let (column, path) = COLUMNS[*place];
        named.insert(column.to_owned(), value.clone());
        plain.insert(format!("c{place}"), value.clone());
        let directive = json!({"@path": format!("$.properties.c{place}")});
        // Without any value an object of fixed keys is nothing under `auto`; by hand it takes a condition to say so.
        let is_empty = match path[0] {
            "device" | "page" => value.is_null(),
            "location" | "network" => value.is_null() || value == "",
            _ => false,
        };
        if is_empty {
            continue;
        }
        let pointer = path.iter().fold(&mut mapping, |at, key| &mut at[*key]);
        *pointer = directive;
    }
    (named.into(), plain.into(), mapping)
}

proptest! {
    #[test]
    fn auto_makes_the_calls_of_the_mapping_by_hand(
        rows in proptest::collection::vec((proptest::sample::subsequence((0..COLUMNS.len()).collect::<Vec<_>>(), 0..COLUMNS.len()).prop_shuffle(), proptest::collection::vec(values(), COLUMNS.len())), 1..4),
    ) {
        for action in Action::ALL {
            let mut auto = Auto::new(action);
            for (places, values) in &rows {
                let chosen: Vec<(usize, Value)> = places.iter().copied().zip(values.iter().cloned()).collect();
                let (named, plain, mapping) = written(&chosen);
                let (named, plain) = (named.to_string(), plain.to_string());
                let (mut of_named, mut of_plain) = (Index::default(), Index::default());
                let row = |record| Event::Row { change: Change::Updated, record };
                let (named, plain) = (row(of_named.of(&named).unwrap()), row(of_plain.of(&plain).unwrap()));
                let by_hand = Compiled::compile(action, &mapping).unwrap();
                let (mut ours, mut theirs, mut scratch) = (Vec::new(), Vec::new(), Scratch::default());
                let our_end = auto.of(&named).call(&named, Some("fallback"), &mut scratch, &mut ours);
                let their_end = by_hand.call(&plain, Some("fallback"), &mut scratch, &mut theirs);
                prop_assert_eq!(our_end.map(|call| call.ingest), their_end.map(|call| call.ingest));
                let parsed = |text: &[u8]| serde_json::from_slice::<Value>(text).ok();
                prop_assert_eq!(parsed(&ours), parsed(&theirs), "{}", mapping);
            }
        }
    }
}
