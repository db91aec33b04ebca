//! A bounded number of seeds, replays, and the planted bugs as far as that is cheap.

use std::path::Path;
use std::process::Command;

use fault_tests::{run, run_all, told};

/// How many worlds a test run has; `cargo run -p fault-tests -- --seeds N` has as many as one likes.
const SEEDS: u64 = 100;

/// How many of them are run twice.
const REPLAYS: u64 = 12;

#[test]
fn every_row_is_accounted_for_whatever_fails() {
    let mut failed = Vec::new();
    let mut failed_jobs = 0;
    run_all(0, SEEDS, false, |seed, end| {
        failed_jobs += end.figures.failed;
        if !end.wrong.is_empty() {
            failed.push(told(seed, &end.wrong));
        }
        failed.len() < 3
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // Else nothing was tried.
    assert!(failed_jobs > 0);
}

#[test]
fn a_seed_always_gives_the_same_steps() {
    for seed in 0..REPLAYS {
        let (first, second) = (run(seed, false), run(seed, false));
        assert_eq!(
            (first.digest, first.figures.steps),
            (second.digest, second.figures.steps),
            "seed {seed}"
        );
    }
}

#[test]
fn every_planted_bug_still_applies() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for patch in here.join("bugs").read_dir().unwrap() {
        let patch = patch.unwrap().path();
        // Read from outside the repository's index, so that a source tree without history will do.
        let applies = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(here.join("../.."))
            .output()
            .unwrap();
        let why = String::from_utf8_lossy(&applies.stderr).into_owned();
        assert!(applies.status.success(), "{}: {why}", patch.display());
        count += 1;
    }
    assert!(count >= 10, "{count} bugs");
}
