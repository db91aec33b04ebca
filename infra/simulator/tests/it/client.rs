//! A client that shares nothing with the server: requests as text, answers taken apart by hand.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};

use flate2::Compression;
use flate2::write::GzEncoder;
use simulator::{Settings, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Basic authentication of the user `key` with an empty password.
pub(crate) const BASIC: &str = "Authorization: Basic a2V5Og==\r\n";
pub(crate) const JSON: &str = "Content-Type: application/json\r\n";
pub(crate) const SUCCESS: &str = r#"{"success":true}"#;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.body.as_str()), (status, body));
    }
}

pub(crate) async fn start(settings: Settings) -> Simulator {
    Simulator::start(any_port(), settings).await.unwrap()
}

pub(crate) fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// Posts a batch of these events with a key and a content type.
pub(crate) async fn post_batch(simulator: &Simulator, events: &[&str]) -> Reply {
    post(simulator, "/v1/batch", &[BASIC, JSON].concat(), &batch(events)).await
}

pub(crate) fn batch(events: &[&str]) -> String {
    format!(r#"{{"batch":[{}]}}"#, events.join(","))
}

/// An identify call with this message id.
pub(crate) fn identify(id: &str) -> String {
    format!(r#"{{"type":"identify","userId":"u","messageId":"{id}"}}"#)
}

pub(crate) async fn post(simulator: &Simulator, path: &str, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    try_post(simulator, path, headers, body).await.unwrap()
}

pub(crate) async fn try_post(
    simulator: &Simulator,
    path: &str,
    headers: &str,
    body: impl AsRef<[u8]>,
) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(simulator.address()).await?;
    send(&mut stream, path, headers, body.as_ref()).await?;
    receive(&mut stream).await
}

pub(crate) async fn send(stream: &mut TcpStream, path: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: here\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await
}

pub(crate) async fn receive(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut bytes = Vec::new();
    loop {
        if let Some(reply) = whole(&bytes) {
            return Ok(reply);
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn whole(bytes: &[u8]) -> Option<Reply> {
    let (head, body) = std::str::from_utf8(bytes).unwrap().split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let reply = Reply {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    };
    let length: usize = reply.header("content-length").unwrap().parse().unwrap();
    (body.len() == length).then_some(reply)
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}
