//! S3 in this process: a file system server, made as strict as S3 where it is not. Its access key and secret are `test`.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Result, anyhow};
use async_trait::async_trait;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use platform::{FolderObjects, Objects, PAGE_KEYS};
use s3s::auth::SimpleAuth;
use s3s::dto;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;

/// A server on a port of its own. Ends, and its files go, when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    files: TempDir,
}

impl S3Server {
    /// Starts a server without buckets.
    ///
    /// # Errors
    /// When a folder or a port cannot be had.
    pub async fn start() -> Result<Self> {
        let files = tempfile::tempdir()?;
        let strict = Strict {
            files: FileSystem::new(files.path()).map_err(|error| anyhow!("{error:?}"))?,
            root: files.path().to_owned(),
            writes: RwLock::default(),
        };
        let mut service = S3ServiceBuilder::new(strict);
        service.set_auth(SimpleAuth::from_single("test", "test"));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Self {
            address,
            task: tokio::spawn(serve(listener, service.build())),
            files,
        })
    }

    /// Writes an object as if it had been written `age` ago, with its bucket if there is none yet. No request is made.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, bucket: &str, key: &str, body: impl AsRef<[u8]>, age: Duration) -> Result<()> {
        let path = self.files.path().join(bucket).join(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, body)?;
        let file = fs::File::options().append(true).open(path)?;
        Ok(file.set_modified(SystemTime::now() - age)?)
    }

    /// Removes an object. No request is made.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn remove(&self, bucket: &str, key: &str) -> Result<()> {
        Ok(fs::remove_file(self.files.path().join(bucket).join(key))?)
    }

    /// Returns an object as its file holds it. No request is made.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn read(&self, bucket: &str, key: &str) -> Result<Vec<u8>> {
        Ok(fs::read(self.files.path().join(bucket).join(key))?)
    }

    /// Returns the address, as `AWS_ENDPOINT_URL` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, service: S3Service) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = service.clone();
        tokio::spawn(async move {
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
}

/// The file system server checks a condition and then writes, so that several conditional writers win: here writes
/// happen one at a time, and not during reads. It also reads without regard to `If-Match`, lists no etags, and takes a
/// folder for a broken object.
struct Strict {
    files: FileSystem,
    root: PathBuf,
    writes: RwLock<()>,
}

#[async_trait]
impl S3 for Strict {
    async fn create_bucket(
        &self,
        request: S3Request<dto::CreateBucketInput>,
    ) -> S3Result<S3Response<dto::CreateBucketOutput>> {
        let _lock = self.writes.write().await;
        self.files.create_bucket(request).await
    }

    async fn put_object(&self, request: S3Request<dto::PutObjectInput>) -> S3Result<S3Response<dto::PutObjectOutput>> {
        let _lock = self.writes.write().await;
        self.files.put_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        let _lock = self.writes.write().await;
        self.files.delete_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<dto::HeadObjectInput>,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        let _lock = self.writes.read().await;
        self.refuse_folder(&request.input.bucket, &request.input.key)?;
        self.files.head_object(request).await
    }

    async fn get_object(&self, request: S3Request<dto::GetObjectInput>) -> S3Result<S3Response<dto::GetObjectOutput>> {
        let _lock = self.writes.read().await;
        self.refuse_folder(&request.input.bucket, &request.input.key)?;
        if let Some(dto::ETagCondition::ETag(wanted)) = request.input.if_match.clone() {
            let found = self.etag(&request, &request.input.bucket, &request.input.key).await?;
            if found.is_none_or(|found| !found.strong_cmp(&wanted)) {
                return Err(s3_error!(PreconditionFailed));
            }
        }
        self.files.get_object(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<dto::ListObjectsV2Input>,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        let _lock = self.writes.read().await;
        let mut page = if self.is_plain(&request.input) {
            S3Response::new(self.page(&request.input).await?)
        } else {
            self.files.list_objects_v2(request.clone()).await?
        };
        for object in page.output.contents.iter_mut().flatten() {
            let key = object.key.clone().unwrap_or_default();
            object.e_tag = self.etag(&request, &request.input.bucket, &key).await?;
        }
        Ok(page)
    }
}

impl Strict {
    /// Whether a listing asks for no more than the next thousand keys of a bucket that is there.
    fn is_plain(&self, input: &dto::ListObjectsV2Input) -> bool {
        let asks_more = input.delimiter.is_some() || input.continuation_token.is_some() || input.max_keys.is_some();
        !asks_more && self.root.join(&input.bucket).is_dir()
    }

    /// Returns such a page, without its etags. The file system server looks at each file of the bucket for each page.
    async fn page(&self, input: &dto::ListObjectsV2Input) -> S3Result<dto::ListObjectsV2Output> {
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let files = FolderObjects::new(self.root.join(&input.bucket));
        let page = files.list(prefix, input.start_after.as_deref()).await;
        let page = page.map_err(|error| s3_error!(InternalError, "{error}"))?;
        let is_truncated = page.len() == PAGE_KEYS;
        let contents = page.into_iter().map(|meta| dto::Object {
            key: Some(meta.key),
            size: i64::try_from(meta.size).ok(),
            last_modified: meta.modified.map(|seconds| time(seconds).into()),
            ..dto::Object::default()
        });
        let contents: Vec<dto::Object> = contents.collect();
        Ok(dto::ListObjectsV2Output {
            is_truncated: Some(is_truncated),
            next_continuation_token: contents
                .last()
                .filter(|_| is_truncated)
                .and_then(|last| last.key.clone()),
            contents: Some(contents),
            ..dto::ListObjectsV2Output::default()
        })
    }

    fn refuse_folder(&self, bucket: &str, key: &str) -> S3Result<()> {
        if self.root.join(bucket).join(key).is_dir() {
            return Err(s3_error!(NoSuchKey));
        }
        Ok(())
    }

    async fn etag<T: Clone>(&self, request: &S3Request<T>, bucket: &str, key: &str) -> S3Result<Option<dto::ETag>> {
        let head = dto::HeadObjectInput::builder()
            .bucket(bucket.to_owned())
            .key(key.to_owned())
            .build();
        let head = head.map_err(|_| s3_error!(InvalidRequest))?;
        let found = self.files.head_object(request.clone().map_input(|_| head)).await?;
        Ok(found.output.e_tag)
    }
}

fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}
