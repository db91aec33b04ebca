//! `check`: what a sync needs, a line each.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::Value;

use crate::bench::{Bench, Ran, free_port};

/// Answers one request with `status` and returns its first line.
fn settings(status: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(lines.map_while(Result::ok).any(|line| line.is_empty()));
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        first
    });
    (url, server)
}

fn check(bench: &Bench, url: &str) -> Ran {
    bench.run(&["--json", "check", "sync.yaml", "--settings-url", url])
}

fn state(ran: &Ran, check: &str) -> String {
    let answer = ran.json();
    let found = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["check"] == check);
    found.unwrap_or(&Value::Null)["state"]
        .as_str()
        .unwrap_or("missing")
        .to_owned()
}

#[test]
fn sync_that_lacks_nothing_is_told_so() {
    let bench = Bench::new();
    let (url, server) = settings("200 OK");
    let ran = check(&bench, &url);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.said);
    for name in ["document", "extract", "newest", "write key", "segment"] {
        assert_eq!(state(&ran, name), "ok", "{name}");
    }
    assert_eq!(
        server.join().unwrap(),
        "GET /v1/projects/test-write-key/settings HTTP/1.1"
    );
    assert!(!format!("{}{}", ran.out, ran.said).contains("test-write-key"));
    assert!(
        ran.out.contains("1 complete with 1 objects, 32 B") && ran.out.contains("reads as csv with 3 columns"),
        "{}",
        ran.out
    );
}

#[test]
fn write_key_that_segment_does_not_know_is_a_problem_with_a_remedy() {
    let bench = Bench::new();
    let (url, server) = settings("404 Not Found");
    let ran = bench.run(&["check", "sync.yaml", "--settings-url", &url]);
    server.join().unwrap();
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("does not know the write key") && ran.out.contains("help: copy it again"),
        "{}",
        ran.out
    );
}

#[test]
fn segment_that_cannot_be_asked_is_no_problem() {
    let bench = Bench::new();
    let ran = check(&bench, &format!("http://127.0.0.1:{}", free_port()));
    assert_eq!(
        (ran.status, state(&ran, "segment").as_str()),
        (0, "unknown"),
        "{}",
        ran.out
    );
    let (url, server) = settings("503 Service Unavailable");
    let ran = check(&bench, &url);
    server.join().unwrap();
    assert_eq!(
        (ran.status, state(&ran, "segment").as_str()),
        (0, "unknown"),
        "{}",
        ran.out
    );
    assert!(!format!("{}{}", ran.out, ran.said).contains("test-write-key"));
    assert_eq!(check(&bench, "http://cdn.example").status, 2);
}

#[test]
fn every_thing_that_is_missing_is_told_at_once() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: nowhere/");
    bench.edit("BACKHAUL_TEST_KEY", "BACKHAUL_NO_KEY");
    let ran = check(&bench, "http://127.0.0.1:9");
    assert_eq!(ran.status, 1);
    assert_eq!(
        (state(&ran, "extract").as_str(), state(&ran, "write key").as_str()),
        ("problem", "problem")
    );
    assert_eq!(state(&ran, "segment"), "missing");
    bench.edit("extract: nowhere/", "extract: users.csv");
    bench.write("users.csv", "name,age\nAda,36\n");
    assert_eq!(state(&check(&bench, "http://127.0.0.1:9"), "newest"), "problem");
    bench.edit("action: identify", "action: identity");
    let ran = check(&bench, "http://127.0.0.1:9");
    assert_eq!(
        (ran.status, state(&ran, "document").as_str()),
        (2, "problem"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("did you mean `identify`?"), "{}", ran.said);
}

#[test]
fn help_is_for_what_is_wrong() {
    let bench = Bench::new();
    bench.edit("extract: users.csv", "extract: s3://acme-unload/users/");
    bench.edit("{env: BACKHAUL_TEST_KEY}", "{secret: backhaul/users}");
    let mut command = bench.command(&["check", "sync.yaml", "--bucket", "acme-backhaul"]);
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"] {
        command.env_remove(name);
    }
    // Where there is no region, nobody has asked whether the rest is there and may be read.
    let ran = Ran::of(
        &command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", bench.path("none"))
            .output()
            .unwrap(),
    );
    assert_eq!(ran.out.matches("set AWS_REGION").count(), 3, "{}", ran.out);
    assert!(!ran.out.contains("help:"), "{}", ran.out);
    let bench = Bench::new();
    bench.edit("BACKHAUL_TEST_KEY", "BACKHAUL_NO_KEY");
    let ran = bench.run(&["check", "sync.yaml"]);
    assert!(
        ran.out.contains("help: put the key of the Segment source there"),
        "{}",
        ran.out
    );
}

#[test]
fn functions_read_no_extract_of_this_machine() {
    let bench = Bench::new();
    let ran = bench.run(&["check", "sync.yaml", "--bucket", "x"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("`users.csv` is a path of this machine") && ran.out.contains("s3://x/extracts/users/"),
        "{}",
        ran.out
    );
}

#[test]
fn functions_take_no_write_key_from_the_environment() {
    let bench = Bench::new();
    let ran = bench.run(&["--json", "check", "sync.yaml", "--bucket", "x"]);
    assert_eq!(ran.status, 1);
    assert_eq!(
        (state(&ran, "ledger").as_str(), state(&ran, "write key").as_str()),
        ("problem", "problem")
    );
}
