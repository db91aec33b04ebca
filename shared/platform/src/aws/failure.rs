//! From the SDK's errors to ours: code, status, words, and whether trying again may help.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::error::ServiceFailure;

/// Codes by which AWS services ask for patience, beside 408, 429 and 5xx (S3 API, "List of error codes").
const PATIENCE: [&str; 9] = [
    "SlowDown",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "ConditionalRequestConflict",
    "OperationAborted",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "InternalServiceError",
];

/// The failure in `error`, without a remedy, which the caller knows better unless AWS was not reached at all.
pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> ServiceFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    match error {
        SdkError::ServiceError(context) => {
            let code = context.err().code().map_or_else(|| word(status), str::to_owned);
            let message = context.err().message().unwrap_or_default().to_owned();
            let retryable = status.is_some_and(is_passing) || PATIENCE.contains(&code.as_str());
            ServiceFailure {
                code,
                status,
                message,
                remedy: None,
                retryable,
            }
        }
        SdkError::TimeoutError(_) => unanswered("no answer in time", true, error),
        SdkError::DispatchFailure(_) => unanswered("no connection", true, error),
        SdkError::ConstructionFailure(_) => unanswered("request not sent", false, error),
        // The reply itself is not quoted: it may be the secret or a row.
        SdkError::ResponseError(_) => {
            let message = "the answer could not be understood".to_owned();
            ServiceFailure {
                code: word(status),
                status,
                message,
                remedy: None,
                retryable: true,
            }
        }
        other => unanswered("request failed", false, other),
    }
}

/// Whether a status says that the same request may succeed later.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

/// A word for answers without an error code, as those to HEAD are.
fn word(status: Option<u16>) -> String {
    let word = match status {
        Some(301 | 307 | 400) => "BadRequest",
        Some(401 | 403) => "AccessDenied",
        Some(404) => "NotFound",
        Some(412) => "PreconditionFailed",
        Some(429 | 503) => "SlowDown",
        _ => "UnknownError",
    };
    word.to_owned()
}

fn unanswered(code: &str, retryable: bool, error: &(dyn Error + 'static)) -> ServiceFailure {
    let message = chain(error);
    let remedy = remedy(&message);
    let retryable = retryable && remedy.is_none();
    ServiceFailure {
        code: code.to_owned(),
        status: None,
        message,
        remedy,
        retryable,
    }
}

/// What to do when a request never left because of the local set-up.
fn remedy(message: &str) -> Option<String> {
    let credentials = ["credential", "identity"]
        .iter()
        .any(|word| message.to_ascii_lowercase().contains(word));
    credentials.then(|| "sign in to AWS first: set AWS_PROFILE, or run `aws sso login` or `aws configure`".to_owned())
}

/// The errors under `error`, outermost left out, joined as users read them.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes.join(": ")
}

/// The failure of a configuration that names no region.
pub(super) fn no_region() -> ServiceFailure {
    ServiceFailure {
        code: "no AWS region is configured".to_owned(),
        status: None,
        message: String::new(),
        remedy: Some("set AWS_REGION, or `region` in the AWS profile".to_owned()),
        retryable: false,
    }
}
