//! Tests mappings on rows, without sending.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::telemetry::init_lambda();
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        test_mapping::handle(&event.payload).map_err(Diagnostic::from)
    }))
    .await
}
