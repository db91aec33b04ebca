//! Tests mappings on rows, without sending.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use test_mapping::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::telemetry::init_lambda();
    let context = &Context::from_env()?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        handle(context, &event.payload).await.map_err(Diagnostic::from)
    }))
    .await
}
