//! What happened, step by step: a hash to compare replays by, and the steps themselves where somebody reads them.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use xxhash_rust::xxh3::Xxh3;

use crate::time;

/// The steps of one world; clones write into the same one.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Mutex<Steps>>);

struct Steps {
    hash: Xxh3,
    count: u64,
    line: String,
    /// The steps as text, if they are kept.
    kept: Option<Vec<String>>,
}

impl fmt::Debug for Steps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Steps")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl Trace {
    /// Returns an empty trace; `keeps`: whether its steps can be read afterwards.
    #[must_use]
    pub fn new(keeps: bool) -> Self {
        Self(Arc::new(Mutex::new(Steps {
            hash: Xxh3::new(),
            count: 0,
            line: String::new(),
            kept: keeps.then(Vec::new),
        })))
    }

    /// Adds a step by `who`.
    pub fn step(&self, who: &str, what: fmt::Arguments<'_>) {
        let mut steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Steps {
            hash,
            count,
            line,
            kept,
        } = &mut *steps;
        line.clear();
        // Writing to a string cannot fail.
        let _ = write!(line, "{:>12.3} {who}: {what}", time::elapsed().as_secs_f64());
        hash.update(line.as_bytes());
        *count += 1;
        if let Some(kept) = kept {
            kept.push(line.clone());
        }
    }

    /// Returns the hash of all steps so far, and how many there are.
    #[must_use]
    pub fn digest(&self) -> (u64, u64) {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (steps.hash.digest(), steps.count)
    }

    /// Returns the steps, if they were kept.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        steps.kept.clone().unwrap_or_default()
    }
}
