//! What fuzzing starts from, and what it has found, through the same functions.

use mapping_tests::fuzz::{self, replay};

#[test]
fn mappings_of_the_corpus_do_not_panic_and_write_json() {
    replay("mapping", 8, fuzz::mapping);
}

#[test]
fn triggers_of_the_corpus_do_not_panic() {
    replay("fql", 8, fuzz::fql);
}

#[test]
fn templates_of_the_corpus_do_not_panic_and_write_json() {
    replay("liquid", 8, fuzz::liquid);
}
