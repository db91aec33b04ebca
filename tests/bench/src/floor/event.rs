//! Identify events, written straight into the body.

use std::io::Write as _;

/// As much as a request may hold, less one event.
const FULL: usize = 475_000 - 1_024;

/// What the mapping takes of a row.
pub(super) struct Fields<'r> {
    pub(super) user_id: &'r str,
    pub(super) anonymous_id: &'r str,
    pub(super) updated_at: &'r str,
    pub(super) texts: [(&'static str, &'r str); 4],
    pub(super) mrr: f64,
    pub(super) is_active: bool,
    pub(super) more_texts: [(&'static str, &'r str); 4],
    pub(super) ltv: f64,
    pub(super) attributes: Attributes<'r>,
}

/// The nested column.
pub(super) enum Attributes<'r> {
    Json(&'r str),
    Members(&'r str, bool, i64),
}

/// The body of a request.
#[derive(Default)]
pub(super) struct Body {
    text: Vec<u8>,
    numbers: ryu_js::Buffer,
}

impl Body {
    pub(super) fn add(&mut self, fields: &Fields<'_>, hash: u128) {
        let comma: &[u8] = if self.text.is_empty() { b"{\"batch\":[" } else { b"," };
        self.text.extend_from_slice(comma);
        self.text.extend_from_slice(b"{\"userId\":");
        self.text(fields.user_id);
        self.member("anonymousId", fields.anonymous_id);
        self.member("timestamp", fields.updated_at);
        // Writing to a vector cannot fail.
        let _ = write!(
            self.text,
            ",\"messageId\":\"backhaul-{hash:032x}\",\"context\":{{\"consent\":{{}}}},\"traits\":{{\"email\":"
        );
        self.text(fields.texts[0].1);
        fields.texts[1..]
            .iter()
            .for_each(|(name, text)| self.member(name, text));
        self.number("mrr", fields.mrr);
        let _ = write!(self.text, ",\"is_active\":{}", fields.is_active);
        fields
            .more_texts
            .iter()
            .for_each(|(name, text)| self.member(name, text));
        self.number("ltv", fields.ltv);
        self.text.extend_from_slice(b",\"attributes\":");
        match fields.attributes {
            Attributes::Json(json) => self.text.extend_from_slice(json.as_bytes()),
            Attributes::Members(theme, beta, seats) => {
                self.text.extend_from_slice(b"{\"theme\":");
                self.text(theme);
                let _ = write!(self.text, ",\"beta\":{beta},\"seats\":{seats}}}");
            }
        }
        self.text.extend_from_slice(b"},\"type\":\"identify\"}");
    }

    fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    fn number(&mut self, name: &str, number: f64) {
        self.name(name);
        self.text.extend_from_slice(self.numbers.format(number).as_bytes());
    }

    fn name(&mut self, name: &str) {
        self.text.extend_from_slice(b",\"");
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
    }

    /// Writes a text; most have nothing to escape.
    fn text(&mut self, text: &str) {
        if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            let _ = serde_json::to_writer(&mut self.text, text);
            return;
        }
        self.text.push(b'"');
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b'"');
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() > FULL - 1_024
    }

    /// Returns the whole body; `None`: there are no events.
    pub(super) fn finish(&mut self) -> Option<&[u8]> {
        if self.text.is_empty() {
            return None;
        }
        self.text
            .extend_from_slice(b"],\"sentAt\":\"2026-01-01T00:00:00Z\",\"writeKey\":\"key\"}");
        Some(&self.text)
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
    }
}
