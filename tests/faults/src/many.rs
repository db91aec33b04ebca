//! Many seeds, on as many threads as the machine has; each world lives on one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::world::{End, run};

/// Runs the worlds of `seeds` seeds from `from` on and hands each one's end to `take`, in no order, until that returns `false`.
pub fn run_all(from: u64, seeds: u64, keeps_steps: bool, mut take: impl FnMut(u64, End) -> bool) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, is_over) = (&AtomicU64::new(from), &AtomicBool::new(false));
    thread::scope(|scope| {
        let (ends, ended) = mpsc::channel();
        for _ in 0..threads {
            let ends = ends.clone();
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds || ends.send((seed, run(seed, keeps_steps))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(ends);
        for (seed, end) in ended {
            if !take(seed, end) {
                is_over.store(true, Ordering::Relaxed);
                return;
            }
        }
    });
}
