//! What this process has used so far.

use std::time::Instant;

use anyhow::{Context, Result};

/// Ticks of a second in /proc: `USER_HZ`, which is 100 wherever Linux runs today.
const TICKS: f64 = 100.0;

/// A reading.
pub(crate) struct Usage {
    /// Seconds of all threads, in the kernel too.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: u64,
    pub(crate) at: Instant,
}

impl Usage {
    pub(crate) fn now() -> Result<Self> {
        let stat = std::fs::read_to_string("/proc/self/stat")?;
        let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        let ticks: f64 = ticks.sum::<Result<_, _>>()?;
        let status = std::fs::read_to_string("/proc/self/status")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().next()).context("VmHWM")?;
        Ok(Self {
            cpu: ticks / TICKS,
            peak: peak.parse::<u64>()? * 1024,
            at: Instant::now(),
        })
    }
}
