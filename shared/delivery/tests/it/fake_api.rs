//! A Tracking API on a port of this machine that answers as a test tells it to.

use std::convert::Infallible;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use delivery::{Client, ClientSettings, Endpoint, RetryPolicy, WriteKey};
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "canary-write-key";

/// What the server does with a request.
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Takes the request and closes the connection without an answer.
    Reset,
    /// Announces a body and closes the connection in the middle of it.
    Broken { status: u16 },
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: "{\"success\": true}".to_owned(),
        }
    }

    pub(crate) fn with(status: u16, header: &'static str, value: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![(header, value.to_owned())],
            body: String::new(),
        }
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// Bytes of the body on the wire.
    pub(crate) wire: usize,
    /// The body, decompressed.
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

type Replies = dyn Fn(usize, &Seen) -> Reply + Send + Sync;

struct State {
    replies: Box<Replies>,
    seen: Mutex<Vec<Seen>>,
}

/// The server. It stops when dropped.
pub(crate) struct FakeApi {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl FakeApi {
    /// Starts a server that answers each request by its number, from 0, and its content.
    pub(crate) async fn start(replies: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            replies: Box::new(replies),
            seen: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// A client of this server that does not wait long.
    pub(crate) fn client(&self, gzip: bool) -> Client {
        client(&self.url(), gzip)
    }
}

impl Drop for FakeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client whose waits are of milliseconds, also those that it is asked for.
pub(crate) fn client(url: &str, gzip: bool) -> Client {
    let mut settings = ClientSettings::new(Endpoint::parse(url).unwrap(), WriteKey::parse(KEY).unwrap());
    settings.gzip = gzip;
    settings.retry = HASTY;
    Client::new(settings).unwrap()
}

const HASTY: RetryPolicy = RetryPolicy {
    max_tries: 4,
    base: Duration::from_millis(2),
    cap: Duration::from_millis(5),
    max_wait: Duration::from_millis(5),
    ..RetryPolicy::PATIENT
};

async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(move |request| reply(request, Arc::clone(&state)));
    // A connection that a test breaks on purpose ends in an error here.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn reply(request: Request<Incoming>, state: Arc<State>) -> io::Result<Response<Body>> {
    let seen = read(request).await;
    let reply = {
        let mut all = state.seen.lock().unwrap();
        let reply = (state.replies)(all.len(), &seen);
        all.push(seen);
        reply
    };
    match reply {
        Reply::Reset => Err(io::ErrorKind::ConnectionReset.into()),
        Reply::Broken { status } => Ok(Response::builder()
            .status(status)
            .body(Broken { polls: 0 }.boxed_unsync())
            .unwrap()),
        Reply::Answer { status, headers, body } => {
            let builder = headers
                .into_iter()
                .fold(Response::builder().status(status), |builder, (name, value)| {
                    builder.header(name, value)
                });
            Ok(builder.body(whole(body)).unwrap())
        }
    }
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;

fn whole(text: String) -> Body {
    Full::new(Bytes::from(text))
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// A body that breaks off after its first piece has gone out.
struct Broken {
    polls: u8,
}

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.polls += 1;
        match self.polls {
            1 => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{\"succ"))))),
            // Gives the server the moment to send what it has.
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }
}

async fn read(request: Request<Incoming>) -> Seen {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut text = String::new();
    if parts
        .headers
        .get("content-encoding")
        .is_some_and(|encoding| encoding == "gzip")
    {
        flate2::read::GzDecoder::new(&body[..])
            .read_to_string(&mut text)
            .unwrap();
    } else {
        text.push_str(std::str::from_utf8(&body).unwrap());
    }
    Seen {
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        wire: body.len(),
        text,
    }
}
