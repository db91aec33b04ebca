//! Closes runs: folds their outcomes and writes their reports.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use reporter::{Context, handle};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::telemetry::init_lambda();
    let context = &Context::from_env()?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        handle(context, event.payload).await.map_err(Diagnostic::from)
    }))
    .await
}
