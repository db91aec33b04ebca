//! Jobs that stop near a deadline and go on as another part: the run's numbers are those of a run that did not.

mod died;
mod invoked;
mod killed;
mod stopped;
mod tiling;
mod undelivered;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use ledger::{Plan, key};
use mapping::Action;
use sender::{Clock, Deadline, GoesOn, Terms};
use support::{Stack, users};
use tokio::time::Instant;

#[derive(Debug)]
struct Looks {
    start: Instant,
    left: AtomicU64,
    is_begun: AtomicBool,
}

impl Clock for Looks {
    fn now(&self) -> Instant {
        let one_less = |left: u64| left.checked_sub(1);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
            Ok(_) => self.start,
            // Reading is over for some seconds, and there are some left to land what is under way.
            Err(_) => self.start + Duration::from_secs(3_565),
        }
    }

    fn wall(&self) -> Timestamp {
        begun_late(&self.is_begun)
    }
}

fn looks(left: u64) -> Looks {
    Looks {
        start: Instant::now(),
        left: AtomicU64::new(left),
        is_begun: AtomicBool::new(false),
    }
}

/// The time of day as an invocation sees it that begins an hour after those before it: no part has to wait.
fn begun_late(is_begun: &AtomicBool) -> Timestamp {
    let late = !is_begun.swap(true, Ordering::Relaxed);
    Timestamp::now() + Duration::from_hours(u64::from(late))
}

fn after(left: u64) -> Deadline {
    Deadline::in_time(Duration::from_hours(1), Arc::new(looks(left)))
}

fn terms(looks: u64, goes_on: GoesOn) -> Terms {
    Terms {
        deadline: Some(after(looks)),
        goes_on,
    }
}

/// One job of `rows` users.
async fn one_job(faults: &str, rows: usize) -> (Stack, Plan, String) {
    let stack = Stack::new(faults, &users(rows), 1 << 20).await.unwrap();
    let plan = stack.schedule().await.unwrap().plan;
    let job = plan.job_ids().find(|job| job.action() == Action::Identify).unwrap();
    let key = key::job(&plan.sync.name, &plan.run, job);
    (stack, plan, key)
}

fn outcome_of(key: &str) -> String {
    let key = key::parse_job(key).unwrap();
    key::outcome(&key.sync, &key.run, key.job_part())
}
