//! What goes over a real socket, and what becomes of what comes back.

use delivery::DeliveryError;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::fake_api::{FakeApi, Reply, client};
use crate::script::{batch, refused};

#[tokio::test]
async fn posts_a_batch_with_key_library_time_and_headers() {
    let api = FakeApi::start(|_, _| Reply::status(200)).await;
    let delivered = api.client(false).deliver(batch(0..3)).await.unwrap();
    let seen = api.seen();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!((seen.len(), seen[0].path.as_str()), (1, "/v1/batch"));
    // "canary-write-key:" in base64.
    assert_eq!(seen[0].header("authorization"), Some("Basic Y2FuYXJ5LXdyaXRlLWtleTo="));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(
        seen[0].header("user-agent"),
        Some(format!("backhaul/{version}").as_str())
    );
    assert_eq!(
        (seen[0].header("x-retry-count"), seen[0].header("content-encoding")),
        (None, None)
    );
    let mut body = seen[0].json();
    let sent_at = body["sentAt"].take();
    let stamp: jiff::Timestamp = sent_at.as_str().unwrap().parse().unwrap();
    assert_eq!(format!("{stamp:.3}"), sent_at.as_str().unwrap());
    assert_eq!(
        body,
        json!({"batch": [0, 1, 2], "context": {"library": {"name": "backhaul", "version": version}}, "sentAt": null,
            "writeKey": "canary-write-key"})
    );
    assert_eq!(
        (delivered.sent.as_slice(), delivered.requests, delivered.retries),
        (&[0, 1, 2][..], 1, 0)
    );
    assert_eq!(delivered.bytes_wire, seen[0].wire as u64);
    assert_eq!(delivered.bytes_json, seen[0].text.len() as u64);
}

#[tokio::test]
async fn compressed_body_is_the_same_json_and_counted_as_sent() {
    let api = FakeApi::start(|_, _| Reply::status(200)).await;
    let delivered = api.client(true).deliver(batch(0..2_000)).await.unwrap();
    let seen = &api.seen()[0];
    assert_eq!(seen.header("content-encoding"), Some("gzip"));
    assert_eq!(seen.json()["batch"], json!((0..2_000).collect::<Vec<_>>()));
    assert_eq!(
        (delivered.bytes_json, delivered.bytes_wire),
        (seen.text.len() as u64, seen.wire as u64)
    );
    assert!(delivered.bytes_wire < delivered.bytes_json);
}

#[tokio::test]
async fn a_retry_is_numbered_and_has_a_fresh_time_and_the_same_events() {
    let api = FakeApi::start(|number, _| match number {
        0 => Reply::status(500),
        1 => Reply::Reset,
        _ => Reply::status(200),
    })
    .await;
    let delivered = api.client(true).deliver(batch(0..3)).await.unwrap();
    let seen = api.seen();
    let counts: Vec<_> = seen.iter().map(|seen| seen.header("x-retry-count")).collect();
    assert_eq!(counts, [None, Some("1"), Some("2")]);
    // Waits of 2 ms at least lie between the tries.
    let times: Vec<_> = seen
        .iter()
        .map(|seen| seen.json()["sentAt"].as_str().unwrap().to_owned())
        .collect();
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
    assert!(seen.iter().all(|seen| seen.json()["batch"] == json!([0, 1, 2])));
    assert_eq!((delivered.sent.len(), delivered.requests, delivered.retries), (3, 3, 2));
}

#[tokio::test]
async fn rate_limiting_is_waited_out_in_both_forms_of_the_header() {
    for header in ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"] {
        // More than the tries allowed: only waits that were asked for are free.
        let api = FakeApi::start(move |number, _| match number {
            0..6 => Reply::with(429, "Retry-After", header),
            _ => Reply::status(200),
        })
        .await;
        let delivered = api.client(true).deliver(batch(0..3)).await.unwrap();
        assert_eq!(
            (delivered.sent.len(), delivered.requests, delivered.retries),
            (3, 7, 6),
            "{header}"
        );
    }
}

#[tokio::test]
async fn refused_events_are_isolated_with_the_apis_words() {
    let api = FakeApi::start(|_, seen| match seen.json()["batch"].as_array().unwrap() {
        events if events.contains(&json!(7)) => Reply::Answer {
            status: 400,
            headers: Vec::new(),
            body: "Exceed\npayload limit".to_owned(),
        },
        events if events.len() > 5 => Reply::status(413),
        _ => Reply::status(200),
    })
    .await;
    let delivered = api.client(true).deliver(batch(0..20)).await.unwrap();
    assert_eq!(refused(&delivered), [7]);
    assert_eq!(
        (delivered.refused[0].status, delivered.refused[0].message.as_str()),
        (400, "Exceed payload limit")
    );
    assert_eq!(
        delivered.sent,
        (0..20).filter(|number| *number != 7).collect::<Vec<_>>()
    );
    assert_eq!(
        delivered.bytes_wire,
        api.seen().iter().map(|seen| seen.wire as u64).sum::<u64>()
    );
}

#[tokio::test]
async fn redirects_are_not_followed_and_end_the_batch() {
    let elsewhere = FakeApi::start(|_, _| Reply::status(200)).await;
    let target = elsewhere.url();
    let api = FakeApi::start(move |_, _| Reply::with(307, "Location", &target)).await;
    let error = api.client(true).deliver(batch(0..3)).await.unwrap_err();
    assert!(
        matches!(error, DeliveryError::Redirected { status: 307, .. }),
        "{error}"
    );
    assert_eq!((api.seen().len(), elsewhere.seen().len()), (1, 0));
}

#[tokio::test]
async fn a_refused_key_is_final() {
    for status in [401, 403] {
        let api = FakeApi::start(move |_, _| Reply::status(status)).await;
        let error = api.client(true).deliver(batch(0..3)).await.unwrap_err();
        assert!(matches!(error, DeliveryError::Unauthorized { .. }), "{error}");
        assert_eq!(api.seen().len(), 1);
    }
}

#[tokio::test]
async fn an_accepted_status_counts_also_when_its_body_breaks_off() {
    let api = FakeApi::start(|_, _| Reply::Broken { status: 200 }).await;
    let client = api.client(true);
    for _ in 0..2 {
        let delivered = client.deliver(batch(0..3)).await.unwrap();
        assert_eq!((delivered.sent.len(), delivered.requests), (3, 1));
    }
}

#[tokio::test]
async fn an_accepted_status_counts_whatever_its_body_is() {
    for body in [
        "",
        "<!DOCTYPE html><p>It works.",
        "{\"success\": false}",
        "\u{0}\u{1b}[2J",
        &" ".repeat(5_000_000),
    ] {
        let body = body.to_owned();
        let api = FakeApi::start(move |_, _| Reply::Answer {
            status: 200,
            headers: Vec::new(),
            body: body.clone(),
        })
        .await;
        let client = api.client(true);
        for _ in 0..2 {
            let delivered = client.deliver(batch(0..3)).await.unwrap();
            assert_eq!((delivered.sent.len(), delivered.requests), (3, 1));
        }
    }
}

#[tokio::test]
async fn an_accepted_status_counts_also_when_what_follows_is_not_http() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"succ",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"success\":true}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsome\r\n{\"success\":true}\r\n",
    ] {
        let (url, server) = raw_api(answer).await;
        let client = client(&url, false);
        for _ in 0..2 {
            let delivered = client.deliver(batch(0..3)).await.unwrap();
            assert_eq!((delivered.sent.len(), delivered.requests), (3, 1), "{answer:?}");
        }
        server.abort();
    }
}

/// A server that answers the one request of each connection with these bytes.
async fn raw_api(answer: &'static str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            // The body is plain JSON and ends in the envelope's brace.
            while !request.ends_with(b"\"}") {
                stream.read_buf(&mut request).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, server)
}

#[tokio::test]
async fn a_long_answer_does_not_cost_its_connection_or_memory() {
    let api = FakeApi::start(|_, _| Reply::Answer {
        status: 400,
        headers: Vec::new(),
        body: "x".repeat(5_000_000),
    })
    .await;
    let delivered = api.client(true).deliver(batch(0..1)).await.unwrap();
    assert_eq!(delivered.refused[0].message, "x".repeat(300));
}

#[tokio::test]
async fn nobody_listening_is_named_with_address_cause_and_remedy() {
    let gone = FakeApi::start(|_, _| Reply::status(200)).await.url();
    let error = client(&gone, true).deliver(batch(0..3)).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("could not deliver to {gone} after 4 tries over ")),
        "{text}"
    );
    assert!(
        text.ends_with(" s: connection refused; check the address and network, then run again"),
        "{text}"
    );
    assert!(error.is_retryable());
}
