//! `estimate`: what a run would send, held to what one sends.

use serde_json::Value;

use crate::bench::Bench;

fn estimate(bench: &Bench, more: &[&str]) -> Value {
    let ran = bench.run(&[&["--json", "estimate", "sync.yaml"][..], more].concat());
    assert_eq!(ran.status, 0, "{}", ran.said);
    ran.json()
}

/// A bench with `count` users, every fifth of them with an age that is no number.
fn users(count: usize) -> Bench {
    let bench = Bench::new();
    let rows: Vec<String> = (0..count)
        .map(|id| format!("{},\"user {id}\",{}\n", id % 700, if id % 5 == 0 { "x" } else { "1" }))
        .collect();
    bench.write("users.csv", format!("id,name,age\n{}", rows.concat()));
    bench
}

#[test]
fn estimate_of_a_whole_extract_is_what_the_run_then_reports() {
    let bench = users(4_000);
    let estimate = estimate(&bench, &[]);
    let report = bench.sync().json();
    for name in ["rows", "api_calls", "users", "requests"] {
        assert_eq!(estimate[name], report[name], "{name}");
    }
    for name in ["rows", "sent", "filtered", "rejected"] {
        assert_eq!(estimate["mappings"][0][name], report["mappings"][0][name], "{name}");
    }
    assert_eq!(estimate["jobs"], report["jobs"]["planned"]);
    assert_eq!(estimate["basis"]["whole"], true);
    // The sink's write key is shorter than Segment's.
    let (json, sent) = (
        estimate["bytes"]["json"].as_u64().unwrap(),
        report["bytes"]["json"].as_u64().unwrap(),
    );
    assert!(json.abs_diff(sent) < 100, "{json} {sent}");
    assert_eq!(estimate["seconds"], 3.2);
    assert!(bench.lines("out/events.jsonl").len() == 3_200);
}

#[test]
fn sample_of_a_large_extract_is_said_to_be_one_and_comes_close() {
    let bench = users(40_000);
    let whole = estimate(&bench, &[]);
    let sample = estimate(&bench, &["--sample-bytes", "100000"]);
    assert_eq!(sample["basis"]["whole"], false);
    assert!(sample["basis"]["rows"].as_u64().unwrap() < 20_000, "{sample}");
    for name in ["rows", "api_calls"] {
        let [sample, whole] = [&sample, &whole].map(|estimate| estimate[name].as_f64().unwrap());
        assert!((sample / whole - 1.0).abs() < 0.05, "{name}: {sample} {whole}");
    }
    let text = bench.run(&["estimate", "sync.yaml", "--sample-bytes", "100000"]).out;
    assert!(text.contains("a sample was mapped"), "{text}");
}

#[test]
fn bill_adds_up_and_shows_its_prices_formulas_and_assumptions() {
    let bench = users(1_000);
    let answer = estimate(&bench, &["--senders", "2", "--sender-memory", "1024"]);
    let items = answer["aws"]["items"].as_array().unwrap();
    let mut sum = 0.0;
    for item in items {
        let [quantity, price, dollars] =
            [&item["quantity"], &item["price"]["dollars"], &item["dollars"]].map(|number| number.as_f64().unwrap());
        assert!((quantity * price - dollars).abs() < 1e-12, "{item}");
        sum += dollars;
    }
    assert!((answer["aws"]["dollars_per_run"].as_f64().unwrap() - sum).abs() < 1e-12);
    // 800 calls at half of 1,000 a second, and the overhead of one job, at 1 GB.
    assert!(
        (items[0]["quantity"].as_f64().unwrap() - 1.9).abs() < 1e-9,
        "{}",
        items[0]
    );
    let text = bench.run(&["estimate", "sync.yaml"]).out;
    for part in [
        "800 API calls",
        "upper bound of the monthly tracked users",
        "aws.amazon.com/lambda/pricing",
        "us-east-1",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!bench.path(".backhaul").exists());
}

#[test]
fn rate_of_the_sync_and_several_objects_count() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: drop/");
    bench.edit("  write_key:", "  max_events_per_second: 10\n  write_key:");
    for name in ["a", "b", "c"] {
        bench.write(&format!("drop/{name}.csv"), "id,name,age\n1,Ada,36\n2,Grace,45\n");
    }
    let answer = estimate(&bench, &[]);
    assert_eq!(
        (&answer["jobs"], &answer["requests"], &answer["users"]),
        (&3.into(), &3.into(), &2.into())
    );
    assert_eq!(answer["seconds"], 0.6);
    assert_eq!(answer["basis"]["of_objects"], 3);
}
