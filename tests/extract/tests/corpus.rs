//! What fuzzing starts from, and what it has found, through the same functions.

use extract_tests::fuzz;
use mapping_tests::fuzz::replay;

#[test]
fn csv_of_the_corpus_has_the_same_rows_however_it_is_cut() {
    replay("csv", 4, fuzz::csv);
}

#[test]
fn json_lines_of_the_corpus_have_the_same_rows_however_they_are_cut() {
    replay("jsonl", 4, fuzz::jsonl);
}

#[test]
fn parquet_of_the_corpus_is_read_or_refused() {
    replay("parquet", 4, fuzz::parquet);
}
