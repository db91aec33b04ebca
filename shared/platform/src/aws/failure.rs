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
    if message.to_ascii_lowercase().contains("credential") {
        return ServiceFailure { message, ..unsigned() };
    }
    ServiceFailure {
        code: code.to_owned(),
        status: None,
        message,
        remedy: None,
        retryable,
    }
}

/// The failure of a request that never left because there was nothing to sign it with. Single sign-on is not built in,
/// as it brings clients that no function needs; its credentials can be handed over.
fn unsigned() -> ServiceFailure {
    let remedy = "set AWS_PROFILE to a profile with keys or a role, or sign in and hand the credentials over: \
                  eval \"$(aws configure export-credentials --format env)\"";
    ServiceFailure {
        code: "no AWS credentials".to_owned(),
        status: None,
        message: String::new(),
        remedy: Some(remedy.to_owned()),
        retryable: false,
    }
}

/// The errors under `error`, outermost left out, each one's first line, joined as users read them.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string().lines().next().unwrap_or_default().to_owned();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    fn nest(texts: &[&'static str]) -> Layer {
        let inner = texts
            .get(1..)
            .filter(|rest| !rest.is_empty())
            .map(|rest| Box::new(nest(rest)));
        Layer(texts[0], inner)
    }

    #[test]
    fn missing_credentials_are_told_from_a_broken_connection() {
        let error = nest(&[
            "dispatch failure",
            "other",
            "no credentials found in chain. Attempted:\n  Profile: none",
        ]);
        let failure = unanswered("no connection", true, &error);
        assert_eq!(
            (failure.code.as_str(), failure.retryable),
            ("no AWS credentials", false)
        );
        assert_eq!(failure.message, "other: no credentials found in chain. Attempted:");
        assert!(failure.remedy.is_some());

        let failure = unanswered(
            "no connection",
            true,
            &nest(&["dispatch failure", "refused", "refused", "os error"]),
        );
        assert_eq!(
            (failure.to_string().as_str(), failure.retryable),
            ("no connection: refused: os error", true)
        );
    }

    #[test]
    fn statuses_that_pass_are_told_from_those_that_stay() {
        for (status, passing) in [
            (408, true),
            (429, true),
            (500, true),
            (503, true),
            (400, false),
            (403, false),
            (404, false),
        ] {
            assert_eq!(is_passing(status), passing, "{status}");
        }
    }
}
