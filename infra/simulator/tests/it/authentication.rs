use simulator::Settings;

use crate::client::{BASIC, JSON, SUCCESS, identify, post, start};

fn only(key: &str) -> Settings {
    Settings {
        write_key: Some(key.to_owned()),
        ..Settings::default()
    }
}

#[tokio::test]
async fn accepts_the_write_key_in_header_or_body_or_beside_a_bearer_token() {
    let simulator = start(only("key")).await;
    let without_key = format!(r#"{{"batch":[{}]}}"#, identify("1"));
    let with_key = format!(r#"{{"writeKey":"key","batch":[{}]}}"#, identify("2"));
    for (headers, body) in [
        (BASIC, &without_key),
        ("Authorization: Basic a2V5\r\n", &without_key),
        ("", &with_key),
        ("Authorization: Bearer token\r\n", &with_key),
        (BASIC, &with_key),
    ] {
        post(&simulator, "/v1/batch", &[headers, JSON].concat(), body)
            .await
            .is(200, SUCCESS);
    }
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.accepted, counts.duplicates, counts.dropped_total()), (2, 3, 0));
}

#[tokio::test]
async fn refuses_a_request_without_write_key() {
    let simulator = start(Settings::default()).await;
    for body in [r#"{"batch":[]}"#, r#"{"writeKey":"","batch":[]}"#] {
        post(&simulator, "/v1/batch", JSON, body)
            .await
            .is(400, "missing write key");
    }
}

#[tokio::test]
async fn answers_200_to_an_unknown_write_key_and_drops_the_events() {
    let simulator = start(only("other")).await;
    let body = format!(r#"{{"batch":[{},{}]}}"#, identify("1"), identify("2"));
    post(&simulator, "/v1/batch", &[BASIC, JSON].concat(), body)
        .await
        .is(200, SUCCESS);
    let counts = simulator.stop().await.unwrap();
    assert_eq!(counts.dropped["unknown_source"], 2);
    assert_eq!(counts.accepted, 0);
}

#[tokio::test]
async fn refuses_another_content_type() {
    let simulator = start(Settings::default()).await;
    let body = format!(r#"{{"batch":[{}]}}"#, identify("1"));
    for headers in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/jsonl\r\n",
    ] {
        let reply = post(&simulator, "/v1/batch", &[BASIC, headers].concat(), &body).await;
        reply.is(400, "Content-Type must be application/json");
    }
    let headers = [BASIC, "Content-Type: Application/JSON; charset=utf-8\r\n"].concat();
    post(&simulator, "/v1/batch", &headers, &body).await.is(200, SUCCESS);
}
