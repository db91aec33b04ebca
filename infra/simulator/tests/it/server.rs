use std::net::{Ipv4Addr, SocketAddr};

use simulator::{Settings, Simulator, SimulatorError};
use tokio::net::TcpStream;

use crate::client::{BASIC, JSON, SUCCESS, any_port, batch, identify, post, post_batch, receive, send, start};

#[tokio::test]
async fn refuses_to_listen_beyond_this_machine() {
    let everywhere: SocketAddr = (Ipv4Addr::UNSPECIFIED, 0).into();
    let error = Simulator::start(everywhere, Settings::default()).await.unwrap_err();
    assert!(matches!(error, SimulatorError::NotLoopback { .. }), "{error}");
}

#[tokio::test]
async fn names_a_port_that_is_taken() {
    let first = start(Settings::default()).await;
    let error = Simulator::start(first.address(), Settings::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains(&first.address().to_string()), "{error}");
}

#[tokio::test]
async fn tells_its_url() {
    let simulator = Simulator::start(any_port(), Settings::default()).await.unwrap();
    assert_eq!(
        simulator.url(),
        format!("http://127.0.0.1:{}", simulator.address().port())
    );
}

#[tokio::test]
async fn serves_many_requests_on_one_connection() {
    let simulator = start(Settings::default()).await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    for id in 0..50 {
        let body = batch(&[&identify(&id.to_string())]);
        send(&mut stream, "/v1/import/", &[BASIC, JSON].concat(), body.as_bytes())
            .await
            .unwrap();
        receive(&mut stream).await.unwrap().is(200, SUCCESS);
    }
    let counts = simulator.stop().await.unwrap();
    assert_eq!((counts.requests, counts.accepted, counts.answered[&200]), (50, 50, 50));
}

#[tokio::test]
async fn goes_on_with_a_connection_after_a_refusal() {
    let simulator = start(Settings::default()).await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let headers = [BASIC, JSON].concat();
    let large = vec![b' '; 2_000_000];
    send(&mut stream, "/v1/batch", &headers, &large).await.unwrap();
    assert_eq!(receive(&mut stream).await.unwrap().status, 400);
    send(&mut stream, "/v1/nowhere", &headers, b"{}").await.unwrap();
    assert_eq!(receive(&mut stream).await.unwrap().status, 404);
    send(&mut stream, "/v1/batch", &headers, batch(&[&identify("1")]).as_bytes())
        .await
        .unwrap();
    receive(&mut stream).await.unwrap().is(200, SUCCESS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepts_each_message_id_once_though_many_clients_send_it_at_once() {
    let simulator = std::sync::Arc::new(start(Settings::default()).await);
    let clients: Vec<_> = (0..16)
        .map(|client| {
            let simulator = std::sync::Arc::clone(&simulator);
            tokio::spawn(async move {
                let ids: Vec<String> = (0..200)
                    .map(|n| identify(&((n * 7 + client) % 200).to_string()))
                    .collect();
                let events: Vec<&str> = ids.iter().map(String::as_str).collect();
                post_batch(&simulator, &events).await.is(200, SUCCESS);
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    let counts = simulator.counts();
    assert_eq!((counts.accepted, counts.duplicates), (200, 15 * 200));
}

#[tokio::test(start_paused = true)]
async fn stops_in_spite_of_an_idle_connection_and_a_stalled_request() {
    let faults = "stall:100%".parse().unwrap();
    let simulator = start(Settings {
        faults,
        ..Settings::default()
    })
    .await;
    let idle = TcpStream::connect(simulator.address()).await.unwrap();
    let mut stalled = TcpStream::connect(simulator.address()).await.unwrap();
    send(
        &mut stalled,
        "/v1/batch",
        &[BASIC, JSON].concat(),
        batch(&[&identify("1")]).as_bytes(),
    )
    .await
    .unwrap();
    let address = simulator.address();
    let before = tokio::time::Instant::now();
    let counts = simulator.stop().await.unwrap();
    assert!(before.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(counts.answered.values().sum::<u64>(), 0);
    assert!(TcpStream::connect(address).await.is_err(), "nothing listens any more");
    drop(idle);
}

#[tokio::test]
async fn answers_404_and_405_beside_the_api() {
    let simulator = start(Settings::default()).await;
    assert_eq!(post(&simulator, "/v1/projects", JSON, "{}").await.status, 404);
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let get = b"GET /v1/batch HTTP/1.1\r\nHost: here\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, get).await.unwrap();
    assert_eq!(receive(&mut stream).await.unwrap().status, 405);
}

#[tokio::test]
async fn tells_what_it_counted_while_it_runs() {
    let simulator = start(Settings::default()).await;
    for ids in [["1", "2"], ["2", "3"], ["2", "4"]] {
        let events = ids.map(identify);
        post_batch(&simulator, &[&events[0], &events[1]]).await.is(200, SUCCESS);
    }
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let get = b"GET /__counts HTTP/1.1\r\nHost: here\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, get).await.unwrap();
    let counts: serde_json::Value = serde_json::from_str(&receive(&mut stream).await.unwrap().body).unwrap();
    assert_eq!(
        [
            &counts["requests"],
            &counts["accepted"],
            &counts["duplicates"],
            &counts["sent_again"]
        ],
        [3, 4, 2, 1]
    );
    assert_eq!(counts["answered"]["200"], 3);
}
