//! Create-if-absent, decided by S3.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::problem::Task;
use super::{S3Objects, status};
use crate::ObjectError;
use crate::object::{Created, Objects};

/// Tries while S3 says that another write of the same key is under way.
const MAX_TRIES: u32 = 6;
/// The wait after the first such answer; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Writes the object if no other has the key. A 409 (`ConditionalRequestConflict`) means that another write came in
/// between and S3 decided nothing: ask again (S3 User Guide, "Conditional writes"). Where that does not end, whether an object has the key
/// by now is the answer.
///
/// A write whose answer was lost is asked for again by the SDK: that it exists is the answer then, too.
pub(super) async fn create(objects: &S3Objects, key: &str, body: Bytes) -> Result<Created, ObjectError> {
    let client = objects.client().await?;
    let mut tries = 1;
    loop {
        let request = client.put_object().bucket(&objects.bucket).key(key).if_none_match("*");
        let Err(error) = request.body(ByteStream::from(body.clone())).send().await else {
            return Ok(Created::New);
        };
        match status(&error) {
            Some(412) => return Ok(Created::Exists),
            Some(409) if tries < MAX_TRIES => tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(tries - 1)).await,
            Some(409) if objects.head(key).await?.is_some() => return Ok(Created::Exists),
            _ => return Err(objects.failed(Task::Write, key, &error)),
        }
        tries += 1;
    }
}
