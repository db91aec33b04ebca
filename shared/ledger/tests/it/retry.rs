//! Runs that try rows of another one again.

use ledger::{Document, Job, Outcome, Plan, Report, Retried, RunStatus};
use mapping::Action;

use crate::support::{at, plan, work};

fn retried(action: Action, mapping: &str, rejected: &[&str]) -> Retried {
    Retried {
        action,
        mappings: vec![mapping.to_owned()],
        rejected: rejected.iter().map(|&key| key.to_owned()).collect(),
    }
}

/// The second object's only chunk three times: a failed job of `identify`, and rows that each mapping of `track` rejected.
fn retry() -> Plan {
    let mut plan = plan();
    let mut object = plan.objects.pop().unwrap();
    object.chunks = vec![object.chunks[0]; 3];
    object.retried = vec![
        retried(Action::Identify, "identify", &[]),
        retried(Action::Track, "order", &["rejected/a", "rejected/b"]),
        retried(Action::Track, "refund", &["rejected/a"]),
    ];
    plan.retry_of = Some(ledger::RunId::new(at(-60), [8; 10]));
    plan.objects = vec![object];
    plan
}

#[test]
fn chunk_of_a_retry_has_one_job_with_the_mappings_and_rows_that_are_tried_again() {
    let plan = retry();
    let jobs: Vec<Job> = plan.jobs().collect();
    let told: Vec<(String, Vec<&str>, usize)> = jobs
        .iter()
        .map(|job| {
            let names = job.mappings.iter().map(|mapping| mapping.name.as_str()).collect();
            (job.id.to_string(), names, job.only.len())
        })
        .collect();
    let expected = [
        ("000000-000000-identify", "identify", 0),
        ("000000-000001-track", "order", 2),
        ("000000-000002-track", "refund", 1),
    ];
    assert_eq!(told, expected.map(|(id, name, only)| (id.to_owned(), vec![name], only)));
    assert_eq!(plan.job_count(), 3);
    let json = plan.to_json().unwrap();
    let read = Plan::from_json(&json).unwrap();
    assert_eq!(
        (read.retry_of, &read.objects[0].retried),
        (plan.retry_of, &plan.objects[0].retried)
    );
    assert_eq!(read.to_json().unwrap(), json);
}

#[test]
fn mapping_that_is_not_in_the_document_any_more_has_no_job() {
    let mut plan = retry();
    plan.objects[0].retried[1].mappings = vec!["gone".to_owned()];
    assert_eq!((plan.job_count(), plan.jobs().count()), (2, 2));
}

#[test]
fn report_of_a_retry_counts_the_rows_that_were_tried_again_and_names_the_run() {
    let plan = retry();
    let rows = [10, 4, 3];
    let outcomes = plan
        .jobs()
        .zip(rows)
        .map(|(job, rows)| Outcome::done(&job, work(&job, rows, 1)).unwrap());
    let report = Report::fold(&plan, outcomes).unwrap();
    assert_eq!(
        (report.retry_of, report.rows, report.status),
        (plan.retry_of, 17, RunStatus::Partial)
    );
    let counts: Vec<(&str, u64, u64)> = report
        .mappings
        .iter()
        .map(|mapping| (mapping.name.as_str(), mapping.rows, mapping.rejected))
        .collect();
    assert_eq!(counts, [("identify", 10, 1), ("order", 4, 1), ("refund", 3, 1)]);
    let json = report.to_json().unwrap();
    assert_eq!(Report::from_json(&json).unwrap(), report);
}

#[test]
fn row_of_a_retry_has_no_number_where_its_chunk_knows_none() {
    let mut plan = retry();
    for chunk in &mut plan.objects[0].chunks[1..] {
        chunk.first_row = None;
    }
    let outcomes = plan.jobs().map(|job| Outcome::done(&job, work(&job, 4, 1)).unwrap());
    let report = Report::fold(&plan, outcomes).unwrap();
    let mut told: Vec<(String, Option<u64>)> = report
        .errors
        .iter()
        .map(|error| (error.job.to_string(), error.row))
        .collect();
    told.sort();
    assert_eq!(
        told.iter().map(|(_, row)| *row).collect::<Vec<_>>(),
        [Some(4), None, None]
    );
}
