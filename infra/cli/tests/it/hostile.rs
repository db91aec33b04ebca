//! Extracts and documents that mean harm do none: they are read as what they are, or refused in a few words.

use std::fmt::Write;
use std::time::Duration;

use support::S3Server;

use crate::bench::{Bench, Ran, SYNC};

/// Clears the screen, sets the window's title, hides what comes next, turns the line around, and begins another.
const ACTING: &str = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[8m\u{9b}1mb\u{202e}c\u{8}";

/// Most bytes of what a command says about one fault, however long what is wrong.
const SAID: usize = 4_000;

/// Runs a command as at a terminal that shows colours.
fn run(bench: &Bench, words: &[&str]) -> Ran {
    Ran::of(
        &bench
            .command(words)
            .env("CLICOLOR_FORCE", "1")
            .env("RUST_LOG", "debug")
            .output()
            .unwrap(),
    )
}

/// Returns a text without the colours that the program itself and its logs have.
fn without_colours(text: &str) -> String {
    let colours = [0, 1, 2, 3, 31, 32, 33, 34, 35].map(|code| format!("\u{1b}[{code}m"));
    colours
        .iter()
        .fold(text.to_owned(), |text, colour| text.replace(colour, ""))
}

fn assert_tame(words: &[&str], ran: &Ran) {
    for text in [&ran.out, &ran.said] {
        let text = without_colours(text);
        let acting = text
            .chars()
            .find(|&character| platform::acts(character) && !matches!(character, '\n' | '\t'));
        assert_eq!(acting, None, "{words:?}: {text}");
    }
}

#[test]
fn keys_columns_and_values_do_nothing_to_a_terminal() {
    let bench = Bench::new();
    let (column, value) = (format!("x{ACTING}"), format!("v{ACTING}"));
    // Without its line break a name is one that a row can have, too.
    let object = format!("in/{ACTING}\nforged.csv");
    bench.write(
        &object,
        format!("id,{column},age\n1,{value},1\n2,{value},{value}\n{value}\n"),
    );
    bench.write("in/plain.csv", format!("{column},other\n1,2\n"));
    bench.edit("users.csv", "in");
    let escaped: Vec<String> = ACTING
        .chars()
        .map(|character| format!("\\U{:08x}", u32::from(character)))
        .collect();
    bench.write(
        "named.yaml",
        SYNC.replace("identify-user", &format!("\"identify {}\"", escaped.concat())),
    );
    for words in [
        vec!["validate", "named.yaml"],
        vec!["validate", "sync.yaml"],
        vec!["check", "sync.yaml", "--settings-url", "http://127.0.0.1:9"],
        vec!["estimate", "sync.yaml"],
        vec!["test", "sync.yaml", "--rows", &object],
        vec!["init", &object],
        vec!["sync", "sync.yaml", "--sink", "out"],
        vec!["--json", "test", "sync.yaml", "--rows", &object],
        vec!["--json", "sync", "sync.yaml", "--sink", "out"],
        vec!["status"],
        vec!["report", "latest"],
        vec!["--json", "report", "latest"],
        vec!["retry", "latest", "--document", "sync.yaml", "--sink", "out"],
    ] {
        assert_tame(&words, &run(&bench, &words));
    }
    let report = run(&bench, &["report", "latest"]).out;
    assert!(
        report.contains("rejected in/a\\u{1b}[2J") && report.contains("\\u{a}forged.csv row 2"),
        "{report}"
    );
}

#[test]
fn document_that_grows_by_repeating_itself_is_refused() {
    let bench = Bench::new();
    let mut laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(laughs, "a{level}: &a{level} [{items}]");
    }
    let deep = format!("a: {}", "[".repeat(100_000));
    let indented: Vec<String> = (0..5_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for text in [laughs, deep, indented.concat(), "a: &a [*a]\n".to_owned()] {
        bench.write("sync.yaml", format!("{SYNC}{text}"));
        for command in ["validate", "sync"] {
            let ran = bench.run(&[command, "sync.yaml"]);
            assert_eq!(ran.status, 2, "{}", ran.said);
            assert!(
                ran.out.len() + ran.said.len() < SAID,
                "{} bytes are said",
                ran.said.len()
            );
        }
    }
}

/// Names of so many columns.
fn columns(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|number| format!("column_{number}")).collect();
    names.join(",")
}

/// Files of bad shapes: their names, contents, and the exit status of a run over each.
fn shapes() -> Vec<(&'static str, String, i32)> {
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        format!("{{\"id\": 1, \"a\": {open}1{close}}}\n")
    };
    let keys: Vec<String> = (0..50_000).map(|key| format!(",\"{key}\":1")).collect();
    let name = |bytes: usize| "n".repeat(bytes);
    vec![
        ("long name.csv", format!("id,{}\n1,2\n", name(1 << 20)), 2),
        ("long names.csv", format!("id,age,{}\n1,2\n", name(500_000)), 2),
        ("many columns.csv", format!("id,age,{}\n1\n", columns(100_000)), 2),
        ("no id.csv", format!("age,{}\n1\n", columns(9_000)), 2),
        ("no age.csv", format!("id,{}\n1\n", columns(9_000)), 2),
        ("wide.csv", format!("id,age,{}\n1\n", columns(9_000)), 1),
        (
            "long cell.csv",
            format!("id,name,age\n1,{},1\n2,b,2\n", name(3 << 20)),
            1,
        ),
        (
            "quotes.csv",
            format!("id,name,age\n1,{},1\n", "\"".repeat(1_000_001)),
            1,
        ),
        ("nuls.csv", format!("id,name,age\n1,{},1\n", "\0".repeat(1_000)), 0),
        ("deep lists.jsonl", deep("[", "]"), 1),
        ("deep objects.jsonl", deep("{\"a\":", "}"), 1),
        (
            "long key.jsonl",
            format!("{{\"id\": 1, \"{}\": 1}}\n", name(100_000)),
            1,
        ),
        ("many keys.jsonl", format!("{{\"id\": 1{}}}\n", keys.concat()), 1),
        ("long number.jsonl", format!("{{\"id\": 1{}}}\n", "0".repeat(50_000)), 1),
    ]
}

#[test]
fn extract_of_any_shape_is_read_or_refused_in_a_few_words() {
    for (name, content, status) in shapes() {
        let bench = Bench::new();
        bench.edit("users.csv", "in");
        bench.write(&format!("in/{name}"), &content);
        for command in [vec!["sync", "sync.yaml", "--sink", "out"], vec!["report", "latest"]] {
            let ran = bench.run(&command);
            let is_there = command[0] == "sync" || status < 2;
            assert!(!is_there || ran.status == status, "{name}: {} {}", ran.status, ran.said);
            assert!(
                ran.out.len() + ran.said.len() < SAID,
                "{name}: {} bytes are said",
                ran.said.len()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_a_bucket_lead_nowhere_on_this_machine() {
    let (bench, s3) = (Bench::new(), S3Server::start().await.unwrap());
    bench.edit("users.csv", "s3://acme/in/");
    // What a bucket may hold, and a machine's file system would understand: they are names like others.
    for key in [
        "in/%2e%2e/a.csv",
        "in/b...csv",
        "in/~/c.csv",
        "in/a\\..\\b.csv",
        "in/$(touch x).csv",
        "in/-rf.csv",
    ] {
        s3.write("acme", key, "id,name,age\n1,a,2\n", Duration::ZERO).unwrap();
    }
    let ran = bench.run_with(
        &s3,
        &["--json", "sync", "sync.yaml", "--sink", "out", "--state", "state"],
    );
    assert_eq!((ran.status, &ran.json()["rows"]), (0, &6.into()), "{}", ran.said);
    let left: Vec<String> = std::fs::read_dir(bench.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        left.len(),
        4,
        "beside document, extract, sink and state nothing is written: {left:?}"
    );
}
