//! What fuzzing starts from, and what it has found, through the same functions.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do, and name the file"
)]

use std::fs;
use std::path::Path;

use mapping_tests::fuzz;

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files: Vec<_> = fs::read_dir(&corpus)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(files.len() >= 8, "only {} files in {}", files.len(), corpus.display());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn mappings_of_the_corpus_do_not_panic_and_write_json() {
    replay("mapping", fuzz::mapping);
}

#[test]
fn triggers_of_the_corpus_do_not_panic() {
    replay("fql", fuzz::fql);
}

#[test]
fn templates_of_the_corpus_do_not_panic_and_write_json() {
    replay("liquid", fuzz::liquid);
}
