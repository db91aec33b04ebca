//! Heads of requests, for the servers of the benchmark.

use std::io::BufRead;

use anyhow::{Context, Result, bail};

/// What a server looks at of a request, before its body.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The path with its query, as it was asked for.
    pub(crate) target: String,
    pub(crate) length: usize,
    pub(crate) is_gzip: bool,
    /// First and last byte that are asked for.
    pub(crate) range: Option<(u64, u64)>,
}

/// Reads the head of a request; `None` at the connection's end.
pub(crate) fn head(reader: &mut impl BufRead) -> Result<Option<Head>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let mut head = Head {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        ..Head::default()
    };
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            bail!("the connection ended within a head");
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) => head.take(name, value.trim())?,
            None => return Ok(Some(head)),
        }
    }
}

impl Head {
    fn take(&mut self, name: &str, value: &str) -> Result<()> {
        if name.eq_ignore_ascii_case("content-length") {
            self.length = value.parse().context("content-length")?;
        } else if name.eq_ignore_ascii_case("content-encoding") {
            self.is_gzip = value == "gzip";
        } else if name.eq_ignore_ascii_case("range") {
            let range = value
                .strip_prefix("bytes=")
                .and_then(|range| range.split_once('-'))
                .with_context(|| format!("range {value}"))?;
            self.range = Some((range.0.parse()?, range.1.parse()?));
        }
        Ok(())
    }
}
