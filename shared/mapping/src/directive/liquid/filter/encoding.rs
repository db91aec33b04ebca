//! Base64 and hashes.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Handler;
use crate::directive::liquid::unit;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Bytes that SHA-256 takes at once; longer keys are hashed first.
const BLOCK: usize = 64;

pub(super) fn named(name: &str) -> Option<Handler> {
    Some(match name {
        "base64_encode" => |input| input.keep(&encoded(unit::settled(input.text()?).as_bytes())),
        "base64_decode" => |input| input.keep(&String::from_utf8_lossy(&decoded(input.text()?))),
        "sha256" => |input| input.keep(&hex(&Sha256::digest(unit::settled(input.text()?).as_bytes()))),
        "hmac_sha256" => |input| {
            input.keep(&hex(&keyed(
                unit::settled(input.argument_text(0)?).as_bytes(),
                unit::settled(input.text()?).as_bytes(),
            )))
        },
        _ => return None,
    })
}

fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            if place <= group.len() {
                out.push(char::from(ALPHABET[bits >> (18 - 6 * place) & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Reads both alphabets up to the first `=`; what belongs to neither is skipped. Of each UTF-16 unit only the low
/// byte counts.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text
        .encode_utf16()
        .map(|unit| unit.to_le_bytes()[0])
        .take_while(|&byte| byte != b'=')
    {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.extend((bits >> count).to_le_bytes().first());
            bits &= (1 << count) - 1;
        }
    }
    out
}

fn keyed(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to memory does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
