//! Metrics in `CloudWatch`'s embedded format: log lines that `CloudWatch` makes metrics of, so that counting costs no request.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Backhaul";

/// What a metric counts in, as `CloudWatch` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Seconds => "Seconds",
        }
    }
}

/// One measured value: its name, its unit, the value.
pub type Metric = (&'static str, Unit, f64);

/// Where metrics go.
#[derive(Clone, Default)]
pub struct Metrics {
    out: Option<Arc<Mutex<dyn Write + Send>>>,
}

impl Metrics {
    /// Nowhere: on one machine nothing collects them.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// To stdout, where Lambda's log lines are collected from.
    #[must_use]
    pub fn to_stdout() -> Self {
        Self::to(std::io::stdout())
    }

    /// To whatever takes lines.
    #[must_use]
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self {
            out: Some(Arc::new(Mutex::new(out))),
        }
    }

    /// Writes one line with `metrics`, whose one dimension is the sync. `about` stands beside them, for who reads the line.
    pub fn emit(&self, sync: &str, about: &[(&'static str, String)], metrics: &[Metric]) {
        let Some(out) = &self.out else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = line(now.as_millis(), sync, about, metrics);
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        // In one write, so that no other line gets between. Metrics that cannot be written must not stop the work.
        let written = out.write_all(line.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = written {
            tracing::warn!(%error, "metrics could not be written");
        }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Metrics").field("on", &self.out.is_some()).finish()
    }
}

/// Returns the line that tells `metrics` (`CloudWatch` User Guide, "Specification: Embedded metric format").
fn line(milliseconds: u128, sync: &str, about: &[(&'static str, String)], metrics: &[Metric]) -> String {
    let defined: Vec<Value> = metrics
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit.as_str()}))
        .collect();
    let mut members = Map::new();
    members.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": u64::try_from(milliseconds).unwrap_or(u64::MAX),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["sync"]], "Metrics": defined}],
        }),
    );
    members.insert("sync".to_owned(), json!(sync));
    members.extend(about.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
    members.extend(
        metrics
            .iter()
            .map(|(name, _, value)| ((*name).to_owned(), json!(value))),
    );
    format!("{}\n", Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_the_form_that_cloudwatch_reads() {
        let about = [("run", "r1".to_owned())];
        let metrics = [("Rows", Unit::Count, 3.0), ("DurationSeconds", Unit::Seconds, 0.5)];
        let line = line(1_700_000_000_123, "users", &about, &metrics);
        assert!(line.ends_with("}\n"), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        let expected = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_123_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "Backhaul",
                    "Dimensions": [["sync"]],
                    "Metrics": [{"Name": "Rows", "Unit": "Count"}, {"Name": "DurationSeconds", "Unit": "Seconds"}],
                }],
            },
            "sync": "users", "run": "r1", "Rows": 3.0, "DurationSeconds": 0.5,
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn metrics_that_are_off_write_nothing() {
        Metrics::off().emit("users", &[], &[("Rows", Unit::Count, 1.0)]);
        let path = tempfile::NamedTempFile::new().unwrap();
        Metrics::to(path.reopen().unwrap()).emit("users", &[], &[("Rows", Unit::Count, 1.0)]);
        let text = std::fs::read_to_string(path.path()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
