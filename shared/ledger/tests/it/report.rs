//! Outcomes, and the report that they fold into.

use ledger::{
    Document, FoldError, JobId, JobPart, LedgerError, MAX_OUTCOME_ERRORS, MAX_REPORT_ERRORS, Outcome, Report,
    ReportBuilder, RunStatus, Work,
};
use mapping::Action;

use crate::support::{at, outcomes, plan, work};

#[test]
fn outcome_that_does_not_account_for_every_row_cannot_be_built() {
    let plan = plan();
    let job = plan.jobs().next().unwrap();
    let short = Work {
        rows: 11,
        ..work(&job, 10, 2)
    };
    assert!(matches!(
        Outcome::done(&job, short.clone()),
        Err(LedgerError::RowsUnaccounted {
            accounted: 10,
            rows: 11,
            ..
        })
    ));
    assert!(
        Outcome::failed(&job, "x", "ended early", short).is_ok(),
        "a failed job may have rows without a fate"
    );
    let more = Work {
        rows: 9,
        ..work(&job, 10, 2)
    };
    assert!(matches!(
        Outcome::failed(&job, "x", "", more),
        Err(LedgerError::RowsUnaccounted { .. })
    ));
    let mut missing = work(&job, 10, 2);
    missing.mappings.pop();
    assert!(matches!(
        Outcome::done(&job, missing),
        Err(LedgerError::WrongMappings { .. })
    ));
}

#[test]
fn outcome_that_does_not_add_up_cannot_be_read() {
    let plan = plan();
    let job = plan.jobs().next().unwrap();
    let json = String::from_utf8(Outcome::done(&job, work(&job, 10, 2)).unwrap().to_json().unwrap()).unwrap();
    assert_eq!(Outcome::from_json(json.as_bytes()).unwrap().work.rows, 10);
    let changes = [
        ("\"rows\":10,\"mappings\"", "\"rows\":11,\"mappings\""),
        ("\"sent\":8", "\"sent\":9"),
        ("\"rejected\":2", "\"rejected\":3"),
        ("\"bad_value\":2", "\"bad_value\":1"),
        ("\"action\":\"track\"", "\"action\":\"page\""),
        ("000000-000000-track", "0-0-track"),
    ];
    for (from, to) in changes {
        assert!(json.contains(from), "{from} in {json}");
        assert!(
            Outcome::from_json(json.replacen(from, to, 1).as_bytes()).is_err(),
            "{to}"
        );
    }
}

#[test]
fn outcome_describes_a_bounded_number_of_rows() {
    let plan = plan();
    let job = plan.jobs().next().unwrap();
    let outcome = Outcome::done(&job, work(&job, 500, 400)).unwrap();
    assert_eq!(outcome.work.errors.len(), MAX_OUTCOME_ERRORS);
    assert_eq!(outcome.work.errors[0].row, 101);
}

#[test]
fn report_counts_rows_of_the_extract_once_and_fates_by_mapping() {
    let plan = plan();
    let report = Report::fold(&plan, outcomes(&plan)).unwrap();
    assert_eq!(report.rows, 30, "three chunks of ten rows, each read by two actions");
    let names: Vec<&str> = report.mappings.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(
        names,
        ["identify", "order", "refund"],
        "enabled ones, in the order of the document"
    );
    for mapping in &report.mappings {
        assert_eq!(mapping.rows, report.rows);
        assert_eq!(mapping.rows, mapping.sent + mapping.filtered + mapping.rejected);
        assert_eq!(mapping.rejected, mapping.reasons.values().sum::<u64>());
    }
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!((report.requests, report.retries, report.api_calls), (18, 6, 48));
    assert_eq!(
        (report.bytes.read, report.bytes.json, report.bytes.wire),
        (600, 480, 120)
    );
    assert_eq!((report.jobs.planned, report.jobs.done, report.jobs.failed), (6, 6, 0));
    assert_eq!((report.started_at, report.finished_at), (at(0), at(11)));
    assert_eq!(report.users, 20, "the first chunks of both objects have the same users");
}

#[test]
fn report_has_the_names_of_the_design() {
    let plan = plan();
    let json: serde_json::Value =
        serde_json::from_slice(&Report::fold(&plan, outcomes(&plan)).unwrap().to_json().unwrap()).unwrap();
    let keys = |value: &serde_json::Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(
        keys(&json),
        "api_calls bytes errors failures finished_at jobs mappings requests retries rows run started_at status sync users"
    );
    assert_eq!(
        keys(&json["mappings"][0]),
        "action filtered name reasons rejected rows sent"
    );
    assert_eq!(keys(&json["bytes"]), "json read wire");
    assert_eq!(keys(&json["jobs"]), "done failed planned");
    assert_eq!(json["status"], "partial");
}

#[test]
fn rows_are_numbered_within_their_object_though_the_chunk_could_not_know() {
    let plan = plan();
    let report = Report::fold(&plan, outcomes(&plan)).unwrap();
    let of = |object: &str, action| -> Vec<Option<u64>> {
        let own = report
            .errors
            .iter()
            .filter(|e| e.object == object && e.job.action() == action);
        own.map(|error| error.row).collect()
    };
    assert_eq!(of("customers/a.jsonl", Action::Track), [9, 10, 19, 20].map(Some));
    assert_eq!(of("customers/b.jsonl", Action::Identify), [9, 10].map(Some));
}

#[test]
fn row_after_a_chunk_that_nobody_finished_has_no_number() {
    let plan = plan();
    let folded = plan.jobs().map(|job| match (job.id.object(), job.id.chunk()) {
        (0, 0) => Outcome::failed(&job, "object_changed", "the object changed", Work::nothing(&job, at(2))).unwrap(),
        _ => Outcome::done(&job, work(&job, 10, 2)).unwrap(),
    });
    let report = Report::fold(&plan, folded).unwrap();
    assert!(
        report
            .errors
            .iter()
            .filter(|error| error.object.ends_with("a.jsonl"))
            .all(|error| error.row.is_none())
    );
    assert!(report.errors.iter().all(|error| error.offset > 0));
    assert_eq!((report.status, report.rows), (RunStatus::Partial, 20));
    assert_eq!(report.failures.len(), 2);
    assert_eq!(report.failures[0].code, "object_changed");
}

#[test]
fn order_of_outcomes_does_not_change_the_report() {
    let plan = plan();
    let mut turned = outcomes(&plan);
    let expected = Report::fold(&plan, turned.clone()).unwrap();
    for _ in 0..turned.len() {
        turned.rotate_left(1);
        assert_eq!(Report::fold(&plan, turned.clone()).unwrap(), expected);
        assert_eq!(Report::fold(&plan, turned.iter().rev().cloned()).unwrap(), expected);
    }
}

#[test]
fn repeated_outcome_is_counted_once() {
    let plan = plan();
    let once = outcomes(&plan);
    let mut builder = ReportBuilder::new(&plan);
    assert!(builder.add(&once[0]).unwrap());
    assert!(!builder.add(&once[0]).unwrap());
    let twice = once.iter().chain(&once).cloned();
    assert_eq!(
        Report::fold(&plan, twice).unwrap(),
        Report::fold(&plan, once.clone()).unwrap()
    );
}

#[test]
fn open_run_names_the_jobs_that_are_missing() {
    let plan = plan();
    let some = outcomes(&plan).into_iter().skip(1).take(4);
    let Err(FoldError::Open(open)) = Report::fold(&plan, some) else {
        panic!("the run is open")
    };
    assert_eq!(
        open.missing,
        [JobId::new(0, 0, Action::Track), JobId::new(1, 0, Action::Identify)].map(JobPart::from)
    );
}

#[test]
fn outcome_of_another_plan_is_refused() {
    let (mut other, plan) = (plan(), plan());
    other.run = ledger::RunId::new(at(5), [3; 10]);
    let mut builder = ReportBuilder::new(&plan);
    assert!(matches!(
        builder.add(&outcomes(&other)[0]),
        Err(LedgerError::OtherRun { .. })
    ));
    let mut larger = plan.clone();
    larger.objects.push(plan.objects[0].clone());
    let foreign = outcomes(&larger).pop().unwrap();
    assert!(matches!(builder.add(&foreign), Err(LedgerError::UnknownJob { .. })));
}

#[test]
fn two_actions_that_read_different_rows_from_one_chunk_are_an_error() {
    let plan = plan();
    let jobs: Vec<_> = plan.jobs().take(2).collect();
    let mut builder = ReportBuilder::new(&plan);
    builder
        .add(&Outcome::done(&jobs[0], work(&jobs[0], 10, 0)).unwrap())
        .unwrap();
    let differs = Outcome::done(&jobs[1], work(&jobs[1], 11, 0)).unwrap();
    assert!(matches!(
        builder.add(&differs),
        Err(LedgerError::RowsDiffer {
            rows: 11,
            other: 10,
            ..
        })
    ));
    assert!(!builder.is_complete());
}

#[test]
fn status_is_failed_only_if_every_job_failed() {
    let plan = plan();
    let fail = |job: &ledger::Job| Outcome::failed(job, "unreachable", "no answer", Work::nothing(job, at(2))).unwrap();
    let clean = |job: &ledger::Job| Outcome::done(job, work(job, 10, 0)).unwrap();
    let status = |first_done: usize| {
        let jobs = plan.jobs().enumerate();
        let folded = jobs.map(|(i, job)| if i < first_done { clean(&job) } else { fail(&job) });
        Report::fold(&plan, folded).unwrap().status
    };
    assert_eq!(status(0), RunStatus::Failed);
    assert_eq!(status(1), RunStatus::Partial);
    assert_eq!(status(6), RunStatus::Succeeded);
}

#[test]
fn run_without_jobs_succeeds_at_once() {
    let mut plan = plan();
    plan.objects.clear();
    let report = Report::fold(&plan, []).unwrap();
    assert_eq!(
        (report.status, report.rows, report.finished_at),
        (RunStatus::Succeeded, 0, at(0))
    );
}

#[test]
fn report_shows_the_first_errors_of_many() {
    let mut plan = plan();
    plan.objects = vec![plan.objects[1].clone(); 50];
    let mut backwards = outcomes(&plan);
    backwards.reverse();
    let report = Report::fold(&plan, backwards).unwrap();
    assert_eq!(report.errors.len(), MAX_REPORT_ERRORS);
    assert!(
        report.errors.iter().all(|error| error.job.object() < 25),
        "two rows and two actions for each object"
    );
    assert_eq!(report.mappings[0].rejected, 100);
}
