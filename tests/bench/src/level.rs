//! What the levels of compression cost, and what they leave to be sent.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, anyhow};
use libdeflater::{CompressionLvl, Compressor};

/// Bytes of a body, as full as one may be.
const BODY: usize = 475_000;

/// Prints for each of libdeflate's levels the seconds per million events of a file, and how many times smaller they get.
pub(crate) fn levels(events: &Path) -> Result<()> {
    let text = std::fs::read(events)?;
    let count = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .count();
    println!("level  s/M rows    ratio  MB/M rows");
    for level in 1..=12 {
        let level_of = CompressionLvl::new(level).map_err(|error| anyhow!("{error:?}"))?;
        let mut compressor = Compressor::new(level_of);
        let mut packed = vec![0; compressor.gzip_compress_bound(BODY)];
        let (started, mut bytes) = (Instant::now(), 0);
        for body in text.chunks(BODY) {
            bytes += compressor.gzip_compress(body, &mut packed)?;
        }
        let per_million = 1e6 / as_f64(count);
        println!(
            "{level:5}{:10.2}{:9.2}{:11.1}",
            started.elapsed().as_secs_f64() * per_million,
            as_f64(text.len()) / as_f64(bytes),
            as_f64(bytes) * per_million / 1e6,
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
