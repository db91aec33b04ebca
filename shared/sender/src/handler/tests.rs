use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use delivery::WriteKey;
use platform::{Blocks, Created, ErrorName, Meta, ObjectError, Objects, Stores};
use serde_json::json;

use super::*;
use crate::{Options, WriteKeys};

/// A ledger under which the code of every job breaks, saying something of a row.
#[derive(Debug)]
struct Broken;

#[async_trait]
impl Objects for Broken {
    async fn head(&self, _: &str) -> Result<Option<Meta>, ObjectError> {
        panic!("ada@example.com")
    }

    async fn get(&self, _: &str) -> Result<Option<Bytes>, ObjectError> {
        panic!("ada@example.com")
    }

    async fn read(&self, _: &Meta, _: Range<u64>) -> Result<Blocks, ObjectError> {
        panic!("ada@example.com")
    }

    async fn list(&self, _: &str, _: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        panic!("ada@example.com")
    }

    async fn create(&self, _: &str, _: Bytes) -> Result<Created, ObjectError> {
        panic!("ada@example.com")
    }

    async fn put(&self, _: &str, _: Bytes) -> Result<(), ObjectError> {
        panic!("ada@example.com")
    }
}

const JOB: &str = "jobs/track/users/019ab000-0000-7000-8000-000000000000/000000-000000-track.json";

fn context() -> Context {
    let keys = WriteKeys::fixed(WriteKey::parse("key").unwrap());
    Context::new(Arc::new(Stores::default()), Arc::new(Broken), keys, Options::default())
}

#[test]
fn event_that_names_no_job_is_an_error() {
    let error = parse(json!({"sync": "users"})).unwrap_err();
    assert_eq!(error.name(), ErrorName::BadEvent);
    assert!(error.to_string().contains("sync"), "{error}");
}

#[tokio::test]
async fn panic_names_the_job_and_nothing_that_was_said() {
    let event = json!({"jobs": [JOB]});
    let error = handle(&context(), Action::Track, event, None).await.unwrap_err();
    assert_eq!(error.name(), ErrorName::Panic);
    let diagnostic = lambda_runtime::Diagnostic::from(error);
    let message = diagnostic.error_message;
    assert!(message.contains(JOB) && !message.contains("ada"), "{message}");
}

#[tokio::test]
async fn panic_costs_its_own_message_alone() {
    let notification =
        |key: &str| json!({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": key}}}]}).to_string();
    let event = json!({"Records": [
        {"messageId": "m0", "body": notification(JOB)},
        {"messageId": "m1", "body": json!({"Event": "s3:TestEvent"}).to_string()},
    ]});
    let answer = handle(&context(), Action::Track, event, None).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m0"}]}));
}

#[tokio::test]
async fn job_of_another_action_is_refused_by_name() {
    let event = json!({"jobs": [JOB]});
    let error = handle(&context(), Action::Page, event, None).await.unwrap_err();
    assert_eq!(error.name(), ErrorName::BadEvent);
    assert!(error.to_string().contains("page"), "{error}");
}
