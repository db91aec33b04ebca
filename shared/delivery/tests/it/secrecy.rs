//! The write key is never seen.

use std::error::Error;

use delivery::{ClientSettings, DeliveryError, Endpoint, Limits, Packer, WriteKey};

use crate::fake_api::{FakeApi, KEY, Reply, client};
use crate::script::batch;

/// The key in base64, with and without the colon of Basic authorization; the end, where they differ, left out.
const ENCODED: &str = "Y2FuYXJ5LXdyaXRlLWtle";

fn check(told: &str) {
    assert!(!told.contains("canary") && !told.contains(ENCODED), "{told}");
}

/// All that can be printed of an error: its text, its Debug and those of its causes.
fn check_error(error: &DeliveryError) {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        check(&format!("{error} {error:?} {error:#?}"));
        cause = error.source();
    }
}

#[test]
fn debug_output_hides_the_key_and_events() {
    let key = WriteKey::parse(KEY).unwrap();
    let settings = ClientSettings::new(Endpoint::us(), key.clone());
    check(&format!("{key:?} {settings:?} {settings:#?}"));
    let client = client("http://127.0.0.1:9", true);
    check(&format!("{client:?} {client:#?}"));

    let mut packer = Packer::new(Limits::default());
    packer.push(b"\"canary event\"", "canary ticket").unwrap();
    check(&format!("{packer:?}"));
    check(&format!("{:?}", packer.finish().unwrap()));
}

#[tokio::test]
async fn an_answer_that_repeats_the_request_gives_nothing_away() {
    for status in [301, 400, 401, 403, 404, 413, 429, 500, 501] {
        let api = FakeApi::start(move |_, seen| {
            let authorization = seen.header("authorization").unwrap().to_owned();
            let body = format!("{} {authorization}", seen.text);
            Reply::Answer {
                status,
                headers: vec![("Location", format!("/{KEY}")), ("Retry-After", KEY.to_owned())],
                body,
            }
        })
        .await;
        match api.client(false).deliver(batch(0..2)).await {
            Ok(delivered) => {
                assert_eq!(delivered.refused.len(), 2, "{status}");
                check(&format!("{delivered:?}"));
            }
            Err(error) => check_error(&error),
        }
        assert!(api.seen()[0].text.contains(KEY), "the canary must be in what was sent");
    }
}

#[tokio::test]
async fn network_errors_give_nothing_away() {
    let api = FakeApi::start(|_, _| Reply::Reset).await;
    check_error(&api.client(true).deliver(batch(0..2)).await.unwrap_err());
    let gone = FakeApi::start(|_, _| Reply::Reset).await.url();
    check_error(&client(&gone, true).deliver(batch(0..2)).await.unwrap_err());
}
