//! Sync documents that are right.

use extract::{ColumnType, Format};
use ledger::{Changes, Complete, FormatChoice, Region, Rows, Sync, WriteKeySource};
use mapping::{Action, Change, Event, Index, Trigger};
use serde_json::json;

use crate::support::{SYNC, sync};

/// The document of the design, with everything set; of `changes` the form with a column.
const WHOLE: &str = include_str!("documents/whole.yaml");

#[test]
fn every_key_of_the_design_is_read() {
    let sync = sync(WHOLE);
    assert_eq!(sync.name.as_str(), "customers");
    assert_eq!(sync.source.id.as_deref(), Some("customer_id"));
    assert_eq!(sync.source.types["attributes"], ColumnType::Json);
    assert_eq!(sync.destination.max_events_per_second, Some(1000));
    assert_eq!(sync.mappings[0].trigger.as_deref(), Some("added or updated"));
    let Changes::Column(column) = &sync.source.changes else {
        panic!("{:?}", sync.source.changes)
    };
    let expected = [
        ("I", Some(Change::New)),
        ("1", Some(Change::New)),
        ("D", Some(Change::Deleted)),
        ("X", None),
    ];
    for (value, change) in expected {
        assert_eq!(column.change_of(value), change, "{value}");
    }
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_design() {
    let sync = sync(SYNC);
    assert_eq!(sync.source.format, FormatChoice::Auto);
    assert_eq!(sync.source.complete, Complete::Object);
    assert_eq!(sync.source.rows, Rows::Records);
    assert_eq!(sync.source.changes, Changes::None);
    assert_eq!(sync.destination.region, Region::Us);
    assert!(sync.destination.enabled && sync.mappings[0].enabled);
    assert_eq!(sync.destination.max_events_per_second, None);
    let layout = sync.source.layout(Format::Csv);
    assert_eq!(
        (layout.csv.delimiter, layout.csv.quote, layout.csv.escape),
        (b',', Some(b'"'), None)
    );
    assert!(layout.csv.header);
    assert_eq!(layout.csv.null, ["", "\\N"]);
}

#[test]
fn default_trigger_takes_every_row_but_deletions_and_every_event_of_the_action() {
    let sync = sync(SYNC);
    assert_eq!(sync.mappings[0].trigger_text(Rows::Records), "added or updated");
    assert_eq!(sync.mappings[0].trigger_text(Rows::Events), "type = \"identify\"");
    assert_eq!(sync.mappings[2].trigger_text(Rows::Events), "event = \"new\"");

    let mut index = Index::default();
    let record = index.of("{}").unwrap();
    let trigger = Trigger::parse(&sync.mappings[0].trigger_text(Rows::Records)).unwrap();
    for (change, taken) in [(Change::New, true), (Change::Updated, true), (Change::Deleted, false)] {
        assert_eq!(trigger.matches(&Event::Row { change, record }), taken, "{change:?}");
    }
    let mut index = Index::default();
    let event = Event::Whole(index.of(r#"{"type": "identify"}"#).unwrap());
    let trigger = |place: usize| Trigger::parse(&sync.mappings[place].trigger_text(Rows::Events)).unwrap();
    assert!(trigger(0).matches(&event) && !trigger(1).matches(&event));
}

#[test]
fn write_key_may_be_in_the_environment_of_one_machine() {
    let sync = sync(&SYNC.replace("{secret: backhaul/customers, field: key}", "{env: SEGMENT_WRITE_KEY}"));
    assert_eq!(
        sync.destination.write_key,
        WriteKeySource::Env {
            name: "SEGMENT_WRITE_KEY".into()
        }
    );
}

#[test]
fn csv_without_a_header_and_with_other_characters() {
    let csv = r#"csv: {delimiter: "\t", quote: null, escape: \, header: no-thanks, columns: [customer_id, b], "null": [NULL]}"#;
    let text = SYNC.replace(
        "  id: customer_id",
        &format!("  id: customer_id\n  {csv}").replace("no-thanks", "false"),
    );
    let layout = sync(&text).source.layout(Format::Csv);
    assert_eq!(
        (layout.csv.delimiter, layout.csv.quote, layout.csv.escape),
        (b'\t', None, Some(b'\\'))
    );
    assert_eq!(layout.columns, ["customer_id", "b"]);
    assert_eq!(layout.csv.null, ["NULL"]);
}

#[test]
fn json_is_read_as_the_yaml_it_is() {
    let yaml = sync(WHOLE);
    let json = serde_json::to_string_pretty(&yaml).unwrap();
    assert_eq!(sync(&json), yaml);
    assert_eq!(sync(&json.replace("  ", "\t")), yaml, "indented with tabs");
}

#[test]
fn escapes_of_json_are_read() {
    let json = serde_json::to_string(&sync(SYNC)).unwrap();
    let escaped = json.replace("\"Order\"", r#""a\/b \ud83d\ude00 \u00e9\n""#);
    assert_eq!(
        sync(&escaped).mappings[2].fields.given().unwrap()["event_name"],
        "a/b 😀 é\n"
    );
}

#[test]
fn written_and_read_again_it_is_the_same() {
    for text in [WHOLE, SYNC] {
        let sync = sync(text);
        let json = serde_json::to_string(&sync).unwrap();
        assert_eq!(serde_json::from_str::<Sync>(&json).unwrap(), sync);
    }
}

#[test]
fn aliases_repeat_a_value() {
    let text = SYNC
        .replace(
            "fields: {user_id: x, event_name: Order}",
            "fields: {user_id: &who {\"@path\": $.userId}, event_name: O}",
        )
        .replace(
            "fields: {user_id: x, event_name: Refund}",
            "fields: {user_id: *who, event_name: Refund}",
        );
    let sync = sync(&text);
    assert_eq!(
        sync.mappings[3].fields.given().unwrap()["user_id"],
        json!({"@path": "$.userId"})
    );
    assert_eq!(
        sync.mappings[3].fields.given().unwrap()["user_id"],
        sync.mappings[2].fields.given().unwrap()["user_id"]
    );
}

#[test]
fn values_in_fields_keep_their_types() {
    let fields = "{user_id: 12345678901234567890, properties: {a: 1.5, b: yes, c: no, d: true, e: ~, f: '7', g: [1, x], h: 012}, event_name: Order}";
    let sync = sync(&SYNC.replace("{user_id: x, event_name: Order}", fields));
    let expected = json!({
        "user_id": 12_345_678_901_234_567_890_u64,
        "properties": {"a": 1.5, "b": "yes", "c": "no", "d": true, "e": null, "f": "7", "g": [1, "x"], "h": 12},
        "event_name": "Order",
    });
    assert_eq!(*sync.mappings[2].fields.given().unwrap(), expected);
}

#[test]
fn mapping_that_is_one_directive_is_not_held_to_the_fields() {
    for fields in [
        r#"{"@path": "$.properties"}"#,
        r#"{__segment_internal_directive: {"@merge": {}}, userId: x}"#,
    ] {
        let text = SYNC.replace("fields: {user_id: x, event_name: Order}", &format!("fields: {fields}"));
        let problems = Sync::parse(&text).err().unwrap_or_default();
        assert!(
            !problems
                .iter()
                .any(|p| p.message.contains("not a field") || p.message.contains("missing;")),
            "{problems:?}"
        );
    }
}

#[test]
fn actions_are_those_that_have_work() {
    let mut sync = sync(SYNC);
    assert_eq!(sync.actions(), [Action::Track, Action::Identify]);
    assert_eq!(
        sync.mappings_of(Action::Track)
            .map(|m| m.name.as_str())
            .collect::<Vec<_>>(),
        ["order", "refund"]
    );
    sync.destination.enabled = false;
    assert!(sync.actions().is_empty());
}

#[test]
fn fingerprint_depends_on_the_meaning_only() {
    let (one, same) = (
        sync(WHOLE),
        sync(
            &WHOLE
                .replace("  complete: object\n", "")
                .replace("region: us", "region: 'us'"),
        ),
    );
    assert_eq!(one.fingerprint().unwrap(), same.fingerprint().unwrap());
    assert_eq!(one.fingerprint().unwrap().len(), 32);
    let other = sync(&WHOLE.replace("region: us", "region: eu"));
    assert_ne!(one.fingerprint().unwrap(), other.fingerprint().unwrap());
    assert_eq!(one.mappings[0].fingerprint(), other.mappings[0].fingerprint());
}

#[test]
fn fingerprint_of_a_mapping_is_of_its_calls_and_ignores_trigger_and_the_order_of_keys() {
    let of = |from: &str, to: &str| sync(&WHOLE.replace(from, to)).mappings[0].fingerprint();
    let base = sync(WHOLE).mappings[0].fingerprint();
    let swapped = WHOLE.lines().map(|line| match line.trim_start() {
        line if line.starts_with("user_id:") => r#"      traits: {"@excludeWhenNull": {"@path": "$.properties"}}"#,
        line if line.starts_with("traits:") => r#"      user_id: {"@path": "$.properties.customer_id"}"#,
        _ => line,
    });
    assert_eq!(
        sync(&swapped.collect::<Vec<_>>().join("\n")).mappings[0].fingerprint(),
        base
    );
    assert_eq!(of("added or updated", "added"), base);
    let changes = [
        ("identify-customer", "other"),
        ("$.properties.customer_id", "$.properties.id"),
    ];
    for (from, to) in changes {
        assert_ne!(of(from, to), base, "{from}");
    }
}
