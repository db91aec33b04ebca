//! A Tracking API that repeats what it is sent in what it says, as error pages of proxies do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;

/// Events with this word are refused, in words that quote them.
pub const POISON: &str = "poison";

/// Events with this word are refused, in words that quote them and the write key in each form that it came in.
pub const POISON_TELLING_KEY: &str = "poison-and-key";

/// Every so many requests one fails in passing, in words that quote all of it.
const FAILS_EVERY: usize = 25;

/// A server on a port of its own; ends when it is dropped.
#[derive(Debug)]
pub struct EchoApi {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
}

impl EchoApi {
    /// Starts a server.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let api = Self {
            address: listener.local_addr()?,
            is_over: Arc::default(),
            requests: Arc::default(),
        };
        let (is_over, requests) = (Arc::clone(&api.is_over), Arc::clone(&api.requests));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let requests = Arc::clone(&requests);
                // A client that goes away is no fault of a test.
                thread::spawn(move || serve(&stream, &requests));
            }
        });
        Ok(api)
    }

    /// Returns the address, as `--endpoint` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns how many requests came.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for EchoApi {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers one request.
fn serve(stream: &TcpStream, requests: &AtomicUsize) -> Result<()> {
    let (head, body) = read(stream)?;
    let number = requests.fetch_add(1, Ordering::Relaxed);
    let (events, _) = body.split_once("],\"context\"").unwrap_or((&body, ""));
    let (status, words) = if body.contains(POISON_TELLING_KEY) {
        ("400 Bad Request", format!("refused: {head} {body}"))
    } else if body.contains(POISON) {
        ("400 Bad Request", format!("refused: {events}"))
    } else if number.is_multiple_of(FAILS_EVERY) {
        ("503 Service Unavailable", format!("{head} {body}"))
    } else {
        ("200 OK", "{\"success\": true}".to_owned())
    };
    let length = words.len();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{words}"
    )?;
    Ok(())
}

/// Returns the head and the uncompressed body of a request.
fn read(stream: &TcpStream) -> Result<(String, String)> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        anyhow::ensure!(stream.read_line(&mut head)? > 0, "the request ends in its head");
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.context("no length")?.trim().parse()?];
    stream.read_exact(&mut body)?;
    let mut text = String::new();
    match body.as_slice() {
        [0x1f, 0x8b, ..] => GzDecoder::new(body.as_slice()).read_to_string(&mut text)?,
        plain => (&*plain).read_to_string(&mut text)?,
    };
    Ok((head, text))
}
