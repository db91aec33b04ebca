//! Mappings that are for some objects of an extract only, and `auto` in place of what people write.

use std::collections::BTreeMap;

use ledger::{Document, Fields, JobId, LedgerError, MappingTally, Outcome, Plan, Report, Rows, Sync, Tally, Work};
use mapping::Action;

use crate::support::{at, plan, sync};

const RECIPE: &str = r"
sync: recipe
source: {extract: s3://acme/drop/}
destination: {write_key: {secret: backhaul/recipe}}
mappings: auto
";

const MIXED: &str = r#"
sync: customers
source: {extract: s3://acme/customers/}
destination: {write_key: {secret: backhaul/customers}}
mappings:
  - {name: every, action: track, fields: auto}
  - {name: of-a, action: track, files: a.*, fields: auto}
  - {name: of-b, action: group, files: ["b.*", "other/*"], fields: {user_id: x, group_id: g}}
"#;

fn mixed() -> Plan {
    Plan {
        sync: sync(MIXED),
        ..plan()
    }
}

fn reads(files: &str, path: &str) -> bool {
    let text = MIXED.replace("files: a.*", &format!("files: {files}"));
    sync(&text).mappings[1].reads(path)
}

#[test]
fn pattern_is_compared_with_as_many_folders_as_it_has() {
    for (files, path, expected) in [
        ("identify_*", "s3://acme/drop/identify_2026.csv", true),
        ("identify_*", "s3://acme/identify_/track_1.csv", false),
        ("identify_*", "s3://acme/drop/Identify_2026.csv", false),
        ("identify_*", "s3://acme/drop/old_identify_1.csv", false),
        ("identify/*", "s3://acme/identify/part-0000", true),
        ("identify/*", "s3://acme/identify/old/part-0000", false),
        ("'*/identify/*'", "/data/identify/x.csv", true),
        ("'day-?.csv'", "/data/day-1.csv", true),
        ("'day-[12].csv'", "/data/day-3.csv", false),
        ("['a.csv', 'b.csv']", "/data/b.csv", true),
        ("a/b/c/d", "b/c/d", false),
    ] {
        assert_eq!(reads(files, path), expected, "{files} {path}");
    }
}

#[test]
fn jobs_are_those_of_the_mappings_that_read_the_object() {
    let plan = mixed();
    let jobs: Vec<String> = plan
        .jobs()
        .map(|job| {
            let names: Vec<&str> = job.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
            format!("{}: {}", job.id, names.join(" "))
        })
        .collect();
    let expected = [
        "000000-000000-track: every of-a",
        "000000-000001-track: every of-a",
        "000001-000000-track: every",
        "000001-000000-group: of-b",
    ];
    assert_eq!(jobs, expected);
    assert_eq!(plan.job_count(), 4);
    assert_eq!(plan.actions(), [Action::Track, Action::Group]);
    assert!(plan.job(JobId::new(0, 0, Action::Group)).is_none());
}

/// The outcome of each job: ten rows, all sent.
fn outcomes(plan: &Plan) -> Vec<Outcome> {
    let tally = || Tally::new(10, 10, 0, BTreeMap::new()).unwrap();
    let outcome = |job: ledger::Job| {
        let names = job.mappings.iter().map(|mapping| mapping.name.clone());
        let work = Work {
            rows: 10,
            mappings: names.map(|name| MappingTally { name, tally: tally() }).collect(),
            ..Work::nothing(&job, at(1))
        };
        Outcome::done(&job, work).unwrap()
    };
    plan.jobs().map(outcome).collect()
}

#[test]
fn rows_of_a_mapping_are_those_of_the_objects_that_it_reads() {
    let plan = mixed();
    let report = Report::fold(&plan, outcomes(&plan)).unwrap();
    assert_eq!(report.rows, 30);
    let rows: Vec<(&str, u64, u64)> = report
        .mappings
        .iter()
        .map(|m| (m.name.as_str(), m.rows, m.sent))
        .collect();
    assert_eq!(rows, [("every", 30, 30), ("of-a", 20, 20), ("of-b", 10, 10)]);
    assert_eq!((report.jobs.planned, report.jobs.done), (4, 4));
}

#[test]
fn outcome_of_a_mapping_for_other_objects_is_refused() {
    let plan = mixed();
    let everywhere = Plan {
        sync: sync(
            &MIXED
                .replace("files: a.*, ", "")
                .replace("files: [\"b.*\", \"other/*\"], ", ""),
        ),
        ..plan.clone()
    };
    let refusals: Vec<LedgerError> = outcomes(&everywhere)
        .into_iter()
        .filter_map(|outcome| {
            let mut builder = ledger::ReportBuilder::new(&plan);
            builder.add(&outcome).err()
        })
        .collect();
    assert!(
        matches!(
            refusals.as_slice(),
            [
                LedgerError::UnknownJob { .. },
                LedgerError::UnknownJob { .. },
                LedgerError::WrongMappings { .. }
            ]
        ),
        "{refusals:?}"
    );
}

#[test]
fn object_that_no_mapping_reads_has_no_job() {
    let mut plan = mixed();
    plan.sync = sync(&MIXED.replace("name: every, action: track,", "name: every, action: track, files: a.*,"));
    plan.objects[1].key = "customers/c.jsonl".into();
    assert_eq!(plan.jobs().map(|job| job.id.object()).collect::<Vec<_>>(), [0, 0]);
    let report = Report::fold(&plan, outcomes(&plan)).unwrap();
    assert_eq!(report.rows, 20);
    assert_eq!(report.mappings[2].rows, 0);
}

#[test]
fn auto_stands_for_a_mapping_of_each_action() {
    let recipe = sync(RECIPE);
    let names: Vec<&str> = recipe.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
    assert_eq!(names, ["track", "identify", "group", "page", "screen"]);
    for mapping in &recipe.mappings {
        assert_eq!(mapping.name, mapping.action.as_str());
        assert_eq!(mapping.fields, Fields::Auto);
        assert_eq!(mapping.trigger_text(Rows::Records), "added or updated");
    }
    for (name, expected) in [
        ("identify_2026.csv", Some("identify")),
        ("track-orders.jsonl", Some("track")),
        ("page.csv", Some("page")),
        ("pageviews.csv", None),
        ("alias_1.csv", None),
    ] {
        let reading = recipe.mappings_for(format!("s3://acme/drop/{name}"));
        let names: Vec<&str> = reading.map(|mapping| mapping.name.as_str()).collect();
        assert_eq!(names, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn auto_takes_events_by_their_type_whatever_their_file() {
    let events = sync(&RECIPE.replace("drop/}", "drop/, rows: events}"));
    assert_eq!(events.mappings_for("s3://acme/drop/0.jsonl".into()).count(), 5);
    assert_eq!(events.mappings[4].trigger_text(Rows::Events), "type = \"screen\"");
}

#[test]
fn auto_is_read_back_as_written() {
    let sync = sync(MIXED);
    let json = serde_json::to_value(&sync).unwrap();
    assert_eq!(json["mappings"][0]["fields"], "auto");
    assert!(
        json["mappings"][0].get("files").is_none(),
        "plans of older versions have no such key"
    );
    assert_eq!(serde_json::from_value::<Sync>(json).unwrap(), sync);
    let plan = mixed();
    assert_eq!(Plan::from_json(&plan.to_json().unwrap()).unwrap().sync, plan.sync);
}

#[test]
fn message_ids_tell_auto_from_fields_and_know_nothing_of_files() {
    let [every, of_a, _] = sync(MIXED).mappings.try_into().unwrap();
    assert_ne!(every.fingerprint(), of_a.fingerprint(), "names");
    let mut without = of_a.clone();
    without.files.clear();
    assert_eq!(without.fingerprint(), of_a.fingerprint());
    without.fields = Fields::Given(serde_json::json!({}));
    assert_ne!(without.fingerprint(), of_a.fingerprint());
}
