//! Broken sync documents and the problems that each must be told. A file's lines that begin with `#! ` are the
//! problems expected of the rest, in their order.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Review, Sync};
use proptest::prelude::*;

use crate::support::SYNC;

const MARK: &str = "#! ";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/broken_documents");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_problem_of_a_broken_document_is_told_with_its_place() {
    let cases = cases();
    assert!(cases.len() >= 25, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let (expected, document): (Vec<&str>, Vec<&str>) =
            text.split_inclusive('\n').partition(|l| l.starts_with(MARK));
        let expected: Vec<&str> = expected.iter().map(|line| line[MARK.len()..].trim_end()).collect();
        let Review { sync, problems, .. } = Review::of(&document.concat());
        assert!(sync.is_none(), "{}", case.display());
        let without: Vec<_> = problems.iter().filter(|problem| problem.remedy.is_none()).collect();
        assert!(without.is_empty(), "without a remedy: {without:?}");
        let actual: Vec<String> = problems.iter().map(ToString::to_string).collect();
        if actual.is_empty() || actual != expected {
            wrong.push(format!("== {}", case.display()));
            wrong.extend(actual.iter().map(|line| format!("{MARK}{line}")));
        }
    }
    assert!(
        wrong.is_empty(),
        "problems differ; these were found:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn neither_problem_nor_its_line_shows_what_may_be_a_write_key() {
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        let (_, document): (Vec<&str>, Vec<&str>) = text.split_inclusive('\n').partition(|line| line.starts_with(MARK));
        let review = Review::of(&document.concat());
        for problem in &review.problems {
            let said = format!("{problem:?} {:?}", review.line(problem));
            assert!(!said.contains("SECRET"), "{}: {said}", case.display());
        }
    }
}

proptest! {
    #[test]
    fn damaged_document_is_read_or_told_and_never_panics(
        from in 0usize..SYNC.len(), length in 0usize..40, put in "[\\PC\n\t{}\\[\\]:,&*!|>'\"%@`#-]{0,8}",
    ) {
        let characters: Vec<char> = SYNC.chars().collect();
        let from = from.min(characters.len());
        let until = (from + length).min(characters.len());
        let damaged: String = characters[..from].iter().copied().chain(put.chars()).chain(characters[until..].iter().copied()).collect();
        if let Err(problems) = Sync::parse(&damaged) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.line > 0 && problem.column > 0 && !problem.message.is_empty()));
            prop_assert!(problems.is_sorted());
        }
    }
}
