//! Jobs in parts: outcomes that are continued, and how they fold.

use std::collections::BTreeMap;
use std::time::Duration;

use extract::Chunk;
use jiff::Timestamp;
use ledger::{
    Bytes, Document, FoldError, Job, JobId, JobPart, LedgerError, Outcome, Plan, Report, ReportBuilder, Status, Tally,
    Undelivered, Work,
};
use mapping::Action;
use proptest::prelude::*;

use crate::support::{at, outcomes, plan, work};

/// The outcomes of a job of `rows` rows that was stopped before each row of `stops`; the last part ends it.
fn parts(job: &Job, rows: u64, stops: &[u64], end: impl Fn(&Job, Work) -> Outcome) -> Vec<Outcome> {
    let (mut part, mut outcomes) = (job.clone(), Vec::new());
    for &stop in stops {
        let rest = Chunk {
            start: job.chunk.start + stop,
            first_row: job.chunk.first_row.map(|first| first + stop),
            ..job.chunk
        };
        let outcome = Outcome::continued(&part, rest, share(&part, stop - part.rows_before, rows)).unwrap();
        part = outcome.next_part(job).unwrap();
        outcomes.push(outcome);
    }
    let left = rows - part.rows_before;
    outcomes.push(end(&part, share(&part, left, rows)));
    outcomes
}

/// The work of a part with `rows` of all the rows of a job whose last two are rejected by the first mapping.
fn share(part: &Job, rows: u64, all: u64) -> Work {
    let (from, to) = (part.rows_before, part.rows_before + rows);
    let rejected = to.saturating_sub(from.max(all - 2));
    let mut work = work(part, rows, 0);
    let reasons = BTreeMap::from([("bad_value".to_owned(), rejected)]);
    work.mappings[0].tally = Tally::new(rows, rows - rejected, 0, reasons).unwrap();
    work
}

fn done(job: &Job, work: Work) -> Outcome {
    Outcome::done(job, work).unwrap()
}

/// The outcomes of the plan's jobs of ten rows each, the first one stopped before each row of `stops`.
fn with_parts(plan: &Plan, stops: &[u64]) -> Vec<Outcome> {
    let mut jobs = plan.jobs();
    let mut all = parts(&jobs.next().unwrap(), 10, stops, done);
    all.extend(jobs.flat_map(|job| parts(&job, 10, &[], done)));
    all
}

#[test]
fn part_that_left_something_is_read_back_as_written() {
    let plan = plan();
    let outcomes = parts(&plan.jobs().next().unwrap(), 10, &[4, 7], done);
    for outcome in &outcomes {
        assert_eq!(
            Outcome::from_json(&outcome.to_json().unwrap()).unwrap(),
            outcome.clone()
        );
    }
    let json = String::from_utf8(outcomes[1].to_json().unwrap()).unwrap();
    let rest = r#""part":1,"#;
    assert!(json.contains(rest), "{json}");
    let status = r#"{"state":"continued","rest":{"start":7,"end":100,"first_row":8},"rows_before":7}"#;
    assert!(json.contains(status), "{json}");
    assert!(
        Outcome::from_json(
            json.replace(r#""rows":3,"mappings""#, r#""rows":4,"mappings""#)
                .as_bytes()
        )
        .is_err(),
        "a row without a fate"
    );
}

#[test]
fn job_goes_on_with_the_rest_alone() {
    let job = plan().jobs().nth(2).unwrap();
    let outcomes = parts(&job, 10, &[4, 7], done);
    let next = outcomes[1].next_part(&job).unwrap();
    assert_eq!((next.part, next.rows_before, next.chunk.start), (2, 7, 107));
    assert_eq!((next.chunk.end, next.chunk.first_row), (200, None));
    assert_eq!(next.job_part(), outcomes[2].job_part());
    assert!(outcomes[2].next_part(&job).is_none());
    let json = next.to_json().unwrap();
    assert_eq!(Job::from_json(&json).unwrap().to_json().unwrap(), json);
}

#[test]
fn rest_that_is_no_end_of_the_chunk_is_refused() {
    let job = plan().jobs().next().unwrap();
    let rest = |start, end| Chunk {
        start,
        end,
        first_row: None,
    };
    let continued = |rest, rows| Outcome::continued(&job, rest, share(&job, rows, 10));
    assert!(continued(rest(1, 100), 1).is_ok());
    for (rest, rows) in [
        (rest(0, 100), 1),
        (rest(1, 99), 1),
        (rest(100, 100), 1),
        (rest(1, 100), 0),
    ] {
        assert!(
            matches!(continued(rest, rows), Err(LedgerError::BadRest { .. })),
            "{rest:?}"
        );
    }
}

#[test]
fn part_that_could_not_be_delivered_may_have_no_row_and_hands_its_wait_on() {
    let job = plan().jobs().next().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let wait = Undelivered::again(None, now, None, Duration::from_hours(1)).unwrap();
    let outcome = Outcome::undelivered(&job, job.chunk, wait, share(&job, 0, 10)).unwrap();
    let outcome = Outcome::from_json(&outcome.to_json().unwrap()).unwrap();
    let next = outcome.next_part(&job).unwrap();
    assert_eq!((next.part, next.rows_before, next.chunk), (1, 0, job.chunk));
    assert_eq!(next.undelivered, Some(wait));
    // The part after it that delivered is not to wait.
    let rest = Chunk { start: 1, ..job.chunk };
    let outcome = Outcome::continued(&next, rest, share(&job, 1, 10)).unwrap();
    assert_eq!(outcome.next_part(&next).unwrap().undelivered, None);
    for (rest, rows) in [(rest, 0), (job.chunk, 1)] {
        let refused = Outcome::undelivered(&job, rest, wait, share(&job, rows, 10));
        assert!(matches!(refused, Err(LedgerError::BadRest { .. })), "{rows}");
    }
}

#[test]
fn run_is_open_until_the_last_part_is_there_and_the_job_is_missing_till_then() {
    let plan = plan();
    let all = with_parts(&plan, &[4, 7]);
    for left_out in 0..3 {
        let some = (0u32..).zip(&all).filter(|(place, _)| *place != left_out);
        let Err(FoldError::Open(open)) = Report::fold(&plan, some.map(|(_, outcome)| outcome.clone())) else {
            panic!("the run is open without part {left_out}")
        };
        let job = JobId::new(0, 0, Action::Track);
        assert_eq!(open.missing, [JobPart { job, part: left_out }]);
    }
}

#[test]
fn repeated_part_is_counted_once() {
    let plan = plan();
    let all = with_parts(&plan, &[4, 7]);
    let mut builder = ReportBuilder::new(&plan);
    for outcome in &all {
        assert!(builder.add(outcome).unwrap());
    }
    for outcome in &all {
        assert!(!builder.add(outcome).unwrap());
    }
    assert_eq!(builder.finish().unwrap(), Report::fold(&plan, all).unwrap());
}

#[test]
fn part_behind_the_one_that_ended_the_job_is_a_contradiction() {
    let plan = plan();
    let job = plan.jobs().next().unwrap();
    let long = parts(&job, 10, &[4, 7], done);
    let short = parts(&job, 10, &[4], done);
    for (one, other) in [(&short[1], &long[2]), (&short[1], &long[1])] {
        let mut builder = ReportBuilder::new(&plan);
        builder.add(one).unwrap();
        if one.part == other.part {
            assert!(!builder.add(other).unwrap(), "it is the same part once more");
        } else {
            assert!(matches!(builder.add(other), Err(LedgerError::UnknownPart { .. })));
            let mut builder = ReportBuilder::new(&plan);
            builder.add(other).unwrap();
            assert!(matches!(builder.add(one), Err(LedgerError::UnknownPart { .. })));
        }
    }
    let mut builder = ReportBuilder::new(&plan);
    builder.add(&outcomes(&plan)[0]).unwrap();
    assert!(matches!(
        builder.add(&long[1]),
        Err(LedgerError::UnknownPart { part: 1, .. })
    ));
}

#[test]
fn job_whose_last_part_failed_has_failed_with_the_rows_of_its_parts() {
    let plan = plan();
    let job = plan.jobs().next().unwrap();
    let died = |job: &Job, _| Outcome::failed(job, "job_died", "it died", Work::nothing(job, at(3))).unwrap();
    let mut all = parts(&job, 10, &[4, 7], died);
    all.extend(outcomes(&plan).into_iter().skip(1));
    let report = Report::fold(&plan, all).unwrap();
    assert_eq!((report.jobs.done, report.jobs.failed), (5, 1));
    assert_eq!((report.failures.len(), report.failures[0].job), (1, job.id));
    let orders = report.mappings.iter().find(|mapping| mapping.name == "order").unwrap();
    assert_eq!(orders.rows, 27, "two chunks of ten rows and seven of the third");
}

#[test]
fn parts_that_read_other_rows_than_another_action_are_a_contradiction() {
    let plan = plan();
    let mut jobs = plan.jobs();
    let all = parts(&jobs.next().unwrap(), 11, &[4], done);
    let mut builder = ReportBuilder::new(&plan);
    builder
        .add(&done(&jobs.next().unwrap(), work(&plan.jobs().nth(1).unwrap(), 10, 0)))
        .unwrap();
    builder.add(&all[0]).unwrap();
    assert!(matches!(
        builder.add(&all[1]),
        Err(LedgerError::RowsDiffer { rows: 11, .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn report_of_parts_in_any_order_is_the_report_of_the_whole(
        stops in prop::collection::btree_set(1u64..10, 0..9), order in prop::collection::vec(any::<u32>(), 15),
    ) {
        let plan = plan();
        let expected = Report::fold(&plan, with_parts(&plan, &[])).unwrap();
        let stops: Vec<u64> = stops.into_iter().collect();
        let mut all: Vec<(u32, Outcome)> = order.into_iter().zip(with_parts(&plan, &stops)).collect();
        all.sort_by_key(|(place, _)| *place);
        let report = Report::fold(&plan, all.into_iter().map(|(_, outcome)| outcome)).unwrap();
        let requests = expected.requests + 3 * stops.len() as u64;
        prop_assert_eq!(report.requests, requests, "each part made three");
        let Report { rows, mappings, api_calls, jobs, status, .. } = expected;
        prop_assert_eq!((report.rows, report.mappings, report.api_calls), (rows, mappings, api_calls));
        prop_assert_eq!((report.jobs, report.status), (jobs, status));
    }
}

#[test]
fn bytes_and_time_of_a_run_are_those_of_all_parts() {
    let plan = plan();
    let report = Report::fold(&plan, with_parts(&plan, &[4, 7])).unwrap();
    let Bytes { read, .. } = report.bytes;
    assert_eq!(read, 8 * 100, "six jobs, one of them in three parts");
    assert_eq!(report.finished_at, at(11));
    assert!(Status::Done.is_last());
}
