//! The README's recipes: each of its documents is right, as `validate` and as editors see it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use ledger::{Review, json_schema, json_value};

/// What a recipe leaves out of a document.
const REST: &str = "sync: customers
destination: {write_key: {secret: backhaul/customers}}
mappings:
  - name: identify-customer
    action: identify
    fields:
      user_id: {\"@path\": \"$.properties.customer_id\"}
      traits: {\"@path\": \"$.properties\"}
";

/// The documents of the section, whole.
fn documents() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let (_, section) = readme.split_once("\n## Extracts from your warehouse\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = section.split("```yaml\n").skip(1);
    blocks
        .map(|block| format!("{REST}{}", block.split_once("```").unwrap().0))
        .collect()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&json_schema()).unwrap()
}

#[test]
fn every_recipe_is_right() {
    let validator = validator();
    for text in documents() {
        assert!(
            Review::of(&text).problems.is_empty(),
            "{text}\n{:?}",
            Review::of(&text).problems
        );
        let value = json_value(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{text}");
    }
}

#[test]
fn every_preset_has_a_recipe() {
    let schema = json_schema();
    let presets = schema["$defs"]["Source"]["properties"]["preset"]["enum"]
        .as_array()
        .unwrap();
    let presets: BTreeSet<&str> = presets.iter().map(|preset| preset.as_str().unwrap()).collect();
    let documents: Vec<_> = documents().iter().map(|text| json_value(text).unwrap()).collect();
    let used: BTreeSet<&str> = documents
        .iter()
        .map(|document| document["source"]["preset"].as_str().unwrap())
        .collect();
    assert_eq!(used, presets);
}
