//! The body of the five sender functions.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use mapping::Action;
use serde_json::Value;

use crate::{Context, Deadline, handle};

/// Serves invocations of the sender function for `action` until the process is stopped. Settings and clients are made once
/// per cold start.
///
/// # Errors
/// When a setting is missing, or the Lambda runtime cannot be reached.
pub async fn serve(action: Action) -> Result<(), Error> {
    platform::telemetry::init_lambda();
    let context = &Context::from_env()?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let deadline = Deadline::of_invocation(event.context.deadline());
        let answer = handle(context, action, event.payload, deadline).await;
        answer.map_err(Diagnostic::from)
    }))
    .await
}
