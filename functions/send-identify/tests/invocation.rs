//! The function's binary under Lambda's Runtime API.

use serde_json::json;
use support::{Answer, invoke};

const BINARY: &str = env!("CARGO_BIN_EXE_send-identify");

#[test]
fn starts_and_answers_an_event() {
    let event = json!({"jobs": []});
    assert_eq!(invoke(BINARY, &event).unwrap(), Answer::Response(event));
}
