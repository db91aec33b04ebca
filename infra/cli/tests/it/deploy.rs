//! `deploy`: the document into the bucket, and the line for the sync's own stack.

use serde_json::json;
use support::S3Server;

use crate::bench::{Bench, Ran};

/// A bench whose document can be deployed, and a bucket.
async fn deployable() -> (Bench, S3Server) {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: s3://acme-unload/users/");
    bench.edit("{env: BACKHAUL_TEST_KEY}", "{secret: backhaul/users}");
    let s3 = S3Server::start().await.unwrap();
    s3.write("acme-backhaul", "runs/.keep", "", std::time::Duration::ZERO)
        .unwrap();
    (bench, s3)
}

fn deploy(bench: &Bench, s3: &S3Server, more: &[&str]) -> Ran {
    let words = ["--json", "deploy", "sync.yaml", "--bucket", "acme-backhaul"];
    bench.run_with(s3, &[&words[..], more].concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn document_is_put_where_the_scheduler_reads_it_and_only_if_it_is_another() {
    let (bench, s3) = deployable().await;
    let ran = deploy(&bench, &s3, &[]);
    assert_eq!(ran.status, 0, "{}", ran.said);
    let answer = ran.json();
    assert_eq!(answer["document"], "s3://acme-backhaul/syncs/users.yaml");
    assert_eq!(
        (&answer["changed"], deploy(&bench, &s3, &[]).json()["changed"].clone()),
        (&json!(true), json!(false))
    );
    bench.edit("action: identify", "trigger: added\n    action: identify");
    assert_eq!(deploy(&bench, &s3, &[]).json()["changed"], true);
    // The check knows it again.
    let ran = bench.run_with(&s3, &["check", "sync.yaml", "--bucket", "acme-backhaul"]);
    assert!(ran.out.contains("syncs/users.yaml is this document"), "{}", ran.out);
    bench.edit("trigger: added", "trigger: updated");
    let ran = bench.run_with(&s3, &["check", "sync.yaml", "--bucket", "acme-backhaul"]);
    assert!(
        ran.out.contains("is another document") && ran.out.contains("run backhaul deploy"),
        "{}",
        ran.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn line_to_run_names_every_parameter_of_the_stack() {
    let (bench, s3) = deployable().await;
    let answer = deploy(
        &bench,
        &s3,
        &[
            "--schedule",
            "rate(1 hour)",
            "--timezone",
            "Europe/Berlin",
            "--stack",
            "etl",
        ],
    )
    .json();
    let parameters = json!({
        "SyncName": "users",
        "BackhaulStack": "etl",
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleTimezone": "Europe/Berlin",
        "ExtractBucket": "acme-unload",
        "ExtractPrefix": "users/",
        "OnDrop": "false",
        "SecretArn": "",
        "SecretName": "backhaul/users",
    });
    assert_eq!(answer["parameters"], parameters);
    assert_eq!(
        answer["command"],
        "aws cloudformation deploy --template-file infra/sync.yaml --stack-name etl-users --capabilities CAPABILITY_IAM \
         --parameter-overrides SyncName=users BackhaulStack=etl 'ScheduleExpression=rate(1 hour)' \
         ScheduleTimezone=Europe/Berlin ExtractBucket=acme-unload ExtractPrefix=users/ OnDrop=false \
         SecretName=backhaul/users"
    );
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:backhaul/users-AbCdEf";
    let given = deploy(&bench, &s3, &["--secret-arn", arn]).json()["parameters"].clone();
    assert_eq!((&given["SecretArn"], &given["OnDrop"]), (&json!(arn), &json!("true")));
    let text = bench
        .run_with(&s3, &["deploy", "sync.yaml", "--bucket", "acme-backhaul"])
        .out;
    assert!(
        text.contains("put-secret-value --secret-id backhaul/users --secret-string file://"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extracts_that_the_stack_does_not_read_by_itself_are_told_of() {
    let (bench, s3) = deployable().await;
    let text = |more: &[&str]| {
        let words = ["deploy", "sync.yaml", "--bucket", "acme-backhaul"];
        bench.run_with(&s3, &[&words[..], more].concat()).out
    };
    let needs = "needs arn:aws:s3:::acme-unload among its ExtractBucketArns";
    assert!(text(&[]).contains(&format!("{needs}, and EventBridge turned on in acme-unload\n")));
    assert!(text(&["--schedule", "rate(1 day)"]).contains(&format!("{needs}\n")));
    bench.edit("s3://acme-unload/users/", "s3://acme-backhaul/users/");
    assert!(text(&[]).contains("functions read extracts/ only"));
    bench.edit("s3://acme-backhaul/users/", "s3://acme-backhaul/extracts/users/");
    let own = text(&[]);
    assert!(!own.contains("ExtractBucketArns") && !own.contains("warning"), "{own}");
}

#[test]
fn what_only_works_on_one_machine_is_refused_with_the_remedy() {
    let bench = Bench::new();
    let refused = |remedy: &str| {
        let ran = bench.run(&["deploy", "sync.yaml", "--bucket", "acme-backhaul"]);
        assert_eq!(ran.status, 2);
        assert!(ran.said.contains(remedy), "{}", ran.said);
    };
    // Both are told at once.
    refused("name a place in s3 (s3://acme-backhaul/extracts/users/, or a bucket of ExtractBucketArns)");
    refused("write {secret: backhaul/users}");
    bench.edit("extract: users.csv", "extract: s3://acme-unload/users/");
    refused("write {secret: backhaul/users}");
    bench.edit("{env: BACKHAUL_TEST_KEY}", "{secret: backhaul/users}");
    for (words, remedy) in [
        (&["deploy", "sync.yaml"][..], "--bucket"),
        (
            &[
                "deploy",
                "sync.yaml",
                "--bucket",
                "acme-backhaul",
                "--schedule",
                "hourly",
            ],
            "rate(1 hour)",
        ),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.status, 2);
        assert!(ran.said.contains(remedy), "{}", ran.said);
    }
    bench.edit("action: identify", "action: identity");
    refused("did you mean `identify`?");
}
