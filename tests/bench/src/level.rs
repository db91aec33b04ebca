//! What the levels of compression cost, and what they leave to be sent.
//!
//! In dollars at list prices of us-east-1: of Lambda for the time that one processor takes, and of what goes out to the internet.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, anyhow};
use libdeflater::{CompressionLvl, Compressor};

/// Bytes of a body, as full as one may be.
const BODY: usize = 475_000;

/// Dollars for a second of one processor: 1,769 MB of x86-64 (aws.amazon.com/lambda/pricing).
const PROCESSOR_SECOND: f64 = 0.000_016_666_7 * 1_769.0 / 1_024.0;

/// Dollars for a GB to the internet (aws.amazon.com/ec2/pricing/on-demand).
const GB_SENT: f64 = 0.09;

/// Prints for each of libdeflate's levels the seconds per million events of a file, how many times smaller they get, and what a million
/// costs.
pub(crate) fn levels(events: &Path) -> Result<()> {
    let text = std::fs::read(events)?;
    let count = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .count();
    let per_million = 1e6 / as_f64(count);
    println!("level  s/M rows    ratio  MB/M rows   $ CPU/M  $ sent/M     $ sum");
    for level in 1..=12 {
        let started = Instant::now();
        let bytes = compressed(&text, level)?;
        let seconds = started.elapsed().as_secs_f64() * per_million;
        let ratio = as_f64(text.len()) / as_f64(bytes);
        let sent = as_f64(bytes) * per_million;
        let (time, transfer) = (seconds * PROCESSOR_SECOND, sent / f64::from(1 << 30) * GB_SENT);
        println!(
            "{level:5}{seconds:10.2}{ratio:9.2}{:11.1}{time:10.5}{transfer:10.5}{:10.5}",
            sent / 1e6,
            time + transfer,
        );
    }
    Ok(())
}

/// Returns how many bytes a text takes in bodies of a level.
fn compressed(text: &[u8], level: i32) -> Result<usize> {
    let level = CompressionLvl::new(level).map_err(|error| anyhow!("{error:?}"))?;
    let mut compressor = Compressor::new(level);
    let mut packed = vec![0; compressor.gzip_compress_bound(BODY)];
    text.chunks(BODY).try_fold(0, |bytes, body| {
        let length = compressor.gzip_compress(body, &mut packed)?;
        Ok(bytes + length)
    })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
