use std::fmt;

use crate::fault::Broken;

/// The connection is to be closed, without an answer or with one that HTTP does not allow.
#[derive(Debug)]
pub(crate) enum Hangup {
    /// A reset.
    Reset,
    /// These bytes, then the end.
    After(&'static [u8]),
}

impl Hangup {
    /// The bytes that a broken answer consists of; `None` if the answer as such is whole.
    pub(crate) fn breaking(broken: Broken) -> Option<Hangup> {
        let bytes: &[u8] = match broken {
            Broken::Cut => b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"succ",
            Broken::Chunks => {
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nsome\r\n{\"success\":true}\r\n"
            }
            Broken::Length => {
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{\"success\":true}"
            }
            Broken::Html | Broken::Garbage | Broken::Huge => return None,
        };
        Some(Hangup::After(bytes))
    }
}

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection closed on order")
    }
}

impl std::error::Error for Hangup {}
