//! Answers that ask for another try, and answers that are lost.

use super::*;

fn conflict() -> Reply {
    Reply::s3_error(409, "ConditionalRequestConflict")
}

fn exists() -> Reply {
    Reply::s3_error(412, "PreconditionFailed")
}

/// What passes: S3 is busy or broken for a moment, or the connection is.
fn passing() -> [Reply; 6] {
    [
        Reply::s3_error(503, "SlowDown"),
        Reply::s3_error(503, "ServiceUnavailable"),
        Reply::s3_error(500, "InternalError"),
        Reply::s3_error(400, "RequestTimeout"),
        Reply::new(502, ""),
        Reply::lost(),
    ]
}

#[tokio::test(start_paused = true)]
async fn create_asks_again_while_another_write_is_under_way() {
    let fake = Fake::new([conflict(), conflict(), Reply::new(200, "")]);
    assert_eq!(
        objects(&fake).create("k", Bytes::from_static(b"x")).await.unwrap(),
        Created::New
    );
    assert_eq!(fake.asked().len(), 3);
    assert!(
        fake.asked()
            .iter()
            .all(|asked| asked.header("if-none-match") == Some("*"))
    );

    let fake = Fake::new([conflict(), exists()]);
    assert_eq!(objects(&fake).create("k", Bytes::new()).await.unwrap(), Created::Exists);
}

#[tokio::test(start_paused = true)]
async fn create_that_never_gets_a_decision_looks_whether_the_object_is_there() {
    let conflicts = || std::iter::repeat_n(conflict(), 6);
    let there = Reply::new(200, "")
        .header("content-length", "1")
        .header("etag", "\"e\"");
    let fake = Fake::new(conflicts().chain([there]));
    assert_eq!(objects(&fake).create("k", Bytes::new()).await.unwrap(), Created::Exists);

    let fake = Fake::new(conflicts().chain([Reply::new(404, "")]));
    let error = objects(&fake).create("k", Bytes::new()).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert_eq!(fake.asked().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn write_whose_answer_was_lost_exists() {
    // It was taken, and the connection broke: the SDK's next try finds it there.
    let fake = Fake::new([Reply::lost(), exists()]);
    assert_eq!(
        objects(&fake).create("k", Bytes::from_static(b"x")).await.unwrap(),
        Created::Exists
    );
    let fake = Fake::new([Reply::s3_error(500, "InternalError"), conflict(), exists()]);
    assert_eq!(objects(&fake).create("k", Bytes::new()).await.unwrap(), Created::Exists);
}

#[tokio::test(start_paused = true)]
async fn every_request_is_tried_again_until_what_passes_has_passed() {
    let listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let found = || {
        Reply::new(200, "body")
            .header("content-length", "4")
            .header("etag", "\"e\"")
    };
    for reply in passing() {
        let after = |last: Reply| objects(&Fake::new([reply.clone(), reply.clone(), last]));
        assert_eq!(after(found()).get("k").await.unwrap().unwrap(), "body", "{reply:?}");
        assert_eq!(after(found()).head("k").await.unwrap().unwrap().size, 4, "{reply:?}");
        let blocks = after(found()).read(&pin(), 0..4).await.unwrap();
        assert_eq!(whole(blocks).await, b"body", "{reply:?}");
        assert_eq!(
            after(Reply::new(200, listing)).list("k", None).await.unwrap(),
            [],
            "{reply:?}"
        );
        let created = after(Reply::new(200, "")).create("k", Bytes::new()).await.unwrap();
        assert_eq!(created, Created::New, "{reply:?}");
        after(Reply::new(200, "")).put("k", Bytes::new()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_an_error_that_says_that_it_may() {
    for reply in passing() {
        let fail = || objects(&Fake::new(vec![reply.clone(); 50]));
        let errors = [
            fail().get("k").await.unwrap_err(),
            fail().list("k", None).await.unwrap_err(),
            fail().create("k", Bytes::new()).await.unwrap_err(),
            fail().put("k", Bytes::new()).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                error.is_retryable() && error.name() == crate::ErrorName::Unavailable,
                "{error}"
            );
            assert!(error.to_string().contains("s3://acme-extracts/k"), "{error}");
        }
    }
    let fake = Fake::new(vec![Reply::s3_error(503, "SlowDown"); 50]);
    let error = objects(&fake).put("k", Bytes::new()).await.unwrap_err().to_string();
    assert!(error.contains("SlowDown (status 503)"), "{error}");
}

#[tokio::test]
async fn small_object_whose_body_breaks_off_is_read_again() {
    let cut = || Reply::new(200, "bo").header("content-length", "4");
    let fake = Fake::new([cut(), cut(), Reply::new(200, "body").header("content-length", "4")]);
    assert_eq!(objects(&fake).get("k").await.unwrap().unwrap(), "body");

    let fake = Fake::new(vec![cut(); 50]);
    let error = objects(&fake).get("k").await.unwrap_err();
    assert!(fake.asked().len() < 50);
    assert!(
        matches!(error, ObjectError::Interrupted { .. }) && error.is_retryable(),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn process_has_tries_left_after_many_failures() {
    let slow = vec![Reply::s3_error(500, "InternalError"); 2];
    let replies = (0..200).flat_map(|_| slow.iter().cloned().chain([Reply::new(200, "")]));
    let objects = objects(&Fake::new(replies));
    for _ in 0..200 {
        assert_eq!(objects.create("k", Bytes::new()).await.unwrap(), Created::New);
    }
}
