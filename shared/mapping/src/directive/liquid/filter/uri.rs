//! Percent encoding.

use std::fmt::Write;

use super::{Handler, Input};
use crate::Value;
use crate::directive::liquid::fault::{Fault, Outcome};
use crate::directive::liquid::unit;

/// What `encodeURIComponent` leaves alone, besides letters and digits.
const UNRESERVED: &str = "-_.!~*'()";

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "url_encode" => |input| input.keep(&encoded(input.text()?, UNRESERVED)?.replace("%20", "+")),
        "cgi_escape" => |input| input.keep(&encoded(input.text()?, "-_.~")?.replace("%20", "+")),
        "uri_escape" => |input| input.keep(&encoded(input.text()?, "-_.!~*'();/?:@&=+$,#[]")?),
        "url_decode" => url_decode,
        _ => return None,
    })
}

fn malformed() -> Fault {
    Fault::new("URI malformed")
}

fn encoded(text: &str, kept: &str) -> Outcome<String> {
    if unit::has_halves(text) {
        return Err(malformed());
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to memory does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(out)
}

fn url_decode<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    let text = input.text()?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(malformed)?;
        let digits = std::str::from_utf8(digits).ok();
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or_else(malformed)?);
        rest = after;
    }
    let decoded = String::from_utf8(bytes).map_err(|_| malformed())?;
    input.keep(&decoded.replace('+', " "))
}
