//! Objects that S3 tells of: each completes one extract or none, in whatever order and however often they are told of.

use ledger::key;
use platform::list_all;
use scheduler::handle;
use serde_json::json;
use support::Call;

use crate::bucket::{BUCKET, Bucket};

fn none() -> Vec<Vec<String>> {
    Vec::new()
}

#[tokio::test]
async fn object_is_planned_alone_and_its_folder_is_not_listed() {
    let bucket = Bucket::new("object").await;
    bucket.put_users(&["drop/a.csv", "drop/a.csv.csv", "drop/b.csv"]);
    assert_eq!(bucket.tell("drop/a.csv").await, [["drop/a.csv"]]);
    assert_eq!(bucket.tell("drop/a.csv").await, [["drop/a.csv"]]);
    let calls = bucket.calls.calls();
    let is_listing =
        |call: &&Call| call.method == "list" && (call.key.starts_with("drop") || call.key.starts_with("claims"));
    assert_eq!(calls.iter().find(is_listing), None);
    let writes = calls.iter().filter(|call| call.method == "create");
    // Claim, plan and job, once.
    assert_eq!(writes.count(), 3);
    assert_eq!(bucket.whole_pass().await.len(), 2);
    assert_eq!(bucket.planned().await, ["drop/a.csv", "drop/a.csv.csv", "drop/b.csv"]);
}

#[tokio::test]
async fn objects_are_planned_once_in_whatever_order_they_are_told_of() {
    let bucket = Bucket::new("object").await;
    bucket.put_users(&["drop/a.csv", "drop/b.csv", "drop/c.csv"]);
    bucket.tell("drop/b.csv").await;
    bucket.whole_pass().await;
    // Others have them.
    assert_eq!(bucket.tell("drop/a.csv").await, none());
    assert_eq!(bucket.tell("drop/b.csv").await, [["drop/b.csv"]]);
    for key in ["drop/gone.csv", "drop/_SUCCESS", "drop/sync.yaml", "elsewhere/a.csv"] {
        assert_eq!(bucket.tell(key).await, none(), "{key}");
    }
    assert_eq!(bucket.planned().await, ["drop/a.csv", "drop/b.csv", "drop/c.csv"]);
}

#[tokio::test]
async fn only_its_marker_completes_a_folder_and_no_other_is_looked_at() {
    let bucket = Bucket::new("marker").await;
    bucket.put_users(&["drop/x/1.csv", "drop/x/p=1/2.csv", "drop/x/y/3.csv", "drop/z/4.csv"]);
    for marker in ["drop/x/_SUCCESS", "drop/x/y/_SUCCESS", "drop/z/_SUCCESS"] {
        bucket.put(marker, "");
    }
    assert_eq!(bucket.tell("drop/x/1.csv").await, none());
    let x = [["drop/x/1.csv", "drop/x/p=1/2.csv"]];
    assert_eq!(bucket.tell("drop/x/_SUCCESS").await, x);
    assert_eq!(bucket.tell("drop/x/_SUCCESS").await, x);
    assert_eq!(bucket.planned().await.len(), 2);
    // What comes after the marker waits for a whole pass.
    bucket.put_users(&["drop/x/5.csv"]);
    assert_eq!(bucket.tell("drop/x/5.csv").await, none());
    bucket.whole_pass().await;
    let all = [
        "drop/x/1.csv",
        "drop/x/5.csv",
        "drop/x/p=1/2.csv",
        "drop/x/y/3.csv",
        "drop/z/4.csv",
    ];
    assert_eq!(bucket.planned().await, all);
}

#[tokio::test]
async fn only_a_manifest_completes_what_it_names() {
    let bucket = Bucket::new("manifest").await;
    bucket.put_users(&["drop/1.csv", "drop/2.csv", "drop/3.csv"]);
    bucket.put("drop/a_manifest", "2.csv\n1.csv\n");
    bucket.put("drop/b_manifest", "2.csv\n3.csv\n");
    assert_eq!(bucket.tell("drop/1.csv").await, none());
    assert_eq!(bucket.tell("drop/a_manifest").await, [["drop/2.csv", "drop/1.csv"]]);
    // What the first one has stays its.
    assert_eq!(bucket.tell("drop/b_manifest").await, [["drop/3.csv"]]);
    assert_eq!(bucket.whole_pass().await.len(), 2);
    assert_eq!(bucket.planned().await, ["drop/1.csv", "drop/2.csv", "drop/3.csv"]);
}

#[tokio::test]
async fn pass_that_died_after_its_claim_is_gone_on_with_when_the_object_is_told_of_again() {
    let bucket = Bucket::new("object").await;
    bucket.put_users(&["drop/a.csv"]);
    bucket.tell("drop/a.csv").await;
    for object in list_all(&*bucket.ledger, "").await.unwrap() {
        if object.key.starts_with("runs/") || object.key.starts_with("jobs/") {
            bucket.server.remove(BUCKET, &object.key).unwrap();
        }
    }
    assert_eq!(bucket.tell("drop/a.csv").await, [["drop/a.csv"]]);
    assert_eq!(bucket.planned().await, ["drop/a.csv"]);
}

#[tokio::test]
async fn object_that_a_whole_pass_is_just_taking_is_left_to_it() {
    let bucket = Bucket::new("object").await;
    bucket.put_users(&["drop/a.csv", "drop/b.csv"]);
    bucket.whole_pass().await;
    let plans = list_all(&*bucket.ledger, "runs/").await.unwrap();
    bucket.server.remove(BUCKET, &plans[0].key).unwrap();
    assert_eq!(bucket.tell("drop/a.csv").await, none());
    assert!(list_all(&*bucket.ledger, "runs/").await.unwrap().is_empty());
    assert_eq!(bucket.whole_pass().await, [["drop/a.csv", "drop/b.csv"]]);
}

#[tokio::test]
async fn broken_object_that_is_told_of_keeps_no_other_waiting() {
    let bucket = Bucket::new("object").await;
    bucket.put("drop/a.csv", "");
    bucket.put("drop/b.csv", "PAR1 where the sync says csv");
    let object = json!({"bucket": {"name": BUCKET}, "object": {"key": "drop/b.csv"}});
    let error = handle(&bucket.context, json!({ "detail": object })).await.unwrap_err();
    assert!(error.to_string().contains("drop/b.csv"), "{error}");
    bucket.put_users(&["drop/c.csv"]);
    let mut runs = bucket.whole_pass().await;
    runs.sort();
    assert_eq!(runs, [vec!["drop/a.csv", "drop/c.csv"], vec!["drop/b.csv"]]);
}

#[tokio::test]
async fn whole_pass_over_many_objects_reads_nothing_of_those_that_were_planned_alone_and_are_done() {
    let bucket = Bucket::new("object").await;
    for number in 0..120 {
        let key = format!("drop/{number:03}.csv");
        bucket.put_users(&[&key]);
        if number < 110 {
            assert_eq!(bucket.tell(&key).await.len(), 1);
        }
    }
    let sync = "users".parse().unwrap();
    let runs = list_all(&*bucket.ledger, "runs/").await.unwrap();
    // All but one are done.
    for plan in &runs[1..] {
        let report = key::report_json(&sync, &key::run_of_plan(&sync, &plan.key).unwrap());
        bucket.put(&report, "{}");
    }
    drop(bucket.calls.calls());
    let runs = bucket.whole_pass().await;
    let calls = bucket.calls.calls();
    // The new one, the one that is not done, and one that is.
    assert_eq!(runs.len(), 3);
    assert_eq!(runs.iter().map(Vec::len).max(), Some(10));
    let reads = calls
        .iter()
        .filter(|call| call.method == "get" && call.key != "syncs/users.yaml");
    // A claim of each of these objects, and three plans.
    assert!(reads.clone().count() <= 12 + 3, "{:?}", reads.collect::<Vec<_>>());
    assert_eq!(bucket.planned().await.len(), 120);
}
