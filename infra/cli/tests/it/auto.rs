//! `fields: auto`, `mappings: auto` and `init`, end to end.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::bench::{Bench, Ran};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

/// A bench whose folder `drop` holds the files of the recipe example.
fn recipe() -> Bench {
    let bench = Bench::new();
    for entry in fs::read_dir(format!("{EXAMPLES}/recipe")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            bench.write(&format!("drop/{name}"), fs::read(&path).unwrap());
        }
    }
    let text = fs::read_to_string(format!("{EXAMPLES}/recipe/recipe.yaml")).unwrap();
    let text = text
        .replace("\"*_*.csv\"", "drop")
        .replace("SEGMENT_WRITE_KEY", "BACKHAUL_TEST_KEY");
    bench.write("sync.yaml", text);
    bench
}

/// Returns the call of each event that was sent, without its message id.
fn calls(bench: &Bench) -> Vec<Value> {
    let mut calls = bench.lines("out/events.jsonl");
    for call in &mut calls {
        let event = call.as_object_mut().unwrap();
        event.retain(|key, _| {
            !matches!(
                key.as_str(),
                "messageId" | "receivedAt" | "sentAt" | "originalTimestamp"
            )
        });
    }
    calls.sort_by_key(ToString::to_string);
    calls
}

fn call<'c>(calls: &'c [Value], kind: &str, key: &str, value: &str) -> &'c Value {
    let fits = |call: &&Value| call["type"] == kind && call.pointer(key).is_some_and(|found| found == value);
    calls
        .iter()
        .find(fits)
        .unwrap_or_else(|| panic!("{kind} {key} {value} in {calls:#?}"))
}

#[test]
fn recipe_files_become_the_calls_that_their_names_say() {
    let bench = recipe();
    let ran = bench.sync();
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert!(
        !ran.said.contains("warning"),
        "every column is recognised: {}",
        ran.said
    );
    let report = ran.json();
    assert_eq!(report["rows"], 8);
    let rows: Vec<(&str, u64, u64)> = report["mappings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mapping| {
            let accounted = ["sent", "filtered", "rejected"].map(|fate| mapping[fate].as_u64().unwrap());
            assert_eq!(mapping["rows"], accounted.iter().sum::<u64>());
            (
                mapping["name"].as_str().unwrap(),
                mapping["rows"].as_u64().unwrap(),
                accounted[0],
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("track", 3, 3),
            ("identify", 2, 2),
            ("group", 1, 1),
            ("page", 1, 1),
            ("screen", 1, 1)
        ]
    );
    assert_eq!(report["jobs"], json!({"planned": 5, "done": 5, "failed": 0}));
    assert_eq!(calls(&bench).len(), 8);
}

#[test]
fn recipe_columns_become_the_fields_that_they_name() {
    let bench = recipe();
    assert_eq!(bench.sync().status, 0);
    let calls = calls(&bench);
    let ada = call(&calls, "identify", "/userId", "u-1");
    assert_eq!(
        ada["traits"],
        json!({"name": "Ada Lovelace", "email": "ada@example.com", "plan": "pro", "address": {"city": "London"}})
    );
    assert_eq!(ada["context"]["ip"], "203.0.113.5");
    let grace = call(&calls, "identify", "/userId", "u-2");
    assert_eq!(
        (&grace["traits"]["plan"], grace["context"].get("ip")),
        (&Value::Null, None)
    );
    let order = call(&calls, "track", "/properties/orderId", "o-100");
    assert_eq!(
        (&order["event"], &order["properties"]["total"]),
        (&json!("Order Completed"), &json!(59.90))
    );
    assert_eq!(
        order["properties"]["products"],
        json!([{"sku": "SKU-1"}, {"sku": "SKU-7"}])
    );
    let other = call(&calls, "track", "/properties/orderId", "o-101");
    assert_eq!(other["properties"]["products"], json!([{"sku": "SKU-3"}]));
    assert!(
        other["context"].get("device").is_none(),
        "no `{{}}` for a device without id"
    );
    let group = call(&calls, "group", "/groupId", "g-1");
    assert_eq!(
        (&group["userId"], &group["traits"]["employees"]),
        (&json!("u-1"), &json!(12))
    );
    let page = call(&calls, "page", "/anonymousId", "a-9");
    assert_eq!(
        page["properties"],
        json!({"name": "Pricing", "category": "Marketing", "url": "https://example.com/pricing"})
    );
    let screen = call(&calls, "screen", "/name", "Home");
    assert_eq!(screen["context"]["app"], json!({"version": "4.2.0"}));
}

#[test]
fn file_that_no_mapping_is_for_is_named_and_does_not_hold_up_the_others() {
    let bench = recipe();
    bench.write("drop/alias_1.csv", "previousId,userId\na,b\n");
    bench.write("drop/notes.csv", "a\nb\n");
    let ran = bench.sync();
    assert_eq!((ran.status, &ran.json()["rows"]), (0, &json!(8)), "{}", ran.said);
    assert!(
        ran.said.contains("alias calls are not among the five actions"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("notes.csv"), "{}", ran.said);
    bench.edit("extract: drop", "extract: drop/alias_1.csv");
    let alone = bench.sync();
    assert_eq!(alone.status, 2, "{}", alone.said);
    assert!(alone.said.contains("alias_1.csv"), "{}", alone.said);
    // Nobody has taken it: once a mapping is for it, it is sent.
    bench.edit(
        "mappings: auto",
        "mappings: [{name: a, action: identify, files: alias_*, fields: auto}]",
    );
    assert_eq!(bench.sync().json()["mappings"][0]["sent"], 1);
}

#[test]
fn columns_that_nothing_takes_are_named() {
    let bench = Bench::new();
    bench.write("users.csv", "id,user_id,userId,name,traits.age\n1,1,x,Ada,36\n");
    let text = fs::read_to_string(bench.path("sync.yaml")).unwrap();
    let (head, _) = text.split_once("    fields:").unwrap();
    bench.write("sync.yaml", head.replace("age", "traits.age") + "    fields: auto\n");
    for words in [
        &["validate", "sync.yaml"][..],
        &["test", "sync.yaml"],
        &["sync", "sync.yaml", "--sink", "out"],
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.status, 0, "{}", ran.said);
        let unknown =
            "no field of identify has the name of column `name`, so it is not sent; call it `traits.name` to send it";
        assert!(ran.said.contains(unknown), "{words:?}: {}", ran.said);
        assert!(
            ran.said
                .contains("column `userId` is not used, since column `user_id` gives `user_id` already"),
            "{}",
            ran.said
        );
    }
    assert_eq!(calls(&bench)[0]["traits"], json!({"age": 36}));
}

#[test]
fn events_map_themselves_by_their_type() {
    let bench = Bench::new();
    let events = [
        json!({"type": "track", "userId": "u", "event": "E", "properties": {"a": 1}, "messageId": "m-1",
            "context": {"ip": "1.2.3.4", "library": {"name": "x"}, "traits": {"t": 2}}, "timestamp": "2026-01-01T00:00:00Z"}),
        json!({"type": "identify", "userId": "u", "traits": {"b": 2}}),
    ];
    bench.write("events.jsonl", events.map(|event| event.to_string()).join("\n"));
    bench.write(
        "sync.yaml",
        "{sync: e, source: {extract: events.jsonl, rows: events}, destination: {write_key: {env: BACKHAUL_TEST_KEY}}, mappings: auto}",
    );
    let ran = bench.sync();
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert_eq!(bench.lines("out/events.jsonl").len(), 2);
    let calls = calls(&bench);
    let track = call(&calls, "track", "/event", "E");
    assert_eq!(
        (&track["properties"], &track["context"]["ip"]),
        (&json!({"a": 1}), &json!("1.2.3.4"))
    );
    assert_eq!(track["context"]["traits"], json!({"t": 2}));
}

/// Drafts a document for `extract`, checks it, and tests it on the extract at once.
fn drafted(bench: &Bench, extract: &str) -> (String, Vec<Value>) {
    let ran = bench.run(&["init", extract, "--output", "draft.yaml", "--force"]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    let text = fs::read_to_string(bench.path("draft.yaml")).unwrap();
    let valid = bench.run(&["validate", "draft.yaml"]);
    assert_eq!(valid.status, 0, "{}\n{text}", valid.out);
    assert!(!valid.said.contains("every row is rejected"), "{}\n{text}", valid.said);
    let rows = if bench.path(extract).is_dir() {
        None
    } else {
        Some(["--rows", extract])
    };
    let mut words = vec!["--json", "test", "draft.yaml"];
    words.extend(rows.iter().flatten());
    let Ran { status, out, said } = bench.run(&words);
    assert_eq!(status, 0, "{out}\n{said}\n{text}");
    let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        !answers.is_empty() && answers.iter().all(|answer| answer.get("event").is_some()),
        "{out}\n{text}"
    );
    (text, answers)
}

#[test]
fn drafts_of_the_examples_work_at_once() {
    let bench = Bench::new();
    for (file, action) in [
        ("customers.csv", "identify"),
        ("customers.jsonl", "identify"),
        ("orders.csv", "track"),
        ("orders.jsonl", "track"),
    ] {
        bench.write(file, fs::read(format!("{EXAMPLES}/tpch/{file}")).unwrap());
        let (text, answers) = drafted(&bench, file);
        assert!(text.contains(&format!("action: {action}")), "{file}: {text}");
        assert!(
            text.contains("user_id: {\"@path\": \"$.properties.customer_id\"}"),
            "{text}"
        );
        assert_eq!(answers[0]["event"]["type"], action);
    }
    let (text, answers) = drafted(&bench, "customers.csv");
    assert!(text.contains("  id: customer_id"), "{text}");
    assert!(
        text.contains("account_balance: number") && text.contains("has_ordered: boolean"),
        "{text}"
    );
    assert_eq!(answers[0]["event"]["traits"]["account_balance"], 711.56);
    let (text, answers) = drafted(&bench, "orders.csv");
    assert!(text.contains("  id: order_id"), "{text}");
    assert_eq!(answers[0]["event"]["event"], "Orders");
    assert_eq!(answers[0]["event"]["timestamp"], "1996-01-02T00:00:00Z");
}

#[test]
fn drafts_of_recipe_files_need_no_mapping() {
    let bench = recipe();
    let (text, _) = drafted(&bench, "drop");
    assert!(
        text.contains("mappings: auto") && text.contains("properties.total: number"),
        "{text}"
    );
    for file in ["identify", "track", "group", "page", "screen"] {
        let (text, answers) = drafted(&bench, &format!("drop/{file}_2026-01-05.csv"));
        assert!(text.contains("mappings: auto"), "{text}");
        assert_eq!(answers[0]["event"]["type"], file);
    }
}

#[test]
fn draft_tells_dialect_types_and_changes() {
    let bench = Bench::new();
    bench.write(
        "people-2026.csv",
        "user_id;zip;mrr;big;active;extra;op;note\n1;01234;12.5;12345678901234567890;true;{\"a\":1};I;NULL\n2;56789;7;1;false;[];U;x, y\n",
    );
    let (text, answers) = drafted(&bench, "people-2026.csv");
    for line in [
        "sync: people-2026",
        "delimiter: \";\"",
        "\"null\": [\"\", \"\\\\N\", \"NULL\"]",
        "  id: user_id",
        "# changes: {column: op, new: [I], updated: [U]}",
        "zip: string",
        "has leading zeros",
        "mrr: number",
        "big: string",
        "active: boolean",
        "extra: json",
        "# not sent: op: ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(
        answers[0]["event"]["traits"],
        json!({"zip": "01234", "mrr": 12.5, "big": "12345678901234567890", "active": true, "extra": {"a": 1}, "note": null})
    );
}

#[test]
fn draft_remarks_on_times_that_segment_does_not_take() {
    let bench = Bench::new();
    bench.write("track_1.csv", "userId,event,timestamp\nu,e,1557606747\n");
    bench.write("seen.csv", "user_id,event,timestamp\nu,e,1557606747\n");
    for file in ["track_1.csv", "seen.csv"] {
        let (text, _) = drafted(&bench, file);
        assert!(text.contains("# timestamp: not all of its values are times"), "{text}");
    }
}

#[test]
fn draft_of_odd_columns_is_valid_all_the_same() {
    let bench = Bench::new();
    for (file, text) in [
        ("1.csv", "1,Ada\n2,Grace\n"),
        ("odd.csv", "\"a b\",\"x[0]\",no,\"q\"\"uote\",é,true\n1,2,3,4,5,6\n"),
        (
            "teams.jsonl",
            "{\"team_id\":\"t\",\"members\":3,\"tags\":[\"a\"]}\n{\"team_id\":\"u\"}\n",
        ),
        ("views.csv", "page_name,anonymous_id,url\nHome,a,https://example.com\n"),
        (
            "deep.jsonl",
            "{\"userId\":\"u\",\"traits\":{\"plan\":\"pro\"},\"context\":{\"ip\":\"1.1.1.1\"}}\n",
        ),
        ("dotted.csv", "userId,traits.plan,email\nu,pro,e@example.com\n"),
        ("quoted.csv", "id,text\n1,\"two\nlines, and more\"\n2,x\n"),
    ] {
        bench.write(file, text);
        let ran = bench.run(&["init", file, "--output", "draft.yaml", "--force"]);
        let draft = fs::read_to_string(bench.path("draft.yaml")).unwrap();
        assert_eq!(ran.status, 0, "{}", ran.said);
        drafted(&bench, file);
        assert!(!draft.contains('\u{0}'));
    }
}

#[test]
fn compressed_files_are_drafted_from_their_text() {
    let bench = Bench::new();
    let text = fs::read(format!("{EXAMPLES}/tpch/customers.csv")).unwrap();
    bench.write("customers.csv", &text);
    bench.write("customers.csv.zst", zstd::encode_all(&text[..], 3).unwrap());
    let (plain, calls) = drafted(&bench, "customers.csv");
    let (packed, of_packed) = drafted(&bench, "customers.csv.zst");
    // The comments behind a longer name begin further right.
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&packed.replace(".csv.zst", ".csv")), words(&plain));
    assert_eq!(of_packed, calls);
}

#[test]
fn every_action_can_be_asked_for() {
    let bench = Bench::new();
    let words = [
        "init",
        "users.csv",
        "--action",
        "track",
        "--action",
        "group",
        "--action",
        "page",
    ];
    let ran = bench.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.said);
    bench.write("draft.yaml", &ran.out);
    assert_eq!(bench.run(&["validate", "draft.yaml"]).status, 0, "{}", ran.out);
    let test = bench.run(&["--json", "test", "draft.yaml"]);
    assert_eq!(
        (test.status, test.out.lines().count()),
        (0, 6),
        "{}{}",
        test.out,
        ran.out
    );
    let json = bench.run(&["--json", "init", "users.csv"]).json();
    assert!(
        json["document"]
            .as_str()
            .unwrap()
            .starts_with("# Drafted from 2 rows of users.csv.")
    );
}

#[test]
fn nothing_is_overwritten_unless_it_is_forced() {
    let bench = Bench::new();
    let before = fs::read(bench.path("sync.yaml")).unwrap();
    let refused = bench.run(&["init", "users.csv", "--output", "sync.yaml"]);
    assert_eq!(refused.status, 2);
    assert!(refused.said.contains("--force"), "{}", refused.said);
    assert_eq!(fs::read(bench.path("sync.yaml")).unwrap(), before);
    bench.run(&["init", "users.csv", "--output", "sync.yaml", "--force"]);
    assert_ne!(fs::read(bench.path("sync.yaml")).unwrap(), before);
    bench.write("empty.csv", "");
    assert_eq!(bench.run(&["init", "empty.csv"]).status, 2);
    assert!(Path::new(EXAMPLES).is_dir());
}

#[test]
fn drafted_document_finds_its_extract_from_another_folder() {
    let bench = Bench::new();
    bench.write("syncs/keep", "");
    let ran = bench.run(&["init", "users.csv", "--output", "syncs/users.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    assert_eq!(bench.run(&["test", "syncs/users.yaml"]).status, 0);
}
