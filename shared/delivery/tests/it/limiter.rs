//! A rate limiter as APIs have it, and senders that share it, in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use delivery::Pace;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// From a request's leaving to its answer.
const ROUND_TRIP: Duration = Duration::from_millis(80);

/// A bucket of tokens, one for each event, refilled all the time and holding what one second brings. A request larger than the bucket
/// goes when that is full.
pub(crate) struct Limiter {
    rate: f64,
    tokens: f64,
    at: Instant,
    seen: Seen,
}

/// What a limiter saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) requests: u32,
    pub(crate) refused: u32,
    /// Events let through, by sender.
    pub(crate) events: Vec<u32>,
}

impl Seen {
    /// What was seen since `earlier`.
    pub(crate) fn since(&self, earlier: &Seen) -> Seen {
        let before = |sender: usize| earlier.events.get(sender).copied().unwrap_or(0);
        let events = self.events.iter().enumerate();
        Seen {
            requests: self.requests - earlier.requests,
            refused: self.refused - earlier.refused,
            events: events.map(|(sender, events)| events - before(sender)).collect(),
        }
    }

    pub(crate) fn total(&self) -> f64 {
        f64::from(self.events.iter().sum::<u32>())
    }

    /// The share of requests that were refused.
    pub(crate) fn refusals(&self) -> f64 {
        f64::from(self.refused) / f64::from(self.requests)
    }

    /// The largest sender's events over the smallest's.
    pub(crate) fn spread(&self) -> f64 {
        let (most, least) = (self.events.iter().max().unwrap(), self.events.iter().min().unwrap());
        f64::from(*most) / f64::from(*least)
    }
}

impl Limiter {
    pub(crate) fn new(events_per_second: f64) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            rate: events_per_second,
            tokens: events_per_second,
            at: Instant::now(),
            seen: Seen::default(),
        }))
    }

    pub(crate) fn set(limiter: &Mutex<Self>, events_per_second: f64) {
        let mut limiter = limiter.lock().unwrap();
        limiter.refill();
        limiter.rate = events_per_second;
    }

    pub(crate) fn seen(limiter: &Mutex<Self>) -> Seen {
        limiter.lock().unwrap().seen.clone()
    }

    fn refill(&mut self) {
        self.tokens = (self.tokens + self.at.elapsed().as_secs_f64() * self.rate).min(self.rate);
        self.at = Instant::now();
    }

    /// Takes a request, or says after how many whole seconds it would.
    fn admit(&mut self, sender: usize, events: u32) -> Result<(), Duration> {
        self.refill();
        self.seen.requests += 1;
        let missing = f64::from(events).min(self.rate) - self.tokens;
        if missing > 1e-6 {
            self.seen.refused += 1;
            return Err(Duration::from_secs_f64((missing / self.rate).ceil().max(1.0)));
        }
        self.tokens -= f64::from(events);
        if self.seen.events.len() <= sender {
            self.seen.events.resize(sender + 1, 0);
        }
        self.seen.events[sender] += events;
        Ok(())
    }
}

/// Senders at work; they stop when dropped.
pub(crate) struct Senders {
    limiter: Arc<Mutex<Limiter>>,
    /// Sizes of batches, one after the other and again.
    sizes: &'static [u32],
    tasks: JoinSet<()>,
    count: usize,
}

impl Senders {
    pub(crate) fn new(limiter: &Arc<Mutex<Limiter>>, sizes: &'static [u32]) -> Self {
        Self {
            limiter: Arc::clone(limiter),
            sizes,
            tasks: JoinSet::new(),
            count: 0,
        }
    }

    /// One more sender, which has a pace of its own and four requests under way at once.
    pub(crate) fn start(&mut self, pace: &Arc<Pace>) {
        for lane in 0..4 {
            let (pace, limiter) = (Arc::clone(pace), Arc::clone(&self.limiter));
            self.tasks.spawn(send(pace, limiter, self.count, self.sizes, lane));
        }
        self.count += 1;
    }

    /// Lets so many seconds go by and returns what the limiter saw in them.
    pub(crate) async fn work(&self, seconds: u64) -> Seen {
        let before = Limiter::seen(&self.limiter);
        sleep_until(Instant::now() + Duration::from_secs(seconds)).await;
        Limiter::seen(&self.limiter).since(&before)
    }
}

async fn send(pace: Arc<Pace>, limiter: Arc<Mutex<Limiter>>, sender: usize, sizes: &[u32], lane: usize) {
    for size in sizes.iter().copied().cycle().skip(lane) {
        loop {
            let admitted = pace.admit(size).await;
            sleep(ROUND_TRIP.mul_f64(0.4 + 0.2 * fastrand::f64())).await;
            let answer = limiter.lock().unwrap().admit(sender, size);
            sleep(ROUND_TRIP / 2).await;
            match answer {
                Ok(()) => break admitted.taken(size),
                Err(wait) => {
                    admitted.limited(wait);
                    sleep(wait).await;
                }
            }
        }
    }
}
