//! Whether a source has a write key, as its settings address tells.

use delivery::{Endpoint, Failure, KeyStanding, WriteKey, key_standing};

use crate::fake_api::{FakeApi, KEY, Reply};

async fn ask(url: &str) -> KeyStanding {
    let key = WriteKey::parse(KEY).unwrap();
    key_standing(Some(&Endpoint::parse(url).unwrap()), &key).await.unwrap()
}

#[tokio::test]
async fn key_is_known_by_success_and_unknown_by_404_and_no_other_answer_tells() {
    for (status, expected) in [
        (200, KeyStanding::Known),
        (204, KeyStanding::Known),
        (404, KeyStanding::Unknown),
        (301, KeyStanding::Unclear(301)),
        (403, KeyStanding::Unclear(403)),
        (503, KeyStanding::Unclear(503)),
    ] {
        let api = FakeApi::start(move |_, _| Reply::status(status)).await;
        assert_eq!(ask(&api.url()).await, expected);
        let seen = api.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].path, format!("/v1/projects/{KEY}/settings"));
        assert!(
            seen[0]
                .header("authorization")
                .is_some_and(|basic| basic.starts_with("Basic "))
        );
    }
}

#[tokio::test]
async fn without_an_answer_nothing_is_said_of_the_key_and_the_key_is_not_shown() {
    let api = FakeApi::start(|_, _| Reply::Reset).await;
    for url in [api.url(), "http://127.0.0.1:1".to_owned()] {
        let KeyStanding::NotAsked(Failure(text)) = ask(&url).await else {
            panic!("an answer")
        };
        assert!(!text.is_empty() && !text.contains(KEY), "{text}");
    }
}
