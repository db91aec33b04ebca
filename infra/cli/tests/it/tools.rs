//! The commands that send nothing.

use std::io::Write;
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
    for document in ["every-key.yaml", "tpch/customers.yaml", "tpch/orders.yaml"] {
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
    assert_eq!(
        answers[0],
        json!({"row": 0, "mapping": "identify-user", "filtered": true})
    );
    assert_eq!(answers[1]["event"]["userId"], "2");
    assert_eq!(
        answers[1]["event"]["traits"],
        json!({"id": "2", "name": "Grace", "age": 45})
    );
    assert_eq!(answers[2]["rejected"]["code"], "bad_value");
    assert_eq!(answers.len(), 3);
}

#[test]
fn test_stops_after_the_rows_asked_for() {
    let bench = Bench::new();
    let ran = bench.run(&["--json", "test", "sync.yaml", "--rows", "users.csv", "-n", "1"]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 1));
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
