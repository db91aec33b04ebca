//! The commands that send nothing.

use std::io::{BufRead, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::bench::{Bench, Ran};

#[test]
fn valid_document_is_said_to_be() {
    let ran = Bench::new().run(&["--json", "validate", "sync.yaml"]);
    assert_eq!((ran.status, ran.json()), (0, json!({"valid": true, "problems": []})));
}

#[test]
fn example_documents_are_valid() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    for document in [
        "every-key.yaml",
        "recipe/recipe.yaml",
        "tpch/customers.yaml",
        "tpch/orders.yaml",
    ] {
        let ran = Bench::new().run(&["validate", &format!("{examples}/{document}")]);
        assert_eq!(ran.status, 0, "{}", ran.out);
    }
}

#[test]
fn test_answers_once_for_each_row_and_mapping() {
    let bench = Bench::new();
    bench.edit(
        "    fields:\n",
        "    trigger: event = \"new\" and properties.age >= 40\n    fields:\n",
    );
    bench.write("rows.csv", "id,name,age\n1,Ada,36\n2,Grace,45\n3,Barbara,x\n");
    let ran = bench.run(&["--json", "test", "sync.yaml", "--rows", "rows.csv"]);
    assert_eq!(ran.status, 1, "{}", ran.said);
    let answers: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let why =
        "the trigger `event = \"new\" and properties.age >= 40` does not match: event is \"new\", properties.age is 36";
    assert_eq!(
        answers[0],
        json!({"row": 0, "mapping": "identify-user", "filtered": true, "why": why})
    );
    assert_eq!(answers[1]["event"]["userId"], "2");
    assert_eq!(
        answers[1]["event"]["traits"],
        json!({"id": "2", "name": "Grace", "age": 45})
    );
    let call = answers[1]["event"].to_string();
    assert_eq!(answers[1]["bytes"], call.len());
    let rejected = &answers[2]["rejected"];
    assert_eq!(
        (&rejected["code"], &rejected["field"]),
        (&json!("bad_value"), &json!("age"))
    );
    assert!(
        rejected["remedy"]
            .as_str()
            .is_some_and(|remedy| remedy.contains("source.types"))
    );
    assert_eq!(answers.len(), 3);
}

#[test]
fn test_stops_after_the_rows_asked_for() {
    let bench = Bench::new();
    let ran = bench.run(&["--json", "test", "sync.yaml", "--rows", "users.csv", "-n", "1"]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 1));
}

#[test]
fn test_without_rows_takes_the_newest_extract() {
    let bench = Bench::new();
    bench.edit("users.csv", "unloads/");
    let hour = std::time::Duration::from_hours(1);
    for (name, age) in [("a.csv", 2), ("b.csv", 1), ("c.csv", 3)] {
        bench.write(&format!("unloads/{name}"), format!("id,name,age\n{name},Ada,36\n"));
        let file = std::fs::File::options()
            .append(true)
            .open(bench.path(&format!("unloads/{name}")))
            .unwrap();
        file.set_modified(std::time::SystemTime::now() - hour * age).unwrap();
    }
    let ran = bench.run(&["--json", "test", "sync.yaml"]);
    assert_eq!(
        (ran.status, ran.json()["event"]["userId"].clone()),
        (0, json!("b.csv")),
        "{}",
        ran.said
    );
}

#[test]
fn test_shows_the_call_beside_the_row_without_colours_where_nobody_sees_them() {
    let bench = Bench::new();
    bench.write("rows.csv", "id,name,age\n1,Ada,36\n,Grace,45\n");
    let ran = bench.run(&["test", "sync.yaml", "--rows", "rows.csv"]);
    assert_eq!(ran.status, 1);
    for part in [
        "row 1 × identify-user: would be sent",
        "│ age   36",
        "┆   \"userId\": \"1\",",
        "of 32000 bytes",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    for part in [
        "row 2 × identify-user: rejected",
        "rejected: record_null_id",
        "field:  id",
        "remedy: unload the column",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'));
    assert!(
        ran.said
            .contains("2 rows of rows.csv: 1 would be sent, 0 filtered, 1 rejected; nothing was sent"),
        "{}",
        ran.said
    );
}

#[test]
fn eval_goes_on_after_lines_it_cannot_evaluate() {
    let bench = Bench::new();
    let mut command = bench.command(&["eval", "mapping"]);
    let pipes = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let lines = b"{\"id\":1,\"mapping\":{\"a\":1}}\n{\"id\":\n\n{\"id\":2}\n\xff\n{\"id\":3,\"mapping\":{\"a\":1}}";
    child.stdin.take().unwrap().write_all(lines).unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    let answers: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers[0], json!({"id": 1, "output": {"a": 1}}));
    assert!(answers[1]["error"].as_str().unwrap().starts_with("line 2: JSON ends"));
    assert_eq!(
        answers[2],
        json!({"id": 2, "error": "line 4: `mapping` should be a mapping"})
    );
    assert!(answers[3]["error"].as_str().unwrap().starts_with("line 5: not UTF-8"));
    assert_eq!(answers[4], json!({"id": 3, "output": {"a": 1}}));
    assert_eq!((answers.len(), ran.status), (5, 1));
}

#[test]
fn eval_answers_before_the_next_line() {
    let bench = Bench::new();
    let mut command = bench.command(&["eval", "mapping"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut asked = child.stdin.take().unwrap();
    let mut answers = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    for id in 1..=3 {
        writeln!(asked, "{}", json!({"id": id, "mapping": {}})).unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer, json!({"id": id, "output": {}}));
    }
    drop(asked);
    assert!(child.wait().unwrap().success());
}

#[test]
fn eval_answers_line_by_line() {
    let bench = Bench::new();
    let eval = |mode: &str, input: Value| -> Value {
        let mut command = bench.command(&["eval", mode]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(format!("{input}\n").as_bytes())
            .unwrap();
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!(ran.status, 0);
        ran.json()
    };
    let mapping = json!({"id": "m", "mapping": {"a": {"@path": "$.b"}}, "input": {"b": 1}});
    assert_eq!(eval("mapping", mapping), json!({"id": "m", "output": {"a": 1}}));
    let fql = json!({"id": "f", "fql": "type = \"track\"", "event": {"type": "track"}});
    assert_eq!(
        eval("fql", fql),
        json!({"id": "f", "match": true, "parse_error": false})
    );
    let action = json!({"id": "a", "action": "sendGroup", "mapping": {}, "event": {}});
    assert_eq!(
        eval("action", action)["error"]["message"],
        "The root value is missing the required field 'group_id'."
    );
}

#[test]
fn test_says_where_a_damaged_extract_ends() {
    let bench = Bench::new();
    let lines = |count: u32| {
        (0..count).fold(String::new(), |text, id| {
            format!("{text}{{\"id\":{id},\"x\":{}}}\n", id * 7_919 % 997)
        })
    };
    let whole = zstd::encode_all(lines(20_000).as_bytes(), 3).unwrap();
    bench.write("rows.jsonl.zst", &whole[..whole.len() / 2]);
    bench.edit("  types: {age: number}\n", "");
    let few = bench.run(&["--json", "test", "sync.yaml", "--rows", "rows.jsonl.zst", "-n", "3"]);
    assert_eq!((few.status, few.out.lines().count()), (0, 3), "{}", few.said);
    let all = bench.run(&["--json", "test", "sync.yaml", "--rows", "rows.jsonl.zst", "-n", "20000"]);
    assert_eq!(all.status, 2);
    assert!(all.said.contains("it ends too early"), "{}", all.said);
}
