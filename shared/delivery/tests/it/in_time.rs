//! What is told of a batch when time is up, in virtual time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use delivery::{Answer, Client, DeliveryError, Failure, Pace, Post, Transport};
use tokio::time::Instant;

use crate::script::{EXACT, Script, answer, answer_after, batch, client, refused, settings};

/// Answers as its script does, up to a request that never is answered.
#[derive(Debug)]
struct Hanging {
    script: Arc<Script>,
    from: usize,
}

#[async_trait]
impl Transport for Hanging {
    async fn post(&self, post: Post) -> Result<Answer, Failure> {
        let answer = self.script.post(post).await;
        if self.script.seen().len() > self.from {
            std::future::pending::<()>().await;
        }
        answer
    }
}

fn hanging(script: &Arc<Script>, from: usize) -> Client {
    let script = Arc::clone(script);
    Client::with_transport(settings(EXACT), Arc::new(Hanging { script, from })).unwrap()
}

fn in_seconds(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn request_without_an_answer_is_told_when_time_is_up() {
    let script = Script::new(|_, _| answer(200));
    let error = hanging(&script, 0)
        .until(in_seconds(7))
        .deliver(batch(0..3))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "http://127.0.0.1:9 gave no answer within 7.000 s, and there was no time to wait any longer; run again"
    );
    assert!(error.is_retryable() && error.retry_after().is_none());
}

#[tokio::test(start_paused = true)]
async fn no_try_is_waited_for_that_time_does_not_allow() {
    let script = Script::new(|_, _| answer(500));
    let start = Instant::now();
    let error = client(&script, EXACT)
        .until(in_seconds(3))
        .deliver(batch(0..3))
        .await
        .unwrap_err();
    assert!(matches!(error, DeliveryError::Unreachable { tries: 3, .. }), "{error}");
    assert_eq!(
        (script.moments(), start.elapsed()),
        (vec![0, 500, 1_500], Duration::from_millis(1_500))
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_rate_that_is_set_says_nothing_of_the_api() {
    let script = Script::new(|_, _| answer(200));
    let mut settings = settings(EXACT);
    settings.pace = Arc::new(Pace::new(NonZeroU32::new(1)));
    let client = Client::with_transport(settings, Arc::<Script>::clone(&script))
        .unwrap()
        .until(in_seconds(5));
    client.deliver(batch(0..10)).await.unwrap();
    let error = client.deliver(batch(10..20)).await.unwrap_err();
    assert!(matches!(error, DeliveryError::NoTurn), "{error}");
    assert_eq!(script.moments(), [0]);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_an_api_that_limits_the_rate_is_told_as_that() {
    for rate in [None, NonZeroU32::new(1_000_000)] {
        let script = Script::new(|_, _| answer_after(429, "60"));
        let mut settings = settings(EXACT);
        settings.pace = Arc::new(Pace::new(rate));
        let client = Client::with_transport(settings, Arc::<Script>::clone(&script))
            .unwrap()
            .until(in_seconds(20));
        let late = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            // The second waits in line behind the first, which waits for the API.
            tokio::join!(client.deliver(batch(3..6)), client.deliver(batch(6..9)))
        };
        let (limited, (first, second)) = tokio::join!(client.deliver(batch(0..3)), late);
        assert!(matches!(limited.unwrap_err(), DeliveryError::Unreachable { .. }));
        for held in [first, second] {
            let held = held.unwrap_err();
            assert!(matches!(held, DeliveryError::Held { .. }), "{held}");
            assert_eq!(held.retry_after(), Some(Duration::from_secs(40)));
        }
        assert_eq!(script.moments(), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_rate_that_the_api_has_lowered_is_told_as_held() {
    let script = Script::new(|number, _| {
        if number == 0 {
            answer_after(429, "1")
        } else {
            answer(200)
        }
    });
    let mut settings = settings(EXACT);
    settings.pace = Arc::new(Pace::new(NonZeroU32::new(10)));
    let client = Client::with_transport(settings, Arc::<Script>::clone(&script)).unwrap();
    client.deliver(batch(0..100)).await.unwrap();
    let error = client.until(in_seconds(5)).deliver(batch(100..200)).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Held { .. }), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_that_is_split_what_is_settled_in_time_is_told() {
    // 16 events, 8, 4, 2, 1, 1, 2, 1, 1; the tenth request, for the next 4, is not answered.
    let script = Script::new(|_, _| answer(400));
    let delivered = hanging(&script, 9)
        .until(in_seconds(5))
        .deliver(batch(0..16))
        .await
        .unwrap();
    assert_eq!(refused(&delivered), [0, 1, 2, 3]);
    assert!(delivered.sent.is_empty() && delivered.requests == 10);
    assert!(
        matches!(delivered.left, Some(DeliveryError::Unanswered { .. })),
        "{:?}",
        delivered.left
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_that_is_split_what_was_taken_before_a_failure_is_told() {
    let script = Script::new(|_, events| {
        answer(if events.len() > 4 {
            413
        } else if events[0] < 4 {
            200
        } else {
            503
        })
    });
    let delivered = client(&script, EXACT).deliver(batch(0..16)).await.unwrap();
    assert_eq!(delivered.sent, [0, 1, 2, 3]);
    assert!(delivered.refused.is_empty());
    assert!(
        matches!(delivered.left, Some(DeliveryError::Unreachable { tries: 11, .. })),
        "{:?}",
        delivered.left
    );
}
