//! Plans runs: splits extracts into chunks and puts the jobs into the ledger.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use scheduler::{Context, handle};
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
