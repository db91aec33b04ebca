//! What was seen of worlds, in numbers.

/// What was seen, in numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Steps of the trace.
    pub steps: u64,
    /// Rows of the extracts.
    pub rows: u64,
    /// Different events that the API took.
    pub events: u64,
    /// Events that it took once more.
    pub repeats: u64,
    /// Requests to the API.
    pub requests: u64,
    /// Processes that died.
    pub deaths: u64,
    /// Runs.
    pub runs: u64,
    /// Jobs.
    pub jobs: u64,
    /// Later parts of jobs.
    pub parts: u64,
    /// Jobs that ended as failed: all of them, and by the reasons that take a world of their own.
    pub failed: u64,
    /// Jobs whose calls could not be delivered for a day.
    pub undeliverable: u64,
    /// Jobs that nothing was heard of for days.
    pub lost: u64,
    /// Jobs whose object was changed or taken away.
    pub stale: u64,
    /// Runs that try again what others left.
    pub retries: u64,
}

impl Figures {
    /// Adds the figures of another world.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.rows += other.rows;
        self.events += other.events;
        self.repeats += other.repeats;
        self.requests += other.requests;
        self.deaths += other.deaths;
        self.runs += other.runs;
        self.jobs += other.jobs;
        self.parts += other.parts;
        self.failed += other.failed;
        self.undeliverable += other.undeliverable;
        self.lost += other.lost;
        self.stale += other.stale;
        self.retries += other.retries;
    }
}
