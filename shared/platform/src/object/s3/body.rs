//! A reply's body as blocks that are counted: too few bytes are an error, never a short range.

use std::error::Error;

use aws_sdk_s3::primitives::ByteStream;
use futures::stream::{self, StreamExt};

use crate::ObjectError;
use crate::object::Blocks;

/// The `wanted` bytes of `body`, as they come.
pub(super) fn blocks(object: String, body: ByteStream, wanted: u64) -> Blocks {
    let state = Reply {
        object,
        body,
        left: wanted,
    };
    stream::try_unfold(state, |mut state| async move {
        match state.body.next().await {
            Some(Ok(block)) => {
                state.left = state.left.saturating_sub(block.len() as u64);
                Ok(Some((block, state)))
            }
            Some(Err(error)) => Err(broken(state.object, state.left, &error)),
            None if state.left > 0 => {
                let cause = "the connection ended early".to_owned();
                Err(ObjectError::Interrupted {
                    object: state.object,
                    missing: state.left,
                    cause,
                })
            }
            None => Ok(None),
        }
    })
    .boxed()
}

/// The error for a body that broke off `missing` bytes before its end.
pub(super) fn broken(object: String, missing: u64, error: &(dyn Error + 'static)) -> ObjectError {
    let innermost = std::iter::successors(Some(error), |error| (*error).source())
        .last()
        .unwrap_or(error);
    ObjectError::Interrupted {
        object,
        missing,
        cause: innermost.to_string(),
    }
}

struct Reply {
    object: String,
    body: ByteStream,
    left: u64,
}
