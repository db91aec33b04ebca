//! The function's binary under Lambda's Runtime API.

use serde_json::json;
use support::{Answer, invoke};

const BINARY: &str = env!("CARGO_BIN_EXE_scheduler");

#[test]
fn starts_and_names_what_is_wrong_with_an_event() {
    let event = json!({"asks": "for nothing known"});
    assert_eq!(invoke(BINARY, &event).unwrap(), Answer::Error("BadEvent".into()));
}
