use std::io::ErrorKind;
use std::time::Duration;

use simulator::{Settings, Simulator};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{BASIC, JSON, SUCCESS, batch, identify, post_batch, send, start, try_post};

async fn failing(spec: &str) -> Simulator {
    start(Settings {
        faults: spec.parse().unwrap(),
        ..Settings::default()
    })
    .await
}

async fn error_of(simulator: &Simulator) -> ErrorKind {
    let headers = [BASIC, JSON].concat();
    try_post(simulator, "/v1/batch", &headers, batch(&[&identify("1")]))
        .await
        .unwrap_err()
        .kind()
}

#[tokio::test]
async fn answers_a_status_on_order_without_taking_the_request() {
    let simulator = failing("503:100%").await;
    assert_eq!(post_batch(&simulator, &[&identify("1")]).await.status, 503);
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.answered[&503], counts.accepted), (1, 0));
}

#[tokio::test]
async fn tells_the_wait_with_a_429_on_order() {
    let simulator = failing("429:100%,retry-after:7").await;
    let reply = post_batch(&simulator, &[&identify("1")]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("Retry-After"), Some("7"));
    assert_eq!(reply.header("X-RateLimit-Reset"), Some("7"));
}

#[tokio::test]
async fn resets_the_connection_before_taking_the_request() {
    let simulator = failing("reset:100%").await;
    assert_eq!(error_of(&simulator).await, ErrorKind::ConnectionReset);
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.requests, counts.unanswered, counts.accepted), (1, 1, 0));
}

#[tokio::test]
async fn resets_the_connection_after_taking_the_request() {
    let simulator = failing("reset-after:100%").await;
    assert_eq!(error_of(&simulator).await, ErrorKind::ConnectionReset);
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.requests, counts.unanswered, counts.accepted), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn stalls_for_minutes_and_then_resets() {
    let simulator = failing("stall:100%").await;
    let before = Instant::now();
    assert_eq!(error_of(&simulator).await, ErrorKind::ConnectionReset);
    assert!(before.elapsed() >= Duration::from_mins(5));
    assert_eq!(simulator.counts().accepted, 0);
}

#[tokio::test(start_paused = true)]
async fn dribbles_the_body_of_a_slow_answer() {
    let simulator = failing("slow:100%").await;
    let before = Instant::now();
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    assert!(before.elapsed() >= Duration::from_millis(500) * 16);
    assert_eq!(simulator.counts().accepted, 1);
}

#[tokio::test]
async fn same_seed_gives_the_same_answers() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let simulator = failing("503:30%,500:30%,seed:5").await;
        let mut statuses = Vec::new();
        for id in 0..40 {
            statuses.push(post_batch(&simulator, &[&identify(&id.to_string())]).await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert!([200, 500, 503].iter().all(|status| runs[0].contains(status)));
}

#[tokio::test]
async fn counts_a_client_that_went_away_as_unanswered() {
    let simulator = start(Settings::default()).await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    send(
        &mut stream,
        "/v1/batch",
        &format!("{BASIC}{JSON}Expect: 100-continue\r\n"),
        b"",
    )
    .await
    .unwrap();
    drop(stream);
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let torn = format!("POST /v1/batch HTTP/1.1\r\nHost: here\r\n{BASIC}{JSON}Content-Length: 500\r\n\r\n{{\"batch\":");
    tokio::io::AsyncWriteExt::write_all(&mut stream, torn.as_bytes())
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
    assert_eq!(
        stream.read(&mut [0; 16]).await.unwrap_or(0),
        0,
        "there is nothing to answer"
    );
    let counts = simulator.stop().await.unwrap();
    assert_eq!(counts.accepted, 0);
    assert_eq!(
        counts.unanswered,
        counts.requests - counts.answered.values().sum::<u64>()
    );
}

/// The bytes of an answer as they come, until the connection ends or has nothing more to say.
async fn raw_answer(simulator: &Simulator) -> String {
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let body = batch(&[&identify("1")]);
    send(
        &mut stream,
        "/v1/batch",
        &[BASIC, JSON, "Connection: close\r\n"].concat(),
        body.as_bytes(),
    )
    .await
    .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn takes_the_request_and_breaks_the_answer() {
    for (spec, head, body) in [
        ("cut", "Content-Length: 16", "{\"succ"),
        ("chunks", "Transfer-Encoding: chunked", "some\r\n{\"success\":true}\r\n"),
        ("length", "Content-Length: 4", SUCCESS),
        (
            "html",
            "content-type: text/html",
            "<!DOCTYPE html><title>200 OK</title><p>It works.",
        ),
        (
            "garbage",
            "content-type: application/json",
            "{\"success\u{0}\u{1b}[2J: tru",
        ),
    ] {
        let simulator = failing(&format!("{spec}:100%")).await;
        let answer = raw_answer(&simulator).await;
        let (shown, rest) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            shown.starts_with("HTTP/1.1 200 OK\r\n") && shown.contains(head),
            "{spec}: {shown}"
        );
        assert_eq!(rest, body, "{spec}");
        let counts = simulator.stop().await.unwrap();
        assert_eq!(
            (counts.accepted, counts.answered[&200], counts.unanswered),
            (1, 1, 0),
            "{spec}"
        );
    }
    let simulator = failing("huge:100%").await;
    assert!(raw_answer(&simulator).await.len() > 16 << 20);
}

#[tokio::test]
async fn a_refused_request_is_not_answered_200_by_a_broken_answer() {
    let simulator = failing("cut:100%").await;
    let reply = try_post(&simulator, "/v1/batch", &[BASIC, JSON].concat(), "{")
        .await
        .unwrap();
    reply.is(400, "malformed JSON");
}

#[tokio::test(start_paused = true)]
async fn in_a_storm_every_request_fails() {
    let simulator = failing("storm:429:5s/20s,retry-after:3").await;
    let mut statuses = Vec::new();
    for second in 0..25 {
        let reply = post_batch(&simulator, &[&identify(&second.to_string())]).await;
        assert_eq!(reply.header("Retry-After"), (reply.status == 429).then_some("3"));
        statuses.push(reply.status);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let struck: Vec<usize> = (0..25).filter(|second| statuses[*second] == 429).collect();
    assert_eq!(struck, [15, 16, 17, 18, 19]);
    assert_eq!(simulator.counts().accepted, 20);
}
