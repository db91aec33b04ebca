use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Bytes};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use libdeflater::{DecompressionError, Decompressor};

use super::Refusal;

/// One request: 500 KB (Segment docs, HTTP API, Max request size), counted before compression as the libraries do.
const MAX_REQUEST_BYTES: usize = 500 * 1024;

/// Bytes kept of a body as it comes: gzip of noise is a little longer than the noise.
const MAX_WIRE_BYTES: usize = MAX_REQUEST_BYTES + MAX_REQUEST_BYTES / 8;

/// Bytes read and thrown away of a body that is too long, so that its sender is there to read the refusal.
const MAX_DRAINED_BYTES: usize = 16 * 1024 * 1024;

/// The client went away in the middle of its body, or would not stop sending.
#[derive(Debug)]
pub(crate) struct Lost;

/// What the requests of one connection after the other are decoded in.
pub(crate) struct Buffers {
    /// The body as it came.
    pub(crate) wire: Vec<u8>,
    plain: Vec<u8>,
    inflater: Decompressor,
}

impl Buffers {
    pub(crate) fn new() -> Buffers {
        Buffers {
            wire: Vec::new(),
            plain: Vec::new(),
            inflater: Decompressor::new(),
        }
    }
}

/// Receives a body into the buffers. Past [`MAX_WIRE_BYTES`] the rest is thrown away, and what is kept is too long to
/// be taken.
///
/// # Errors
/// [`Lost`] if there is no one left to answer.
pub(crate) async fn receive<B>(mut body: B, buffers: &mut Buffers) -> Result<(), Lost>
where
    B: Body<Data = Bytes> + Unpin,
{
    buffers.wire.clear();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Lost)?.into_data() else {
            continue;
        };
        received += data.len();
        if received > MAX_DRAINED_BYTES {
            return Err(Lost);
        }
        let room = (MAX_WIRE_BYTES + 1).saturating_sub(buffers.wire.len());
        buffers.wire.extend_from_slice(&data[..data.len().min(room)]);
    }
    Ok(())
}

/// The received body as text, decompressed if the headers say so.
///
/// # Errors
/// The refusal of a body that is too long, of another type or encoding, or broken.
pub(crate) fn decode<'b>(headers: &HeaderMap, buffers: &'b mut Buffers) -> Result<&'b str, Refusal> {
    if !is_json(headers) {
        return Err(Refusal::CONTENT_TYPE);
    }
    if buffers.wire.len() > MAX_WIRE_BYTES {
        return Err(Refusal::TOO_LARGE);
    }
    let encoding = headers
        .get(CONTENT_ENCODING)
        .map_or("identity", |value| value.to_str().unwrap_or("?"))
        .trim();
    let bytes = if encoding.eq_ignore_ascii_case("identity") {
        buffers.wire.as_slice()
    } else if encoding.eq_ignore_ascii_case("gzip") {
        inflate(buffers)?
    } else {
        return Err(Refusal::ENCODING);
    };
    if bytes.len() > MAX_REQUEST_BYTES {
        return Err(Refusal::TOO_LARGE);
    }
    std::str::from_utf8(bytes).map_err(|_| Refusal::MALFORMED)
}

fn inflate(buffers: &mut Buffers) -> Result<&[u8], Refusal> {
    let Buffers { wire, plain, inflater } = buffers;
    plain.resize(MAX_REQUEST_BYTES, 0);
    match inflater.gzip_decompress(wire, plain) {
        Ok(length) => Ok(&plain[..length]),
        Err(DecompressionError::InsufficientSpace) => Err(Refusal::TOO_LARGE),
        Err(DecompressionError::BadData) => Err(Refusal::GZIP),
    }
}

/// The header is mandatory (Segment docs, HTTP API, Content-Type); parameters after it are not looked at.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
