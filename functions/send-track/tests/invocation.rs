//! The function's binary under Lambda's Runtime API.

use serde_json::json;
use support::{Answer, invoke};

const BINARY: &str = env!("CARGO_BIN_EXE_send-track");

#[test]
fn starts_and_answers_an_event() {
    let answer = json!({"jobs": [], "after_seconds": 0});
    assert_eq!(invoke(BINARY, &json!({"jobs": []})).unwrap(), Answer::Response(answer));
}
