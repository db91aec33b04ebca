//! What S3's refusals mean to the user.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::status;
use crate::aws::failure;
use crate::{ObjectError, ServiceFailure};

/// What was asked of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Read,
    List,
    Write,
}

impl Task {
    pub(super) fn doing(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
        }
    }

    /// The permission that the task needs.
    fn permission(self) -> &'static str {
        match self {
            Self::Read => "allow s3:GetObject on it, s3:ListBucket on its bucket, and kms:Decrypt on the bucket's key",
            Self::List => "allow s3:ListBucket on the bucket",
            Self::Write => "allow s3:PutObject on it, and kms:GenerateDataKey on the bucket's key",
        }
    }
}

/// Whether S3 says that there is no such object; a missing bucket, also a 404, is another matter.
pub(super) fn is_no_key<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    status(error) == Some(404) && code != Some("NoSuchBucket")
}

/// The error for a request that S3 refused or never answered.
pub(super) fn explain<E>(task: Task, object: String, error: &SdkError<E, HttpResponse>) -> ObjectError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let mut failure = failure::of(error);
    let known = remedy(task, &failure.code, failure.status);
    failure.remedy = known.map(str::to_owned).or(failure.remedy);
    ObjectError::Service {
        object,
        doing: task.doing(),
        failure: Box::new(failure),
    }
}

/// The error for an object that cannot be pinned.
pub(super) fn no_etag(object: String) -> ObjectError {
    let failure = ServiceFailure {
        code: "no etag".to_owned(),
        status: None,
        message: "the store does not tell which version it is".to_owned(),
        remedy: Some("use a store that does, as S3".to_owned()),
        retryable: false,
    };
    ObjectError::Service {
        object,
        doing: Task::List.doing(),
        failure: Box::new(failure),
    }
}

fn remedy(task: Task, code: &str, status: Option<u16>) -> Option<&'static str> {
    match (code, status) {
        ("AccessDenied" | "Forbidden", _) => Some(task.permission()),
        ("NoSuchBucket", _) => Some("check the bucket's name, or create it"),
        ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken" | "InvalidToken", _) => {
            Some("sign in to AWS again")
        }
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _)
        | (_, Some(301 | 307)) => Some("the bucket is in another region: set AWS_REGION to it"),
        ("InvalidObjectState", _) => Some("the object is archived: restore it first"),
        _ => None,
    }
}
