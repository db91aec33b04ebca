//! From the bytes of a request to its events, or to the refusal that the API answers.

mod auth;
mod body;
mod envelope;
mod json;
mod rewrite;
mod route;

pub(crate) use auth::write_key;
pub(crate) use body::{Buffers, Lost, decode, receive};
pub(crate) use envelope::{Envelope, Items};
pub(crate) use json::{is_bool, is_filled_text, is_null, is_number, is_object, is_text, pick, text, values};
pub(crate) use rewrite::{typed, without_write_key};
pub(crate) use route::Route;
pub(crate) use serde_json::value::RawValue;

/// One event: 32 KB (Segment docs, HTTP API, Max request size).
pub(crate) const MAX_EVENT_BYTES: usize = 32 * 1024;

/// Events in a batch (Segment docs, HTTP API, Errors).
pub(crate) const MAX_BATCH_EVENTS: usize = 2_500;

/// A request that is answered with a status other than 200, and what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) text: &'static str,
}

impl Refusal {
    pub(crate) const TOO_LARGE: Refusal = Refusal::bad("Exceed payload limit");
    pub(crate) const MALFORMED: Refusal = Refusal::bad("malformed JSON");
    pub(crate) const NO_WRITE_KEY: Refusal = Refusal::bad("missing write key");
    pub(crate) const CONTENT_TYPE: Refusal = Refusal::bad("Content-Type must be application/json");
    pub(crate) const ENCODING: Refusal = Refusal::bad("Content-Encoding must be gzip or identity");
    pub(crate) const GZIP: Refusal = Refusal::bad("malformed gzip");
    pub(crate) const NOT_FOUND: Refusal = Refusal {
        status: 404,
        text: "no such endpoint",
    };
    pub(crate) const METHOD: Refusal = Refusal {
        status: 405,
        text: "use POST",
    };
    pub(crate) const NOT_KEPT: Refusal = Refusal {
        status: 500,
        text: "cannot keep the events",
    };

    const fn bad(text: &'static str) -> Refusal {
        Refusal { status: 400, text }
    }
}
