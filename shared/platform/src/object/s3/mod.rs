//! Objects in a bucket.

use std::ops::Range;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object;
use bytes::Bytes;
use futures::stream::{self, StreamExt};

use super::{Blocks, Created, MAX_SMALL_OBJECT, Meta, Objects, changed, key, within};
use crate::{Aws, ObjectError};

mod body;
mod problem;
mod writing;

use problem::Task;

/// How often a small object whose body breaks off is read.
const MAX_READS: u32 = 3;

/// The objects of one S3 bucket.
#[derive(Debug, Clone)]
pub struct S3Objects {
    source: Source,
    bucket: String,
}

#[derive(Debug, Clone)]
enum Source {
    Client(Client),
    Aws(Aws),
}

impl S3Objects {
    /// The objects of `bucket`, reached with `client`.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self {
            source: Source::Client(client),
            bucket: bucket.into(),
        }
    }

    /// The objects of `bucket`, reached with a client that the first request makes.
    #[must_use]
    pub fn at(aws: Aws, bucket: impl Into<String>) -> Self {
        Self {
            source: Source::Aws(aws),
            bucket: bucket.into(),
        }
    }

    async fn client(&self) -> Result<&Client, ObjectError> {
        match &self.source {
            Source::Client(client) => Ok(client),
            Source::Aws(aws) => aws.s3().await.map_err(|failure| {
                let failure = Box::new(failure);
                ObjectError::Service {
                    object: self.name(""),
                    doing: Task::Read.doing(),
                    failure,
                }
            }),
        }
    }

    /// How users name an object, or with an empty key the bucket.
    fn name(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// A small object's bytes, if its body comes to its end.
    async fn get_once(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        let request = self.client().await?.get_object().bucket(&self.bucket).key(key);
        let found = match request.send().await {
            Ok(found) => found,
            Err(error) if problem::is_no_key(&error) => return Ok(None),
            Err(error) => return Err(self.failed(Task::Read, key, &error)),
        };
        let size = size(found.content_length);
        if size > MAX_SMALL_OBJECT {
            return Err(ObjectError::TooLarge {
                object: self.name(key),
                size,
                limit: MAX_SMALL_OBJECT,
            });
        }
        match found.body.collect().await {
            Ok(bytes) => Ok(Some(bytes.into_bytes())),
            Err(error) => Err(body::broken(self.name(key), size, &error)),
        }
    }

    /// The version of a pinned object that a conditional read did not find.
    async fn changed(&self, pin: &Meta) -> ObjectError {
        match self.head(&pin.key).await {
            Ok(found) => changed(self.name(&pin.key), pin, found.as_ref()),
            Err(_) => changed(self.name(&pin.key), pin, None),
        }
    }

    async fn page(&self, prefix: &str, after: Option<&str>) -> Result<ListObjectsV2Output, ObjectError> {
        let request = self
            .client()
            .await?
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix);
        let page = request.set_start_after(after.map(str::to_owned)).send().await;
        page.map_err(|error| self.failed(Task::List, prefix, &error))
    }

    /// The objects of a page. Keys that end with `/` are the console's folders, not objects of anyone.
    fn metas(&self, contents: Vec<Object>) -> Result<Vec<Meta>, ObjectError> {
        let named = contents
            .into_iter()
            .filter_map(|object| Some((object.key?, object.size, object.e_tag, object.last_modified)));
        let objects = named.filter(|(key, ..)| !key.ends_with('/'));
        let metas = objects.map(|(key, size, etag, modified)| {
            let name = self.name(&key);
            let meta = meta(key, size, etag, None).ok_or_else(|| problem::no_etag(name))?;
            Ok(Meta {
                modified: modified.map(|time| time.secs()),
                ..meta
            })
        });
        metas.collect()
    }

    fn failed<E>(&self, task: Task, key: &str, error: &SdkError<E, HttpResponse>) -> ObjectError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        problem::explain(task, self.name(key), error)
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn head(&self, key: &str) -> Result<Option<Meta>, ObjectError> {
        key::check(key)?;
        match self
            .client()
            .await?
            .head_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
        {
            Ok(found) => {
                let meta = meta(
                    key.to_owned(),
                    found.content_length,
                    found.e_tag,
                    version(found.version_id),
                );
                let meta = meta.ok_or_else(|| problem::no_etag(self.name(key)))?;
                Ok(Some(Meta {
                    modified: found.last_modified.map(|time| time.secs()),
                    ..meta
                }))
            }
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(self.failed(Task::Read, key, &error)),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ObjectError> {
        key::check(key)?;
        let mut tries = 1;
        loop {
            match self.get_once(key).await {
                // The SDK tries a request again, but not what breaks off once it has the head of an answer.
                Err(error @ ObjectError::Interrupted { .. }) if tries < MAX_READS => {
                    tracing::debug!(%error, "read again");
                    tries += 1;
                }
                read => return read,
            }
        }
    }

    async fn read(&self, pin: &Meta, range: Range<u64>) -> Result<Blocks, ObjectError> {
        key::check(&pin.key)?;
        let Some(range) = within(pin, range) else {
            return Ok(stream::empty().boxed());
        };
        let request = self.client().await?.get_object().bucket(&self.bucket).key(&pin.key);
        let request = request.if_match(&pin.etag).set_version_id(pin.version.clone());
        match request
            .range(format!("bytes={}-{}", range.start, range.end - 1))
            .send()
            .await
        {
            Ok(found) => Ok(body::blocks(self.name(&pin.key), found.body, range.end - range.start)),
            // A range that is not there means that the object is shorter than the pinned one.
            Err(error) if matches!(status(&error), Some(412 | 416)) => Err(self.changed(pin).await),
            Err(error) if problem::is_no_key(&error) => Err(ObjectError::NotFound {
                object: self.name(&pin.key),
            }),
            Err(error) => Err(self.failed(Task::Read, &pin.key, &error)),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<Meta>, ObjectError> {
        key::check_prefix(prefix)?;
        let mut after = after.map(str::to_owned);
        loop {
            let page = self.page(prefix, after.as_deref()).await?;
            let more = page.is_truncated.unwrap_or_default();
            let contents = page.contents.unwrap_or_default();
            after = contents.last().and_then(|object| object.key.clone());
            let found = self.metas(contents)?;
            // A page of folder markers only is not the end.
            if !found.is_empty() || !more || after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn create(&self, key: &str, body: Bytes) -> Result<Created, ObjectError> {
        key::check(key)?;
        writing::create(self, key, body).await
    }

    async fn put(&self, key: &str, body: Bytes) -> Result<(), ObjectError> {
        key::check(key)?;
        let request = self.client().await?.put_object().bucket(&self.bucket).key(key);
        match request.body(ByteStream::from(body)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(Task::Write, key, &error)),
        }
    }
}

/// One version of an object, or `None` if the store told no etag to pin it with.
fn meta(key: String, size: Option<i64>, etag: Option<String>, version: Option<String>) -> Option<Meta> {
    let etag = etag.filter(|etag| !etag.is_empty())?;
    Some(Meta {
        key,
        size: self::size(size),
        etag,
        version,
        modified: None,
    })
}

fn size(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default()
}

/// A version id to ask for again. `null` stands for the one version of a bucket without versions.
fn version(id: Option<String>) -> Option<String> {
    id.filter(|id| id != "null")
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

#[cfg(test)]
mod tests;
