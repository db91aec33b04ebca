use std::path::Path;
use std::time::Duration;

use simulator::{Settings, Simulator};

use crate::client::{BASIC, JSON, SUCCESS, batch, gzip, identify, post, post_batch, start};

async fn keeping(folder: &Path) -> Simulator {
    start(Settings {
        out: Some(folder.to_owned()),
        ..Settings::default()
    })
    .await
}

fn lines(folder: &Path, name: &str) -> Vec<String> {
    std::fs::read_to_string(folder.join(name))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn keeps_accepted_events_as_they_came_and_dropped_ones_with_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let good = r#"{"type":"track", "userId":"é","event":"E","properties":{"n":1.50,"big":12345678901234567890}}"#;
    let bad = r#"{"type":"track","userId":"u"}"#;
    post_batch(&simulator, &[good, bad]).await.is(200, SUCCESS);
    // Read while the simulator runs: an answered event is in the file already.
    assert_eq!(lines(folder.path(), "events.jsonl"), [good]);
    let dropped = r#"{"code":"event_not_defined","event":{"type":"track","userId":"u"}}"#;
    assert_eq!(lines(folder.path(), "dropped.jsonl"), [dropped]);
    let counts = simulator.stop().await.unwrap();
    assert_eq!(
        (
            counts.accepted,
            counts.events["track"],
            counts.dropped["event_not_defined"]
        ),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn keeps_one_line_for_an_event_written_over_several() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    post_batch(&simulator, &["{\n\"type\":\"page\",\r\n\"userId\":\"u\"\n}"])
        .await
        .is(200, SUCCESS);
    assert_eq!(
        lines(folder.path(), "events.jsonl"),
        [r#"{ "type":"page",  "userId":"u" }"#]
    );
}

#[tokio::test]
async fn keeps_a_repeated_message_id_once() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let (one, two) = (identify("1"), identify("2"));
    post_batch(&simulator, &[&one, &two]).await.is(200, SUCCESS);
    post_batch(&simulator, &[&two, &one, &identify("3")])
        .await
        .is(200, SUCCESS);
    assert_eq!(lines(folder.path(), "events.jsonl"), [one, two, identify("3")]);
    assert_eq!(simulator.counts().duplicates, 2);
}

#[tokio::test]
async fn an_invalid_event_does_not_use_up_its_message_id() {
    let simulator = start(Settings::default()).await;
    post_batch(&simulator, &[r#"{"type":"track","userId":"u","messageId":"1"}"#])
        .await
        .is(200, SUCCESS);
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    assert_eq!((simulator.counts().accepted, simulator.counts().duplicates), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn accepts_a_repeated_message_id_after_a_day() {
    let simulator = start(Settings::default()).await;
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    tokio::time::advance(Duration::from_mins(24 * 60 - 1)).await;
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    assert_eq!((simulator.counts().accepted, simulator.counts().duplicates), (1, 1));
    tokio::time::advance(Duration::from_mins(1)).await;
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    assert_eq!((simulator.counts().accepted, simulator.counts().duplicates), (2, 1));
}

#[tokio::test]
async fn takes_compressed_batches() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let headers = [BASIC, JSON, "Content-Encoding: gzip\r\n"].concat();
    post(&simulator, "/v1/batch", &headers, gzip(&batch(&[&identify("1")])))
        .await
        .is(200, SUCCESS);
    assert_eq!(lines(folder.path(), "events.jsonl"), [identify("1")]);
}

#[tokio::test]
async fn takes_each_single_call_as_the_event_of_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let body = r#"{"writeKey":"canary","userId":"u","event":"E","name":"N","groupId":"g","previousId":"p"}"#;
    let kinds = ["track", "identify", "page", "screen", "group", "alias"];
    for kind in kinds {
        post(&simulator, &format!("/v1/{kind}"), JSON, body)
            .await
            .is(200, SUCCESS);
    }
    let rest = r#""userId":"u","event":"E","name":"N","groupId":"g","previousId":"p"}"#;
    let expected = kinds.map(|kind| format!(r#"{{"type":"{kind}",{rest}"#));
    assert_eq!(lines(folder.path(), "events.jsonl"), expected);
}

#[tokio::test]
async fn never_keeps_a_write_key() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    let good = r#"{"type":"page","userId":"u","writeKey":"canary"}"#;
    let bad = r#"{"type":"page","writeKey":"canary"}"#;
    post_batch(&simulator, &[good, bad]).await.is(200, SUCCESS);
    assert_eq!(
        lines(folder.path(), "events.jsonl"),
        [r#"{"type":"page","userId":"u"}"#]
    );
    assert_eq!(
        lines(folder.path(), "dropped.jsonl"),
        [r#"{"code":"no_user_anon_id","event":{"type":"page"}}"#]
    );
}

#[tokio::test]
async fn goes_on_in_the_files_of_an_earlier_run() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = keeping(folder.path()).await;
    post_batch(&simulator, &[&identify("1")]).await.is(200, SUCCESS);
    simulator.stop().await.unwrap();
    let path = folder.path().join("events.jsonl");
    std::fs::write(
        &path,
        [std::fs::read(&path).unwrap().as_slice(), b"{\"type\":\"torn"].concat(),
    )
    .unwrap();
    let simulator = keeping(folder.path()).await;
    post_batch(&simulator, &[&identify("2")]).await.is(200, SUCCESS);
    assert_eq!(lines(folder.path(), "events.jsonl"), [identify("1"), identify("2")]);
}
