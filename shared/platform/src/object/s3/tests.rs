//! What S3 can answer and the in-process server of the conformance suite never does.

use futures::TryStreamExt;

use super::*;
use crate::aws::fake::{Fake, Reply};

fn objects(fake: &Fake) -> S3Objects {
    S3Objects::at(fake.aws(), "acme-extracts")
}

fn pin() -> Meta {
    Meta {
        key: "c.csv".into(),
        size: 10,
        etag: "\"e\"".into(),
        version: Some("v1".into()),
        modified: None,
    }
}

async fn whole(blocks: Blocks) -> Vec<u8> {
    blocks.map_ok(|block| block.to_vec()).try_concat().await.unwrap()
}

/// The error of a request to which S3 says `reply`, asked by reading, listing and writing.
async fn refusals(reply: &Reply) -> [ObjectError; 3] {
    let one = || objects(&Fake::new([reply.clone()]));
    [
        one().read(&pin(), 0..10).await.err().unwrap(),
        one().list("c", None).await.unwrap_err(),
        one().create("c.csv", Bytes::new()).await.unwrap_err(),
    ]
}

mod repeats;

#[tokio::test]
async fn denied_request_says_what_to_allow() {
    let permissions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"];
    for (error, permission) in refusals(&Reply::s3_error(403, "AccessDenied"))
        .await
        .iter()
        .zip(permissions)
    {
        let text = error.to_string();
        assert!(
            text.contains("s3://acme-extracts/c") && text.contains("AccessDenied"),
            "{text}"
        );
        assert!(
            text.contains(permission) && error.is_denied() && !error.is_retryable(),
            "{text}"
        );
    }
}

#[tokio::test]
async fn missing_bucket_is_an_error_and_no_missing_object() {
    for error in refusals(&Reply::s3_error(404, "NoSuchBucket")).await {
        assert!(
            error.to_string().contains("check the bucket's name") && !error.is_denied(),
            "{error}"
        );
    }
    let fake = Fake::new([Reply::s3_error(404, "NoSuchBucket")]);
    assert!(objects(&fake).get("k").await.is_err());
    let fake = Fake::new([Reply::s3_error(404, "NoSuchKey")]);
    assert_eq!(objects(&fake).get("k").await.unwrap(), None);
}

#[tokio::test]
async fn bucket_elsewhere_names_the_region_as_remedy() {
    for error in refusals(&Reply::s3_error(301, "PermanentRedirect")).await {
        assert!(error.to_string().contains("set AWS_REGION"), "{error}");
    }
}

#[tokio::test]
async fn read_asks_for_the_pinned_version_and_range_only() {
    let fake = Fake::new([Reply::new(206, "cde").header("content-length", "3")]);
    let blocks = objects(&fake).read(&pin(), 2..5).await.unwrap();
    assert_eq!(whole(blocks).await, b"cde");
    let asked = &fake.asked()[0];
    assert_eq!(asked.header("range"), Some("bytes=2-4"));
    assert_eq!(asked.header("if-match"), Some("\"e\""));
    assert!(asked.line.contains("versionId=v1"), "{}", asked.line);
}

#[tokio::test]
async fn empty_range_asks_nothing() {
    let fake = Fake::default();
    for range in [3..3, 10..20, 11..11] {
        let blocks = objects(&fake).read(&pin(), range).await.unwrap();
        assert!(whole(blocks).await.is_empty());
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn body_that_ends_early_is_an_error_to_read_on_from() {
    let fake = Fake::new([Reply::new(206, "abcd")]);
    let mut blocks = objects(&fake).read(&pin(), 0..10).await.unwrap();
    assert_eq!(blocks.next().await.unwrap().unwrap(), "abcd");
    let error = blocks.next().await.unwrap().unwrap_err();
    assert!(
        matches!(error, ObjectError::Interrupted { missing: 6, .. }) && error.is_retryable(),
        "{error}"
    );
}

#[tokio::test]
async fn shorter_object_is_a_changed_one_and_both_sizes_are_named() {
    let now = Reply::new(200, "")
        .header("content-length", "3")
        .header("etag", "\"f\"");
    for refusal in [
        Reply::s3_error(416, "InvalidRange"),
        Reply::s3_error(412, "PreconditionFailed"),
    ] {
        let fake = Fake::new([refusal, now.clone()]);
        let error = objects(&fake).read(&pin(), 5..10).await.err().unwrap();
        let text = error.to_string();
        assert!(matches!(error, ObjectError::Changed { .. }), "{text}");
        assert!(
            text.contains("10 bytes with etag \"e\"") && text.contains("3 bytes with etag \"f\""),
            "{text}"
        );
    }
}

#[tokio::test]
async fn page_of_folder_markers_is_not_the_end() {
    let page = |key: &str, more: bool| {
        let object = format!("<Contents><Key>{key}</Key><Size>0</Size><ETag>\"e\"</ETag></Contents>");
        Reply::new(
            200,
            format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{object}</ListBucketResult>"),
        )
    };
    let fake = Fake::new([page("a/", true), page("a/b.csv", false)]);
    let keys: Vec<String> = objects(&fake)
        .list("a", None)
        .await
        .unwrap()
        .into_iter()
        .map(|object| object.key)
        .collect();
    assert_eq!(keys, ["a/b.csv"]);
    assert!(
        fake.asked()[1].line.contains("start-after=a%2F"),
        "{}",
        fake.asked()[1].line
    );
}

#[tokio::test]
async fn object_without_etag_cannot_be_pinned() {
    let fake = Fake::new([Reply::new(200, "").header("content-length", "3")]);
    let error = objects(&fake).head("k").await.unwrap_err().to_string();
    assert!(
        error.contains("s3://acme-extracts/k") && error.contains("no etag"),
        "{error}"
    );
}

#[tokio::test]
async fn large_object_is_not_read_whole() {
    let size = (MAX_SMALL_OBJECT + 1).to_string();
    let fake = Fake::new([Reply::new(200, "").header("content-length", &size)]);
    assert!(matches!(
        objects(&fake).get("k").await.unwrap_err(),
        ObjectError::TooLarge { .. }
    ));
}

#[tokio::test]
async fn version_of_a_bucket_without_versions_is_none() {
    let reply = |id: &str| {
        let reply = Reply::new(200, "")
            .header("content-length", "3")
            .header("etag", "\"e\"");
        reply.header("x-amz-version-id", id)
    };
    let fake = Fake::new([reply("null"), reply("v7")]);
    assert_eq!(objects(&fake).head("k").await.unwrap().unwrap().version, None);
    assert_eq!(
        objects(&fake).head("k").await.unwrap().unwrap().version.as_deref(),
        Some("v7")
    );
}
