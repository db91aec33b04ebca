//! The body of a request: events in their envelope, compressed or not.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use libdeflater::{CompressionLvl, Compressor};
use serde_json::json;

use crate::{DeliveryError, ENVELOPE_BYTES, WriteKey};

const HEAD: &str = "{\"batch\":[";

/// Bytes of `sentAt`, as in `2026-08-21T10:11:12.345Z`.
const SENT_AT_BYTES: usize = 24;

/// What a row costs is sending it, by far more than compressing it. Level 6 comes within two in a hundred of the least that both cost
/// together, and takes less than half the time of the levels above 7 (`bench levels`, `tests/bench/README.md`). (The library's
/// `fastest` is level 0, which does not compress at all; it stands here only for an error that cannot be.)
const LEVEL: CompressionLvl = match CompressionLvl::new(6) {
    Ok(level) => level,
    Err(_) => CompressionLvl::fastest(),
};

/// All of a body that is the same in every request of a client, ready to be copied. Holds the write key.
pub(crate) struct Envelope {
    /// From the end of the events to the beginning of `sentAt`.
    middle: String,
    /// From the end of `sentAt` on.
    tail: String,
}

impl Envelope {
    /// Returns the envelope for one library and key.
    ///
    /// # Errors
    /// [`DeliveryError::EnvelopeTooLarge`] when it takes more than [`ENVELOPE_BYTES`].
    pub(crate) fn new(library: &(String, String), key: &WriteKey) -> Result<Self, DeliveryError> {
        let context = json!({"library": {"name": library.0, "version": library.1}});
        let middle = format!("],\"context\":{context},\"sentAt\":\"");
        let tail = format!("\",\"writeKey\":{}}}", json!(key.expose()));
        let bytes = HEAD.len() + middle.len() + SENT_AT_BYTES + tail.len();
        if bytes > ENVELOPE_BYTES {
            return Err(DeliveryError::EnvelopeTooLarge {
                bytes,
                limit: ENVELOPE_BYTES,
            });
        }
        Ok(Self { middle, tail })
    }

    /// Writes the whole body for `events` (joined by commas), sent at `now`, over what is in `out`.
    fn write(&self, events: &[u8], now: Timestamp, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(HEAD.as_bytes());
        out.extend_from_slice(events);
        out.extend_from_slice(self.middle.as_bytes());
        out.extend_from_slice(format!("{now:.3}").as_bytes());
        out.extend_from_slice(self.tail.as_bytes());
    }
}

/// A body as it goes out.
pub(crate) struct Payload {
    pub(crate) wire: Bytes,
    pub(crate) json_bytes: usize,
    pub(crate) gzip: bool,
}

/// Builds bodies. Compressors and buffers are kept and reused, as many as were ever needed at once.
pub(crate) struct Press {
    envelope: Envelope,
    gzip: bool,
    idle: Idle,
}

/// Desks at which no body lies.
type Idle = Arc<Mutex<Vec<Desk>>>;

impl Press {
    pub(crate) fn new(envelope: Envelope, gzip: bool) -> Self {
        Self {
            envelope,
            gzip,
            idle: Idle::default(),
        }
    }

    /// Returns the body for `events` (joined by commas), with `now` as `sentAt`.
    pub(crate) fn payload(&self, events: &[u8], now: Timestamp) -> Payload {
        let mut desk = lock(&self.idle, Vec::pop).unwrap_or_default();
        self.envelope.write(events, now, &mut desk.json);
        let squeezed = if self.gzip { desk.compress() } else { None };
        let json_bytes = desk.json.len();
        let home = Arc::clone(&self.idle);
        Payload {
            gzip: squeezed.is_some(),
            wire: Bytes::from_owner(Lent { desk, squeezed, home }),
            json_bytes,
        }
    }
}

/// The lock is held for the exchange alone, and a panic elsewhere leaves nothing half-done in the list.
fn lock<R>(idle: &Mutex<Vec<Desk>>, exchange: impl FnOnce(&mut Vec<Desk>) -> R) -> R {
    exchange(&mut idle.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A desk while its body is under way, which goes out from where it was written.
struct Lent {
    desk: Desk,
    /// How long the compressed body is, if it is compressed.
    squeezed: Option<usize>,
    home: Idle,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.squeezed
            .map_or(&*self.desk.json, |length| &self.desk.wire[..length])
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let desk = mem::take(&mut self.desk);
        lock(&self.home, |idle| idle.push(desk));
    }
}

/// What building one body needs.
#[derive(Default)]
struct Desk {
    json: Vec<u8>,
    wire: Vec<u8>,
    /// Made when it is first needed.
    compressor: Option<Compressor>,
}

impl Desk {
    /// Returns how long the body is compressed, or `None` when that fails; it then goes out as it is.
    fn compress(&mut self) -> Option<usize> {
        let compressor = self.compressor.get_or_insert_with(|| Compressor::new(LEVEL));
        let bound = compressor.gzip_compress_bound(self.json.len());
        if self.wire.len() < bound {
            self.wire.resize(bound, 0);
        }
        compressor.gzip_compress(&self.json, &mut self.wire).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn press(gzip: bool) -> Press {
        let key = WriteKey::parse("k/ey").unwrap();
        Press::new(
            Envelope::new(&("back\"haul".into(), "1.2.3".into()), &key).unwrap(),
            gzip,
        )
    }

    const AT: Timestamp = Timestamp::constant(1_787_306_400, 5_678_000);
    const BODY: &str = concat!(
        r#"{"batch":[{"a":1},{"b":2}],"context":{"library":{"name":"back\"haul","version":"1.2.3"}},"#,
        r#""sentAt":"2026-08-21T10:00:00.005Z","writeKey":"k/ey"}"#
    );

    #[test]
    fn holds_events_library_time_and_key() {
        let payload = press(false).payload(br#"{"a":1},{"b":2}"#, AT);
        assert_eq!(payload.wire, BODY);
        assert_eq!((payload.json_bytes, payload.gzip), (BODY.len(), false));
    }

    #[test]
    fn decompresses_to_the_same_text_when_its_buffers_held_more_before() {
        let press = press(true);
        let larger = press.payload(&b"7,".repeat(10_000), AT);
        assert!(larger.wire.len() * 20 < larger.json_bytes);
        drop(larger);
        let payload = press.payload(br#"{"a":1},{"b":2}"#, AT);
        let mut text = String::new();
        flate2::read::GzDecoder::new(&payload.wire[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, BODY);
        assert_eq!((payload.json_bytes, payload.gzip), (BODY.len(), true));
    }

    #[test]
    fn buffers_are_kept_from_body_to_body_and_never_shared() {
        let press = press(true);
        let bodies = [press.payload(b"{\"a\":1}", AT), press.payload(b"{\"b\":2}", AT)];
        assert_ne!(bodies[0].wire, bodies[1].wire);
        let again = bodies[0].wire.clone();
        drop(bodies);
        assert_eq!(press.idle.lock().unwrap().len(), 1, "one body is still under way");
        drop(again);
        drop(press.payload(b"{\"a\":1}", AT));
        assert_eq!(press.idle.lock().unwrap().len(), 2);
    }

    #[test]
    fn time_always_takes_the_bytes_set_aside() {
        for second in [0, 1_787_306_400, 253_402_207_200] {
            let time = format!("{:.3}", Timestamp::constant(second, 0));
            assert_eq!(time.len(), SENT_AT_BYTES, "{time}");
        }
    }

    #[test]
    fn envelope_larger_than_packers_leave_room_for_is_refused() {
        let key = WriteKey::parse(&"k".repeat(256)).unwrap();
        assert!(Envelope::new(&("n".repeat(600), "1".into()), &key).is_ok());
        let error = Envelope::new(&("n".repeat(700), "1".into()), &key).err().unwrap();
        assert!(
            matches!(
                error,
                DeliveryError::EnvelopeTooLarge {
                    bytes: 1_025..,
                    limit: 1_024
                }
            ),
            "{error}"
        );
    }
}
