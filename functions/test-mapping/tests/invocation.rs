//! The function's binary under Lambda's Runtime API, over S3.

use std::time::Duration;

use serde_json::{Value, json};
use support::{Answer, S3Server, invoke, invoke_with};

const BINARY: &str = env!("CARGO_BIN_EXE_test-mapping");

const CUSTOMERS: &str = include_str!("../../../infra/examples/tpch/customers.yaml");

const USERS: &str = r#"
sync: users
source: {extract: s3://backhaul-test/extracts/users/, id: id}
destination: {write_key: {secret: test}}
mappings:
  - name: identify
    action: identify
    fields: {user_id: {"@path": $.properties.id}, traits: {plan: {"@path": $.properties.plan}}}
"#;

#[test]
fn given_rows_go_through_a_given_document() {
    let event = json!({"sync": CUSTOMERS, "rows": [{"customer_id": "7", "nation_id": "1"}, {"customer_id": "8"}]});
    let Answer::Response(answer) = invoke(BINARY, &event).unwrap() else {
        panic!("an error")
    };
    assert_eq!(answer["answers"][0]["event"]["userId"], "7");
    assert_eq!(answer["answers"].as_array().map(Vec::len), Some(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_named_alone_is_tested_on_its_newest_extract() {
    let s3 = S3Server::start().await.unwrap();
    s3.write("backhaul-test", "syncs/users.yaml", USERS, Duration::ZERO)
        .unwrap();
    for (name, id, hours) in [("older.csv", 1, 2), ("newest.csv", 2, 1), ("oldest.csv", 3, 3)] {
        let rows = format!("id,plan\n{id}1,free\n{id}2,pro\n{id}3,pro\n");
        let age = Duration::from_hours(hours);
        s3.write("backhaul-test", &format!("extracts/users/{name}"), rows, age)
            .unwrap();
    }
    let ask = |event: Value| {
        let url = s3.url();
        tokio::task::spawn_blocking(move || {
            let variables = [
                ("AWS_ENDPOINT_URL", url.as_str()),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ];
            invoke_with(BINARY, &variables, &event).unwrap()
        })
    };
    let answer = match ask(json!({"sync": "users", "n": 2})).await.unwrap() {
        Answer::Response(answer) => answer,
        Answer::Error(name) => panic!("{name}"),
    };
    let answers = answer["answers"].as_array().unwrap();
    let users: Vec<&Value> = answers.iter().map(|answer| &answer["event"]["userId"]).collect();
    assert_eq!(users, ["21", "22"]);
    assert_eq!(
        ask(json!({"sync": "orders"})).await.unwrap(),
        Answer::Error("BadSync".into())
    );
}

#[test]
fn what_cannot_be_tested_is_an_error_with_a_name() {
    for (event, name) in [
        (json!({"rows": []}), "BadEvent"),
        (json!({"sync": CUSTOMERS, "rows": [], "n": 1}), "BadEvent"),
        (json!({"sync": CUSTOMERS, "n": 101}), "BadEvent"),
        (json!({"sync": "sync: [", "rows": []}), "BadSync"),
        // Files of the function's own machine are nobody's extract.
        (
            json!({"sync": CUSTOMERS.replace("customers.csv", "/proc/self/environ")}),
            "BadEvent",
        ),
    ] {
        assert_eq!(invoke(BINARY, &event).unwrap(), Answer::Error(name.into()), "{event}");
    }
}
