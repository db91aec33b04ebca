//! What the functions say and leave behind holds nothing of the write key, and nothing of rows outside of `rejected/`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use delivery::WriteKey;
use ledger::{Plan, key};
use mapping::Action;
use sender::WriteKeys;
use serde_json::json;
use support::{KEY, Stack};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use crate::{messages, notification};

/// What is in every cell of every row.
const CANARY: &str = "canary-";

/// The beginning of the key in base64, alone or with the colon of Basic authorization.
const KEY_IN_BASE64: &str = "dGVzdC13cml0ZS1rZX";

/// Whose lines are looked at. Libraries' lines are kept from telling what they carry where logs are set up (`platform::telemetry`).
const OWN: [&str; 8] = [
    "delivery",
    "extract",
    "ledger",
    "mapping",
    "platform",
    "reporter",
    "scheduler",
    "sender",
];

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps every line that is logged from now on, whatever its level, by this test or one beside it: a subscriber of one thread alone would
/// miss what others made the library take for unwanted.
fn listen(lines: &Lines) {
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let own = filter_fn(|metadata| OWN.iter().any(|name| metadata.target().starts_with(name)));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(own));
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

fn rows() -> String {
    let row = |number: usize| match number % 6 {
        0 => format!("{CANARY}{number},{CANARY}ada@example.com,{CANARY}age\n"),
        1 => format!("{CANARY}{number},{CANARY}extra,1,{CANARY}more\n"),
        2 => format!(",{CANARY}name,20\n"),
        3 => format!("{CANARY}{number},{CANARY}{},20\n", "long".repeat(9_000)),
        _ => format!("{CANARY}{number},{CANARY}name,20\n"),
    };
    let rows: Vec<String> = (0..60).map(row).collect();
    format!("id,name,age\n{}", rows.concat())
}

fn assert_silent(what: &str, text: &str) {
    for secret in [CANARY, KEY, KEY_IN_BASE64] {
        let found = text.find(secret).map(|at| &text[at..text.floor_char_boundary(at + 80)]);
        assert!(found.is_none(), "{what} holds {secret}: {found:?}");
    }
}

/// Carries a run out, all but one job, which is dead, and returns what the functions answered. One job that is asked for is not there.
async fn carry_out(stack: &Stack, plan: &Plan) -> Vec<String> {
    let mut jobs: Vec<_> = plan.job_ids().collect();
    let job_key = |job| key::job(&plan.sync.name, &plan.run, job);
    let dead = job_key(jobs.pop().unwrap());
    let missing = format!("jobs/identify/users/{}/000000-000099-identify.json", plan.run);
    let mut told = Vec::new();
    for action in [Action::Identify, Action::Track] {
        let own = jobs.iter().filter(|job| job.action() == action);
        let keys = own.map(|job| job_key(*job)).chain([missing.clone()]);
        let records: Vec<_> = keys.map(|key| notification(&key)).collect();
        let answer = stack.invoke_sender(action, messages(&records), None).await;
        told.push(answer.unwrap().to_string());
        let event = json!({"jobs": [missing]});
        let error = stack.invoke_sender(action, event, None).await.unwrap_err();
        told.push(format!("{error} {error:?}"));
        told.push(format!("{:?}", lambda_runtime::Diagnostic::from(error)));
    }
    let answer = stack.invoke_reporter(messages(&[notification(&dead)])).await;
    told.push(answer.unwrap().to_string());
    told.push(format!("{:?}", stack.invoke_reporter(json!({"run": 1})).await));
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_say_and_leave_nothing_of_the_write_key_or_of_rows() {
    let lines = Lines::default();
    listen(&lines);
    let faults = "400:30%,503:20%,reset:10%,seed:5";
    let stack = Stack::new(faults, &rows(), 500).await.unwrap();
    let run = stack.schedule().await.unwrap();
    let mut told = carry_out(&stack, &run.plan).await;
    let report = stack.report(&run.plan).await.unwrap();
    assert!(
        report.mappings[0].sent > 0 && report.mappings[0].rejected > 30,
        "{report:?}"
    );
    assert_eq!(report.jobs.failed, 1);

    told.push(format!("{stack:?} {stack:#?} {run:?} {report:?}"));
    let keys = WriteKeys::fixed(WriteKey::parse(KEY).unwrap());
    told.push(format!("{keys:?} {keys:#?}"));
    told.push(std::fs::read_to_string(stack.path("metrics.jsonl")).unwrap());
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("run finished") && logged.contains("delivery failed in passing"),
        "{logged}"
    );
    told.push(logged);
    for text in &told {
        assert_silent("what is told", text);
    }
    for (key, content) in stack.ledger().await.unwrap() {
        if !key.starts_with("rejected/") {
            assert_silent(&key, &String::from_utf8_lossy(&content));
        }
    }
    for row in stack.rejected().await.unwrap() {
        let row = row.to_string();
        assert!(row.contains(CANARY) && !row.contains(KEY), "{row}");
    }
}
