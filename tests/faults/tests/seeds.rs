//! A bounded number of seeds, replays, and the planted bugs as far as that is cheap.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fault_tests::{Figures, run, run_all, told};

/// How many worlds a test run has; `cargo run -p fault-tests -- --seeds N` has as many as one likes.
const SEEDS: u64 = 100;

/// How many of them are run twice.
const REPLAYS: u64 = 12;

#[test]
fn every_row_is_accounted_for_whatever_fails() {
    let mut failed = Vec::new();
    let mut seen = Figures::default();
    run_all(0, SEEDS, false, |seed, end| {
        seen.add(&end.figures);
        if !end.wrong.is_empty() {
            failed.push(told(seed, &end.wrong));
        }
        failed.len() < 3
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // Else nothing was tried.
    let rare = [seen.failed, seen.undeliverable, seen.lost, seen.stale, seen.retries];
    assert!(rare.iter().all(|count| *count > 0), "{seen:?}");
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

/// The tree that patches are made for.
fn tree() -> io::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()
}

/// Returns why a patch does not apply to the tree, or `None` if it does.
fn refusal(patch: &str) -> io::Result<Option<String>> {
    let tree = tree()?;
    let mut git = Command::new("git")
        .args(["apply", "--check"])
        .current_dir(&tree)
        // Without these git finds a repository that the tree is a folder of, and passes over all files of the patch as being outside of it.
        .env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(&tree))
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = git.stdin.take() {
        stdin.write_all(patch.as_bytes())?;
    }
    let checked = git.wait_with_output()?;
    Ok((!checked.status.success()).then(|| String::from_utf8_lossy(&checked.stderr).into_owned()))
}

/// Returns the names and texts of the patches.
fn bugs() -> io::Result<Vec<(PathBuf, String)>> {
    let patches = tree()?.join("tests/faults/bugs").read_dir()?;
    patches
        .map(|patch| {
            let path = patch?.path();
            let text = fs::read_to_string(&path)?;
            Ok((path, text))
        })
        .collect()
}

#[test]
fn every_planted_bug_still_applies() {
    let bugs = bugs().unwrap();
    for (path, patch) in &bugs {
        assert_eq!(refusal(patch).unwrap(), None, "{}", path.display());
    }
    assert!(bugs.len() >= 10, "{} bugs", bugs.len());
}

#[test]
fn bug_of_other_code_does_not_apply() {
    for (path, patch) in bugs().unwrap() {
        // The lines around the change, as if they were others.
        let of_other_code = patch.replace("\n  ", "\n //");
        assert!(of_other_code != patch, "{}", path.display());
        assert!(refusal(&of_other_code).unwrap().is_some(), "{}", path.display());
    }
}
