//! What invokes the function, and what it answers.

use ledger::{Sync, SyncName};
use mapping::Index;
use platform::Location;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{Answer, Context, Rejected, TestError, Tester, first_rows};

/// What the rows of a request are called in message ids: they are in no object.
const OBJECT: &str = "test";

/// Rows of the newest extract that are tested, if the event does not say.
const DEFAULT_ROWS: u64 = 10;

/// Most rows that are tested at once: an answer of Lambda has at most 6 MB (Lambda developer guide, "Lambda quotas"), a call
/// 32,000 bytes.
const MAX_ROWS: u64 = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// A sync's name, or the text of a sync document.
    sync: String,
    /// Rows: JSON objects.
    rows: Option<Vec<Box<RawValue>>>,
    /// How many rows of the newest extract.
    n: Option<u64>,
}

/// Tests the mappings of a sync and returns `{"answers": [{"row", "mapping", …}]}`, one for each row and mapping, as [`Answer`]
/// says. Sends nothing.
///
/// The sync is a document or the name of one in the ledger bucket, the rows are given
/// (`{"sync": "customers", "rows": [{…}]}`) or the first of the sync's newest extract (`{"sync": "customers", "n": 10}`).
///
/// # Errors
/// When the event has another form, the document has problems, or there is no extract.
pub async fn handle(context: &Context, event: &Value) -> Result<Value, TestError> {
    let request = request(event)?;
    let sync = document(context, &request.sync).await?;
    let answers = match (request.rows, request.n) {
        (Some(rows), None) if rows.len() as u64 <= MAX_ROWS => given(&sync, &rows)?,
        (None, n) if n.is_none_or(|n| n <= MAX_ROWS) => newest(context, &sync, n.unwrap_or(DEFAULT_ROWS)).await?,
        (Some(_), Some(_)) => return Err(misunderstood("it has both `rows` and `n`; keep one of them".to_owned())),
        _ => return Err(misunderstood(format!("at most {MAX_ROWS} rows are tested at once"))),
    };
    Ok(json!({ "answers": answers }))
}

fn request(event: &Value) -> Result<Request, TestError> {
    // What follows would quote text that stands there instead, and errors are logged.
    if event
        .get("rows")
        .is_some_and(|rows| !rows.is_array() && !rows.is_null())
    {
        return Err(misunderstood("`rows` is no list".to_owned()));
    }
    serde_json::from_str(&event.to_string()).map_err(|error| misunderstood(error.to_string()))
}

/// Returns the sync of this name, or that this text describes.
async fn document(context: &Context, sync: &str) -> Result<Sync, TestError> {
    match sync.parse::<SyncName>() {
        Ok(name) => Ok(scheduler::document(&*context.ledger, &name).await?),
        Err(_) => Sync::parse(sync).map_err(|problems| TestError::Document { problems }),
    }
}

fn given(sync: &Sync, rows: &[Box<RawValue>]) -> Result<Vec<Answer>, TestError> {
    let mut tester = Tester::new(sync, OBJECT)?;
    let mut answers = Vec::new();
    let mut index = Index::default();
    for (row, number) in rows.iter().zip(0..) {
        match index.of(row.get()) {
            Ok(record) => answers.extend(tester.record(number, record, number)),
            Err(error) => {
                let rejected = Rejected::new("not_an_object".to_owned(), error.to_string(), None, None);
                answers.extend(tester.all(number, &rejected));
            }
        }
    }
    Ok(answers)
}

async fn newest(context: &Context, sync: &Sync, limit: u64) -> Result<Vec<Answer>, TestError> {
    let location = Location::parse(&sync.source.extract)?;
    // A document in an event must not make the function show files of its own machine.
    if matches!(location, Location::Path(_)) {
        let extract = &sync.source.extract;
        return Err(misunderstood(format!(
            "`source.extract` is `{extract}`, which is no place in S3; give `rows`"
        )));
    }
    let object = scheduler::preview(&context.stores, &[location], sync).await?;
    let mut tester = Tester::of_object(sync, &object)?;
    let mut answers = Vec::new();
    first_rows(&context.stores, &object, limit, |place, row| {
        answers.extend(tester.row(place, row));
    })
    .await?;
    Ok(answers)
}

fn misunderstood(reason: String) -> TestError {
    TestError::Event { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_no_list_are_not_quoted() {
        for rows in [json!("ada@example.com"), json!({"email": "ada@example.com"})] {
            let error = request(&json!({"sync": "users", "rows": rows}))
                .unwrap_err()
                .to_string();
            assert!(error.contains("`rows` is no list") && !error.contains("ada"), "{error}");
        }
        assert!(request(&json!({"sync": "users", "rows": [{"email": 1}], "n": null})).is_ok());
    }
}
