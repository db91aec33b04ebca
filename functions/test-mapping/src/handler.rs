//! What invokes the function, and what it answers.

use ledger::Sync;
use mapping::Index;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{Answer, Rejected, TestError, Tester};

/// What the rows of a request are called in message ids: they are in no object.
const OBJECT: &str = "test";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The sync document's text.
    sync: String,
    /// Rows: JSON objects.
    rows: Vec<Box<RawValue>>,
}

/// Tests the mappings of a sync document on rows (`{"sync": "<document>", "rows": [{…}]}`) and returns
/// `{"answers": [{"row", "mapping", "event" | "filtered" | "rejected"}]}`. Sends nothing.
///
/// # Errors
/// When the event has another form, or the document has problems.
pub fn handle(event: &Value) -> Result<Value, TestError> {
    let misunderstood = |error: serde_json::Error| TestError::Event {
        reason: error.to_string(),
    };
    let request: Request = serde_json::from_str(&event.to_string()).map_err(misunderstood)?;
    let sync = Sync::parse(&request.sync).map_err(|problems| TestError::Document { problems })?;
    let mut tester = Tester::new(&sync, OBJECT)?;
    let mut answers: Vec<Answer> = Vec::new();
    let mut index = Index::default();
    for (row, number) in request.rows.iter().zip(0..) {
        match index.of(row.get()) {
            Ok(record) => answers.extend(tester.record(number, record, number)),
            Err(error) => answers.extend(tester.all(
                number,
                &Rejected {
                    code: "not_an_object".to_owned(),
                    message: error.to_string(),
                    field: None,
                },
            )),
        }
    }
    Ok(json!({ "answers": answers }))
}
