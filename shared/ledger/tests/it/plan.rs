//! Plans and the jobs that follow from them.

use std::sync::Arc;

use ledger::{Document, ExtractIdentity, Job, JobId, Plan, key};
use mapping::Action;

use crate::support::plan;

#[test]
fn jobs_are_objects_times_chunks_times_actions() {
    let plan = plan();
    let ids: Vec<String> = plan.jobs().map(|job| job.id.to_string()).collect();
    let expected = [
        "000000-000000-track",
        "000000-000000-identify",
        "000000-000001-track",
        "000000-000001-identify",
        "000001-000000-track",
        "000001-000000-identify",
    ];
    assert_eq!(ids, expected);
    assert_eq!(plan.job_count(), ids.len());
}

#[test]
fn job_carries_its_own_action_and_chunk_only() {
    let plan = plan();
    let job = plan.job(JobId::new(0, 1, Action::Track)).unwrap();
    assert_eq!(
        job.mappings.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
        ["order", "refund"]
    );
    assert_eq!((job.chunk.start, job.chunk.end), (100, 200));
    assert_eq!(job.object.etag, "etag-of-customers/a.jsonl");
    assert_eq!(job.source.id.as_deref(), Some("customer_id"));
}

#[test]
fn rate_of_a_sync_is_shared_out_among_its_actions() {
    let mut plan = plan();
    for (rate, share) in [(Some(300), 150), (None, 500), (Some(1), 1)] {
        plan.sync.destination.max_events_per_second = rate;
        for job in plan.jobs() {
            assert_eq!(job.destination.max_events_per_second, Some(share), "{rate:?}");
        }
    }
}

#[test]
fn disabled_mapping_makes_no_job_and_no_disabled_destination_does() {
    let mut plan = plan();
    assert!(plan.job(JobId::new(0, 0, Action::Page)).is_none());
    assert!(plan.job(JobId::new(2, 0, Action::Track)).is_none());
    plan.sync.destination.enabled = false;
    assert_eq!((plan.job_count(), plan.jobs().count()), (0, 0));
}

#[test]
fn plan_and_job_are_read_back_as_written() {
    let plan = plan();
    let json = plan.to_json().unwrap();
    assert_eq!(Plan::from_json(&json).unwrap().to_json().unwrap(), json);
    let job = plan.jobs().next().unwrap().to_json().unwrap();
    assert_eq!(Job::from_json(&job).unwrap().to_json().unwrap(), job);
}

#[test]
fn what_objects_have_in_common_is_written_once() {
    let mut plan = plan();
    let first = plan.objects[0].clone();
    plan.objects = (0..100).map(|_| first.clone()).collect();
    let json = String::from_utf8(plan.to_json().unwrap()).unwrap();
    for shared in ["\"format\"", "s3://acme\""] {
        assert_eq!(
            json.matches(shared).count(),
            plan_matches(&plan, shared) + 1,
            "{shared}"
        );
    }
    let read = Plan::from_json(json.as_bytes()).unwrap();
    assert!(Arc::ptr_eq(&read.objects[0].layout, &read.objects[99].layout));
    assert_eq!(read.objects[99].pin(), first.pin());
}

/// Returns how often the sync document itself says `text`.
fn plan_matches(plan: &Plan, text: &str) -> usize {
    serde_json::to_string(&plan.sync).unwrap().matches(text).count()
}

#[test]
fn object_with_a_store_or_layout_that_is_not_in_the_lists_is_refused() {
    let json = String::from_utf8(plan().to_json().unwrap()).unwrap();
    for (found, wrong) in [("\"store\":0", "\"store\":1"), ("\"layout\":0", "\"layout\":7")] {
        assert!(json.contains(found), "{json}");
        assert!(Plan::from_json(json.replacen(found, wrong, 1).as_bytes()).is_err());
    }
}

#[test]
fn jobs_of_an_unreadable_object_say_why() {
    let mut plan = plan();
    plan.objects[1].unreadable = Some("`b` is no text".into());
    let reasons: Vec<_> = plan.jobs().filter_map(|job| job.unreadable).collect();
    assert_eq!(reasons, ["`b` is no text"; 2]);
    let read = Plan::from_json(&plan.to_json().unwrap()).unwrap();
    assert_eq!(read.objects[1].unreadable, plan.objects[1].unreadable);
    assert_eq!(read.objects[0].unreadable, None);
}

/// What stores read whole (`platform::MAX_SMALL_OBJECT`).
const MAX_PLAN_BYTES: usize = 64 << 20;

#[test]
fn plan_of_a_hundred_thousand_objects_with_long_keys_can_be_read_whole() {
    let mut plan = plan();
    let object = ledger::PlannedObject {
        key: "k".repeat(400),
        size: 10_000_000_000,
        etag: format!("\"{}-10000\"", "0".repeat(32)),
        chunks: plan.objects[0].chunks[..1].to_vec(),
        rows: Some(1_000_000_000),
        ..plan.objects[0].clone()
    };
    let size = |plan: &Plan| plan.to_json().unwrap().len();
    let before = size(&plan);
    plan.objects.extend(std::iter::repeat_n(object, 100));
    assert!((size(&plan) - before) * 1_000 < MAX_PLAN_BYTES);
}

#[test]
fn documents_of_another_version_or_with_unknown_keys_are_not_read() {
    let json = String::from_utf8(plan().to_json().unwrap()).unwrap();
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    let error = Plan::from_json(newer.as_bytes()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("format version 2 is not known"), "{cause}");
    assert!(Plan::from_json(json.replacen("{\"version\"", "{\"extra\":1,\"version\"", 1).as_bytes()).is_err());
    assert!(Plan::from_json(json.replace("\"customers\"", "\"../x\"").as_bytes()).is_err());
}

#[test]
fn claim_is_the_same_for_the_same_extract_only() {
    let (one, mut other) = (plan(), plan());
    assert_eq!(one.extract_identity(), other.extract_identity());
    other.objects[1].etag = "changed".into();
    assert_ne!(one.extract_identity(), other.extract_identity());
    let pins: Vec<_> = one.objects.iter().map(ledger::PlannedObject::pin).collect();
    assert_eq!(ExtractIdentity::of(&pins), one.extract_identity());
    assert!(key::claim(&one.sync.name, &one.extract_identity()).starts_with("claims/customers/"));
}
