//! `infra/sync.schema.json`: made of the types that read sync documents, and held to documents that are right and wrong.
//! `UPDATE_GOLDEN=1` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use ledger::{Problem, Review, Severity, json_schema, json_value};

use crate::bench::{SYNC, updates_golden};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn published() -> PathBuf {
    root().join("infra/sync.schema.json")
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&json_schema()).unwrap()
}

fn documents(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Where the schema does not take the document, and why.
fn problems(validator: &Validator, text: &str) -> Vec<String> {
    let value = json_value(text).unwrap();
    let errors = validator.iter_errors(&value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn published_schema_is_that_of_the_types() {
    let schema = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if updates_golden() {
        fs::write(published(), &schema).unwrap();
    }
    let published = fs::read_to_string(published()).unwrap();
    assert!(
        published == schema,
        "run this test with UPDATE_GOLDEN=1 and look at the difference"
    );
}

#[test]
fn every_document_without_problems_is_taken() {
    let validator = validator();
    let mut examples = documents("infra/examples");
    examples.push((PathBuf::from("bench"), SYNC.to_owned()));
    for (path, text) in examples {
        assert_eq!(problems(&validator, &text), [""; 0], "{}", path.display());
        assert!(Review::of(&text).problems.is_empty(), "{}", path.display());
    }
    for (path, text) in documents("shared/ledger/tests/it/documents") {
        assert_eq!(problems(&validator, &text), [""; 0], "{}", path.display());
    }
}

#[test]
fn document_with_its_defaults_filled_in_is_taken() {
    let validator = validator();
    for (path, text) in documents("infra/examples") {
        let sync = Review::of(&text).sync.unwrap();
        let written = serde_json::to_string(&sync).unwrap();
        assert_eq!(problems(&validator, &written), [""; 0], "{}", path.display());
    }
}

#[test]
fn descriptions_are_for_those_who_write_documents() {
    let schema = json_schema().to_string();
    assert!(!schema.contains("[`") && !schema.contains("::"), "a link into the code");
}

/// Mistakes that no schema can tell: what triggers mean, what is there twice, and settings that contradict each other.
const BEYOND: [&str; 8] = [
    ".trigger: ",
    "has the same name",
    "is there twice",
    "does not list",
    "no value of the column means anything",
    "no column has a name",
    "csv.quote cannot be",
    "`rows: records`",
];

#[test]
fn every_document_that_is_built_wrong_is_refused() {
    let validator = validator();
    let (mut refused, mut taken) = (0, Vec::new());
    let mut wrong = documents("infra/cli/tests/wrong_documents");
    wrong.extend(documents("shared/ledger/tests/it/broken_documents"));
    for (path, text) in wrong {
        let review = Review::of(&text);
        let is_beyond = |problem: &Problem| BEYOND.iter().any(|part| problem.to_string().contains(part));
        let mut errors = review
            .problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        let structural = json_value(&text).is_some() && errors.any(|problem| !is_beyond(problem));
        if structural {
            refused += 1;
            if problems(&validator, &text).is_empty() {
                taken.push(format!("{}: {:?}", path.display(), review.problems));
            }
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
    assert!(refused > 25, "{refused}");
}
