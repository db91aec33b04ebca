//! The function's binary under Lambda's Runtime API.

use serde_json::json;
use support::{Answer, invoke};

const BINARY: &str = env!("CARGO_BIN_EXE_test-mapping");

#[test]
fn starts_and_answers_an_event() {
    let sync = include_str!("../../../infra/examples/tpch/customers.yaml");
    let event = json!({"sync": sync, "rows": [{"customer_id": "7", "nation_id": "1"}, {"customer_id": "8"}]});
    let Answer::Response(answer) = invoke(BINARY, &event).unwrap() else {
        panic!("an error")
    };
    assert_eq!(answer["answers"][0]["event"]["userId"], "7");
    assert_eq!(answer["answers"].as_array().map(Vec::len), Some(4));
}
