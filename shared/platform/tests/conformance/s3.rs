//! The suite on S3, over the SDK's whole request path.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use platform::{Aws, Objects, S3Objects, Stores};

use support::S3Server;

use crate::suite::{Store, conformance};

const BUCKET: &str = "acme-extracts";

#[derive(Debug)]
struct Bucket {
    client: Client,
    server: S3Server,
}

#[async_trait]
impl Store for Bucket {
    fn objects(&self) -> Arc<dyn Objects> {
        Arc::new(S3Objects::new(self.client.clone(), BUCKET))
    }

    async fn overwrite(&self, key: &str, body: Vec<u8>) {
        self.client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(body.into())
            .send()
            .await
            .unwrap();
    }

    async fn remove(&self, key: &str) {
        self.client
            .delete_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await
            .unwrap();
    }
}

async fn bucket() -> Bucket {
    let server = S3Server::start().await.unwrap();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(server.url());
    let client = Client::from_conf(config.build());
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    Bucket { client, server }
}

conformance!(bucket);

#[tokio::test]
async fn stores_reach_a_bucket_by_its_name() {
    let bucket = bucket().await;
    let aws = Aws::at(&bucket.server.url(), "us-east-1", "test", "test");
    let objects = Stores::new(aws).open(&format!("s3://{BUCKET}")).unwrap();
    objects.put("a", "b".into()).await.unwrap();
    assert_eq!(bucket.objects().get("a").await.unwrap().unwrap(), "b");
}

#[tokio::test]
async fn missing_bucket_is_an_error_with_remedy() {
    let bucket = bucket().await;
    let objects = S3Objects::new(bucket.client.clone(), "no-such-bucket");
    let error = objects.list("a", None).await.unwrap_err().to_string();
    assert!(
        error.contains("s3://no-such-bucket/a") && error.contains("check the bucket's name"),
        "{error}"
    );
}
