//! Sync documents with the mistakes that people make, and the whole of what `validate` says to each: a folder for each in
//! `tests/wrong_documents`. `UPDATE_GOLDEN=1` writes anew what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::updates_golden;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong_documents");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn validate(folder: &Path, words: &[&str]) -> (String, Option<i32>) {
    let ran = Command::new(env!("CARGO_BIN_EXE_backhaul"))
        .args(words)
        .args(["validate", "sync.yaml"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(said, "", "{}", folder.display());
    (String::from_utf8(ran.stdout).unwrap(), ran.status.code())
}

#[test]
fn every_wrong_document_is_told_what_is_wrong_and_what_to_write() {
    let folders = folders();
    assert!(folders.len() >= 30, "{} documents", folders.len());
    let update = updates_golden();
    let mut wrong = Vec::new();
    for folder in folders {
        let (text, status) = validate(&folder, &[]);
        let golden = folder.join("output.txt");
        if update {
            fs::write(&golden, &text).unwrap();
        }
        let usable = !text.contains("the document cannot be used");
        if fs::read_to_string(&golden).unwrap_or_default() != text || status != Some(if usable { 0 } else { 2 }) {
            wrong.push(format!("== {} (exit status {status:?})\n{text}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "outputs differ:\n{}", wrong.join("\n"));
}

#[test]
fn every_problem_has_a_place_in_the_document_and_a_remedy() {
    for folder in folders() {
        let (json, _) = validate(&folder, &["--json"]);
        let answer: serde_json::Value = serde_json::from_str(&json).unwrap();
        let text = fs::read_to_string(folder.join("sync.yaml")).unwrap();
        let problems = answer["problems"].as_array().unwrap();
        assert!(!problems.is_empty(), "{}", folder.display());
        let has_error = problems.iter().any(|problem| problem["severity"] == "error");
        assert_eq!(answer["valid"], !has_error, "{}", folder.display());
        for problem in problems {
            let number = |key: &str| usize::try_from(problem[key].as_u64().unwrap()).unwrap();
            let line = text.lines().nth(number("line") - 1).unwrap_or_default();
            let end = number("column") - 1 + number("length");
            assert!(
                number("length") > 0 && end <= line.chars().count().max(number("column")),
                "{problem}"
            );
            assert!(problem["remedy"].is_string(), "{}: {problem}", folder.display());
        }
    }
}
