use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use tokio::time::{Sleep, sleep};

use crate::request::Refusal;

/// Pause before each byte of a slow body.
const DRIBBLE: Duration = Duration::from_millis(500);

/// What is answered to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    text: &'static str,
    /// Seconds after which to try again.
    wait: Option<u64>,
}

impl Answer {
    /// The request was taken. It says nothing about its events.
    pub(crate) const TAKEN: Answer = Answer {
        status: 200,
        text: "{\"success\":true}",
        wait: None,
    };

    /// Too many requests, or so it was ordered.
    pub(crate) const fn limited(wait: u64) -> Answer {
        Answer {
            status: 429,
            text: "rate limit exceeded",
            wait: Some(wait),
        }
    }

    /// A failure on order.
    pub(crate) const fn failed(status: u16) -> Answer {
        Answer {
            status,
            text: "failure on order",
            wait: None,
        }
    }

    /// A page where JSON is expected, as a proxy in between would send.
    pub(crate) const HTML: Answer = Answer {
        text: "<!DOCTYPE html><title>200 OK</title><p>It works.",
        ..Answer::TAKEN
    };

    /// What is no JSON and begins as if it were.
    pub(crate) const GARBAGE: Answer = Answer {
        text: "{\"success\u{0}\u{1b}[2J: tru",
        ..Answer::TAKEN
    };

    /// Sixteen mebibytes of JSON, all but a few of them blank.
    pub(crate) fn respond_hugely() -> Response<AnswerBody> {
        static HUGE: LazyLock<Bytes> = LazyLock::new(|| {
            let mut text = vec![b' '; 16 << 20];
            text.extend_from_slice(Answer::TAKEN.text.as_bytes());
            Bytes::from(text)
        });
        let mut response = Answer::TAKEN.respond(false);
        response.body_mut().rest = HUGE.clone();
        response
    }

    /// Counts, or whatever else is JSON.
    pub(crate) fn respond_json(text: Vec<u8>) -> Response<AnswerBody> {
        let mut response = Answer::TAKEN.respond(false);
        response.body_mut().rest = Bytes::from(text);
        response
    }

    /// The answer on its way, its body all at once or slowly.
    pub(crate) fn respond(self, slowly: bool) -> Response<AnswerBody> {
        let body = AnswerBody {
            rest: Bytes::from_static(self.text.as_bytes()),
            pause: slowly.then(pause),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = match self.text.as_bytes().first() {
            Some(b'{') => "application/json",
            Some(b'<') => "text/html",
            _ => "text/plain",
        };
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(seconds) = self.wait {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response.headers_mut().insert("x-ratelimit-reset", seconds.into());
        }
        response
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Answer {
        Answer {
            status: refusal.status,
            text: refusal.text,
            wait: None,
        }
    }
}

/// A short body, sent at once or byte by byte.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    rest: Bytes,
    pause: Option<Pin<Box<Sleep>>>,
}

fn pause() -> Pin<Box<Sleep>> {
    Box::pin(sleep(DRIBBLE))
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let mut length = self.rest.len();
        if let Some(pending) = &mut self.pause {
            std::task::ready!(pending.as_mut().poll(cx));
            self.pause = Some(pause());
            length = 1;
        }
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
