use simulator::Settings;

use crate::client::{BASIC, JSON, SUCCESS, batch, gzip, identify, post, post_batch, start};

const MAX_EVENT: usize = 32 * 1024;
const MAX_REQUEST: usize = 500 * 1024;
const TOO_LARGE: &str = "Exceed payload limit";

/// A valid event of exactly this many bytes.
fn event_of(bytes: usize, id: usize) -> String {
    let frame = format!(r#"{{"type":"identify","userId":"u{id}","traits":{{"t":""}}}}"#);
    frame.replace(r#""t":"""#, &format!(r#""t":"{}""#, "x".repeat(bytes - frame.len())))
}

/// A valid batch of exactly this many bytes.
fn batch_of(bytes: usize) -> String {
    let mut events: Vec<String> = (0..15).map(|id| event_of(32_000, id)).collect();
    let frame = batch(&events.iter().map(String::as_str).collect::<Vec<_>>());
    events.push(event_of(bytes - frame.len() - 1, 15));
    batch(&events.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test]
async fn refuses_a_batch_with_an_event_over_32_kb() {
    let simulator = start(Settings::default()).await;
    let (fits, exceeds) = (event_of(MAX_EVENT, 1), event_of(MAX_EVENT + 1, 2));
    post_batch(&simulator, &[&fits]).await.is(200, SUCCESS);
    post_batch(&simulator, &[&identify("1"), &exceeds])
        .await
        .is(400, TOO_LARGE);
    let counts = simulator.stop().await.unwrap();
    assert_eq!(counts.accepted, 1, "nothing of a refused batch is taken");
}

#[tokio::test]
async fn refuses_a_single_call_over_32_kb() {
    let simulator = start(Settings::default()).await;
    let headers = [BASIC, JSON].concat();
    post(&simulator, "/v1/identify", &headers, event_of(MAX_EVENT, 1))
        .await
        .is(200, SUCCESS);
    post(&simulator, "/v1/identify", &headers, event_of(MAX_EVENT + 1, 2))
        .await
        .is(400, TOO_LARGE);
}

#[tokio::test]
async fn refuses_a_request_over_500_kb() {
    let simulator = start(Settings::default()).await;
    let headers = [BASIC, JSON].concat();
    post(&simulator, "/v1/batch", &headers, batch_of(MAX_REQUEST))
        .await
        .is(200, SUCCESS);
    post(&simulator, "/v1/batch", &headers, batch_of(MAX_REQUEST + 1))
        .await
        .is(400, TOO_LARGE);
    post(&simulator, "/v1/batch", &headers, " ".repeat(5_000_000))
        .await
        .is(400, TOO_LARGE);
}

#[tokio::test]
async fn counts_the_request_limit_before_compression() {
    let simulator = start(Settings::default()).await;
    let headers = [BASIC, JSON, "Content-Encoding: gzip\r\n"].concat();
    post(&simulator, "/v1/batch", &headers, gzip(&batch_of(MAX_REQUEST)))
        .await
        .is(200, SUCCESS);
    post(&simulator, "/v1/batch", &headers, gzip(&batch_of(MAX_REQUEST + 1)))
        .await
        .is(400, TOO_LARGE);
    let counts = simulator.stop().await.unwrap();
    assert_eq!(counts.bytes.json, MAX_REQUEST as u64);
    assert!(counts.bytes.wire < counts.bytes.json / 10);
}

#[tokio::test]
async fn refuses_broken_or_unknown_compression() {
    let simulator = start(Settings::default()).await;
    let body = batch(&[&identify("1")]);
    let with = |encoding: &str| format!("{BASIC}{JSON}Content-Encoding: {encoding}\r\n");
    post(&simulator, "/v1/batch", &with("gzip"), &body)
        .await
        .is(400, "malformed gzip");
    let torn = &gzip(&body)[..20];
    post(&simulator, "/v1/batch", &with("gzip"), torn)
        .await
        .is(400, "malformed gzip");
    let reply = post(&simulator, "/v1/batch", &with("br"), &body).await;
    reply.is(400, "Content-Encoding must be gzip or identity");
}

#[tokio::test]
async fn answers_200_to_a_batch_over_2500_events_and_drops_it_whole() {
    let simulator = start(Settings::default()).await;
    let events: Vec<String> = (0..2_501).map(|id| identify(&id.to_string())).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    post_batch(&simulator, &events).await.is(200, SUCCESS);
    assert_eq!(simulator.counts().dropped["batch_too_large"], 2_501);
    assert_eq!(simulator.counts().accepted, 0);
    post_batch(&simulator, &events[..2_500]).await.is(200, SUCCESS);
    assert_eq!(simulator.counts().accepted, 2_500);
}

#[tokio::test]
async fn refuses_malformed_json() {
    let simulator = start(Settings::default()).await;
    let headers = [BASIC, JSON].concat();
    for body in ["", "{", "[]", r#"{"batch":[{"a":1,}]}"#] {
        post(&simulator, "/v1/batch", &headers, body)
            .await
            .is(400, "malformed JSON");
    }
    post(&simulator, "/v1/batch", &headers, b"{\"batch\":[{\"a\":\"\xff\"}]}")
        .await
        .is(400, "malformed JSON");
}

#[tokio::test]
async fn answers_200_to_a_batch_without_events() {
    let simulator = start(Settings::default()).await;
    for body in ["{}", r#"{"batch":[]}"#, r#"{"batch":{}}"#] {
        post(&simulator, "/v1/batch", &[BASIC, JSON].concat(), body)
            .await
            .is(200, SUCCESS);
    }
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.dropped["empty_batch"], counts.dropped["bad_request"]), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn limits_the_request_rate() {
    let simulator = start(Settings {
        max_requests_per_second: 2.try_into().ok(),
        ..Settings::default()
    })
    .await;
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    post_batch(&simulator, &[&identify("2")]).await.is(200, SUCCESS);
    let reply = post_batch(&simulator, &[&identify("3")]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("Retry-After"), Some("1"));
    assert_eq!(reply.header("X-RateLimit-Reset"), Some("1"));
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    post_batch(&simulator, &[&identify("3")]).await.is(200, SUCCESS);
    assert_eq!(simulator.counts().accepted, 3);
}

#[tokio::test(start_paused = true)]
async fn limits_the_event_rate_and_takes_all_of_a_request_or_nothing() {
    let simulator = start(Settings {
        max_events_per_second: 3.try_into().ok(),
        ..Settings::default()
    })
    .await;
    let ids: Vec<String> = (0..4).map(|id| identify(&id.to_string())).collect();
    let events: Vec<&str> = ids.iter().map(String::as_str).collect();
    post_batch(&simulator, &events[..2]).await.is(200, SUCCESS);
    let reply = post_batch(&simulator, &events[2..]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("Retry-After"), Some("1"));
    assert_eq!(reply.header("X-RateLimit-Reset"), Some("1"));
    assert_eq!(simulator.counts().accepted, 2);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    post_batch(&simulator, &events[2..]).await.is(200, SUCCESS);
    assert_eq!(simulator.counts().accepted, 4);
}
