//! Progress bars, for those who watch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sender::Progress;
use tokio::task::JoinHandle;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Shows rows, calls, rate and time left until it is dropped. Without a terminal it shows nothing.
#[derive(Debug)]
pub(crate) struct Watch {
    bar: ProgressBar,
    ticker: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts to watch work on `bytes` bytes of extracts, each read by so many actions.
    pub(crate) fn start(progress: &Arc<Progress>, bytes: u64, actions: usize) -> Self {
        if !crate::terminal::is_watched() {
            return Self {
                bar: ProgressBar::hidden(),
                ticker: None,
            };
        }
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3}%  {msg}  {eta} left") {
            bar.set_style(style);
        }
        let ticker = tokio::spawn(tick(bar.clone(), Arc::clone(progress), actions.max(1) as u64));
        Self {
            bar,
            ticker: Some(ticker),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(ticker) = &self.ticker {
            ticker.abort();
        }
        self.bar.finish_and_clear();
    }
}

async fn tick(bar: ProgressBar, progress: Arc<Progress>, actions: u64) {
    let (started, bytes, rows) = (Instant::now(), progress.bytes(), progress.rows());
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        bar.set_position(progress.bytes() - bytes);
        // Every action reads every row.
        let per_second = rate((progress.rows() - rows) / actions, started.elapsed());
        let (rows, calls) = (HumanCount(progress.rows() / actions), HumanCount(progress.calls()));
        bar.set_message(format!("{rows} rows  {calls} calls  {} rows/s", HumanCount(per_second)));
    }
}

fn rate(rows: u64, elapsed: Duration) -> u64 {
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    rows.saturating_mul(1_000) / millis
}
