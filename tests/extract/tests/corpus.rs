//! What fuzzing starts from, and what it has found, through the same functions.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do, and name the file"
)]

use std::fs;
use std::path::Path;

use extract_tests::fuzz;

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files: Vec<_> = fs::read_dir(&corpus)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(files.len() >= 4, "only {} files in {}", files.len(), corpus.display());
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn csv_of_the_corpus_has_the_same_rows_however_it_is_cut() {
    replay("csv", fuzz::csv);
}

#[test]
fn json_lines_of_the_corpus_have_the_same_rows_however_they_are_cut() {
    replay("jsonl", fuzz::jsonl);
}

#[test]
fn parquet_of_the_corpus_is_read_or_refused() {
    replay("parquet", fuzz::parquet);
}
