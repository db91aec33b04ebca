//! What follows from each answer: retries, waits, halves and errors, in virtual time.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use delivery::{Client, DeliveryError, Failure, Limits, Pace, Packer, RetryPolicy, Transport};
use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::script::{EXACT, Script, answer, answer_after, batch, client, refused, settings};

#[tokio::test(start_paused = true)]
async fn tries_again_with_growing_waits_until_taken() {
    let script = Script::new(|number, _| match number {
        0 => answer(500),
        1 => Err(Failure("connection reset".into())),
        2 => answer(460),
        _ => answer(200),
    });
    let delivered = client(&script, EXACT).deliver(batch(0..3)).await.unwrap();
    assert_eq!(script.moments(), [0, 500, 1_500, 3_500]);
    assert!(script.seen().iter().all(|seen| seen.events == [0, 1, 2]));
    assert_eq!(
        script.seen().iter().map(|seen| seen.retry).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(
        (delivered.sent.as_slice(), delivered.refused.len()),
        (&[0, 1, 2][..], 0)
    );
    assert_eq!((delivered.requests, delivered.retries), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn gives_up_after_the_policys_tries_and_says_what_happened() {
    let script = Script::new(|_, _| Err(Failure("connection refused".into())));
    let policy = RetryPolicy { max_tries: 4, ..EXACT };
    let error = client(&script, policy).deliver(batch(0..3)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not deliver to http://127.0.0.1:9 after 4 tries over 3.500 s: connection refused; \
         check the address and network, then run again"
    );
    assert!(error.is_retryable() && error.retry_after().is_none());
}

#[tokio::test(start_paused = true)]
async fn gives_up_at_once_when_the_wait_would_pass_the_time_allowed() {
    let script = Script::new(|_, _| answer_after(503, "60"));
    let policy = RetryPolicy {
        max_elapsed: Duration::from_secs(59),
        ..EXACT
    };
    let error = client(&script, policy).deliver(batch(0..3)).await.unwrap_err();
    assert_eq!(script.moments(), [0]);
    assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    assert!(
        error
            .to_string()
            .contains("after 1 try over 0.000 s: status 503 Service Unavailable;"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn waits_as_the_api_asks_in_seconds_or_until_a_date_at_most_five_minutes() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_mins(1));
    for (header, least, most) in [
        ("7", 7_000, 7_001),
        (date.as_str(), 50_000, 60_001),
        ("4000", 300_000, 300_001),
    ] {
        let header = header.to_owned();
        let script = Script::new(move |number, _| {
            if number == 0 {
                answer_after(429, &header)
            } else {
                answer(200)
            }
        });
        client(&script, EXACT).deliver(batch(0..3)).await.unwrap();
        let moments = script.moments();
        assert!(
            moments.len() == 2 && (least..=most).contains(&moments[1]),
            "{moments:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn waits_asked_for_do_not_count_as_tries_but_have_an_end() {
    let once = RetryPolicy { max_tries: 1, ..EXACT };
    let script = Script::new(|number, _| {
        if number < 3 {
            answer_after(503, "1")
        } else {
            answer(200)
        }
    });
    let delivered = client(&script, once).deliver(batch(0..3)).await.unwrap();
    assert_eq!((delivered.requests, delivered.retries), (4, 3));
    assert_eq!(script.seen()[3].retry, 3);

    let script = Script::new(|_, _| answer_after(429, "1"));
    let error = client(&script, once).deliver(batch(0..3)).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Unreachable { tries: 21, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rate_limiting_stops_every_request_of_all_clients_that_share_the_pace() {
    for limited in [|| answer_after(429, "5"), || answer(429)] {
        let script = Script::new(move |number, _| if number == 0 { limited() } else { answer(200) });
        let transport: Arc<dyn Transport> = Arc::<Script>::clone(&script);
        let policy = RetryPolicy {
            base: Duration::from_secs(5),
            ..EXACT
        };
        let settings = settings(policy);
        let first = Client::with_transport(settings.clone(), Arc::clone(&transport)).unwrap();
        let second = Client::with_transport(settings, transport).unwrap();
        let late = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            second.deliver(batch(3..6)).await
        };
        let (first, second) = tokio::join!(first.deliver(batch(0..3)), late);
        assert_eq!((first.unwrap().requests, second.unwrap().requests), (2, 1));
        let moments = script.moments();
        assert!(
            moments[0] == 0 && moments[1] >= 5_000 && moments[2] >= 5_000,
            "{moments:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_api_is_closed_one_request_at_a_time_asks_it() {
    for rate in [None, NonZeroU32::new(1_000_000)] {
        let start = Instant::now();
        let script = Script::new(move |_, _| {
            if start.elapsed() < Duration::from_secs(5) {
                answer_after(429, "1")
            } else {
                answer(200)
            }
        });
        let mut settings = settings(EXACT);
        settings.pace = Arc::new(Pace::new(rate));
        let transport: Arc<dyn Transport> = Arc::<Script>::clone(&script);
        let clients = [(); 2].map(|()| Client::with_transport(settings.clone(), Arc::clone(&transport)).unwrap());
        let mut deliveries = JoinSet::new();
        for number in 0..8 {
            let client = clients[number % 2].clone();
            deliveries.spawn(async move { client.deliver(batch(0..3)).await.unwrap().requests });
        }
        let requests: u64 = deliveries.join_all().await.into_iter().sum();
        let moments = script.moments();
        assert_eq!(requests, moments.len() as u64);
        let at = |second: u128| {
            moments
                .iter()
                .filter(|millis| (second..second + 1_000).contains(millis))
                .count()
        };
        assert_eq!([1_000, 2_000, 3_000, 4_000].map(at), [1; 4], "{rate:?}: {moments:?}");
        assert_eq!(at(5_000), 8, "{rate:?}: {moments:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_the_halves_and_retries_of_other_batches() {
    let script = Script::new(|number, events| match (number, events) {
        (0, _) => answer(400),
        (1, _) => answer(500),
        (_, [9]) if number == 2 => answer_after(429, "5"),
        _ => answer(if events.contains(&1) { 400 } else { 200 }),
    });
    let client = client(&script, EXACT);
    let other = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        client.deliver(batch(9..10)).await
    };
    let (split, other) = tokio::join!(client.deliver(batch(0..4)), other);
    assert_eq!(refused(&split.unwrap()), [1]);
    assert_eq!(other.unwrap().sent, [9]);
    // 0..4 refused; 0..2 fails, to be sent again after half a second; 9 is asked to wait.
    let moments = script.moments();
    assert_eq!(moments[..3], [0, 0, 200]);
    assert!(
        moments.len() == 8 && moments[3..].iter().all(|millis| *millis >= 5_200),
        "{moments:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn time_in_line_is_not_time_of_trying() {
    let script = Script::new(|_, events| answer(if events.contains(&0) { 500 } else { 200 }));
    let mut settings = settings(RetryPolicy {
        max_tries: 3,
        max_elapsed: Duration::from_secs(2),
        ..EXACT
    });
    settings.pace = Arc::new(Pace::new(NonZeroU32::new(10)));
    let client = Client::with_transport(settings, Arc::<Script>::clone(&script)).unwrap();
    let others = async {
        for _ in 0..3 {
            client.deliver(batch(20..40)).await.unwrap();
        }
    };
    let (error, ()) = tokio::join!(client.deliver(batch(0..20)), others);
    // Every second of the ten goes by in line; the waits between its tries are 1.5 s.
    assert!(matches!(
        error.unwrap_err(),
        DeliveryError::Unreachable { tries: 3, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn parts_that_were_taken_stay_so_when_a_later_one_is_too_large_alone() {
    for status in [400, 413] {
        let script = Script::new(move |_, events| answer(if events.contains(&3) { status } else { 200 }));
        let delivered = client(&script, EXACT).deliver(batch(0..4)).await.unwrap();
        assert_eq!(delivered.sent, [0, 1, 2]);
        assert_eq!((refused(&delivered), delivered.refused[0].status), (vec![3], status));
        // Alone from the start: nothing is left to halve.
        let alone = client(&script, EXACT).deliver(batch(3..4)).await.unwrap();
        assert_eq!((refused(&alone), alone.requests), (vec![3], 1));
    }
}

#[tokio::test(start_paused = true)]
async fn parts_of_a_batch_that_had_its_turn_stand_in_no_line() {
    let script = Script::new(|_, events| answer(if events.contains(&5) { 400 } else { 200 }));
    let mut settings = settings(EXACT);
    settings.pace = Arc::new(Pace::new(NonZeroU32::new(1)));
    let client = Client::with_transport(settings, Arc::<Script>::clone(&script)).unwrap();
    let (split, other) = tokio::join!(client.deliver(batch(0..8)), client.deliver(batch(8..10)));
    assert_eq!(refused(&split.unwrap()), [5]);
    assert_eq!(other.unwrap().sent, [8, 9]);
    // 0..8, 0..4, 4..8, 4..6, 4, 5, 6..8 at once; the other batch when the time for eight events has gone by.
    assert_eq!(script.moments(), [0, 0, 0, 0, 0, 0, 0, 8_000]);
}

#[tokio::test(start_paused = true)]
async fn a_passing_failure_stops_its_own_batch_alone() {
    let script = Script::new(|number, _| answer(if number == 0 { 500 } else { 200 }));
    let client = client(
        &script,
        RetryPolicy {
            base: Duration::from_secs(5),
            ..EXACT
        },
    );
    let (first, second) = tokio::join!(client.deliver(batch(0..3)), client.deliver(batch(3..6)));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(script.moments(), [0, 0, 5_000]);
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_pace_keep_its_rate_with_their_retries() {
    let script = Script::new(|number, _| answer(if number == 1 { 500 } else { 200 }));
    let mut settings = settings(EXACT);
    settings.pace = Arc::new(Pace::new(NonZeroU32::new(10)));
    let transport: Arc<dyn Transport> = Arc::<Script>::clone(&script);
    let first = Client::with_transport(settings.clone(), Arc::clone(&transport)).unwrap();
    let second = Client::with_transport(settings, transport).unwrap();
    let (one, two) = tokio::join!(first.deliver(batch(0..20)), second.deliver(batch(0..20)));
    assert!(one.is_ok() && two.is_ok());
    let moments = script.moments();
    assert_eq!(moments[..2], [0, 2_000]);
    assert!((3_995..=4_005).contains(&moments[2]), "{moments:?}");
}

#[tokio::test(start_paused = true)]
async fn splits_until_the_event_at_fault_stands_alone_and_reports_it_in_the_apis_words() {
    for status in [400, 413] {
        let script = Script::new(move |_, events| answer(if events.contains(&5) { status } else { 200 }));
        let delivered = client(&script, EXACT).deliver(batch(0..8)).await.unwrap();
        assert_eq!(delivered.sent, [0, 1, 2, 3, 4, 6, 7]);
        let refused = &delivered.refused[0];
        assert_eq!(
            (delivered.refused.len(), refused.ticket, refused.status),
            (1, 5, status)
        );
        assert_eq!(refused.message, format!("{{\"status\":{status}}}"));
        let seen = script.seen();
        // 0..8, 0..4, 4..8, 4..6, 4, 5, 6..8
        assert_eq!((delivered.requests, delivered.retries, seen.len()), (7, 0, 7));
        let bytes: u64 = seen.iter().map(|seen| seen.bytes).sum();
        assert_eq!((delivered.bytes_json, delivered.bytes_wire), (bytes, bytes));
        assert!(
            seen.iter().all(|seen| seen.retry == 0),
            "a half is a request of its own"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_half_that_fails_in_passing_is_tried_again_and_counted() {
    let script = Script::new(|number, events| match number {
        1 => answer(503),
        _ => answer(if events.contains(&0) && events.len() > 1 {
            413
        } else {
            200
        }),
    });
    let delivered = client(&script, EXACT).deliver(batch(0..2)).await.unwrap();
    // 0..2 too large, 0 fails, 0 again, 1.
    assert_eq!(
        (delivered.sent.as_slice(), delivered.requests, delivered.retries),
        (&[0, 1][..], 4, 1)
    );
    assert_eq!(
        script.seen().iter().map(|seen| seen.retry).collect::<Vec<_>>(),
        [0, 0, 1, 0]
    );
}

#[tokio::test(start_paused = true)]
async fn refuses_all_events_one_by_one_only_when_the_api_has_taken_something_before() {
    let script = Script::new(|number, _| answer(if number == 0 { 200 } else { 400 }));
    let client = client(&script, EXACT);
    client.deliver(batch(0..1)).await.unwrap();
    let delivered = client.deliver(batch(0..100)).await.unwrap();
    assert_eq!((delivered.sent.len(), delivered.refused.len()), (0, 100));

    let script = Script::new(|_, _| answer(400));
    let error = crate::script::client(&script, EXACT)
        .deliver(batch(0..2_500))
        .await
        .unwrap_err();
    assert!(matches!(error, DeliveryError::Rejected { status: 400, .. }), "{error}");
    assert!(script.seen().len() < 100);
}

#[tokio::test(start_paused = true)]
async fn final_answers_end_the_batch_at_the_first_try() {
    for (status, word) in [
        (301, "redirect"),
        (304, "redirect"),
        (401, "write key"),
        (403, "write key"),
        (404, "address"),
        (501, "address"),
        (511, "address"),
    ] {
        let script = Script::new(move |_, _| answer(status));
        let error = client(&script, EXACT).deliver(batch(0..3)).await.unwrap_err();
        assert_eq!(script.seen().len(), 1, "{status}");
        let text = error.to_string();
        assert!(
            text.contains(&status.to_string()) && text.contains("http://127.0.0.1:9") && text.contains(word),
            "{text}"
        );
        assert!(!error.is_retryable(), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn deliveries_can_be_spawned_with_tickets_that_are_only_send() {
    let script = Script::new(|_, _| answer(200));
    let client = client(&script, EXACT);
    let mut packer = Packer::new(Limits::default());
    assert!(packer.push(b"1", Cell::new(7)).unwrap().is_none());
    let batch = packer.finish().unwrap();
    let delivered = tokio::spawn(async move { client.deliver(batch).await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(delivered.sent, [Cell::new(7)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn splitting_refuses_exactly_the_events_at_fault(
        count in 1..300_u64,
        faults in prop::collection::btree_set(0..300_u64, 0..30),
        largest in 1..300_usize,
    ) {
        // Fewer faults than would make the client doubt the key. What is larger than `largest` draws a 413.
        let faults: BTreeSet<u64> = faults.into_iter().filter(|fault| *fault < count).collect();
        let poison = faults.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let delivered = runtime.block_on(async {
            let script = Script::new(move |_, events| match events {
                _ if events.len() > largest => answer(413),
                _ => answer(if events.iter().any(|event| poison.contains(event)) { 400 } else { 200 }),
            });
            client(&script, EXACT).deliver(batch(0..count)).await
        }).unwrap();
        prop_assert_eq!(refused(&delivered), faults.iter().copied().collect::<Vec<_>>());
        let sent: Vec<u64> = (0..count).filter(|number| !faults.contains(number)).collect();
        prop_assert_eq!(delivered.sent, sent);
    }
}
