//! One rate that gives way to the API's limit and finds it again.

use std::num::NonZeroU32;
use std::sync::Arc;

use delivery::Pace;
use tokio::time::Instant;

use crate::limiter::{Limiter, Senders};

fn pace(events_per_second: u32) -> Arc<Pace> {
    Arc::new(Pace::new(NonZeroU32::new(events_per_second)))
}

#[tokio::test(start_paused = true)]
async fn a_limit_below_the_rate_is_used_to_95_percent_with_at_most_1_percent_refused() {
    for (limit, sizes) in [
        (20_000, &[2_000_u32][..]),
        (20_000, &[250, 2_500, 800, 2_500, 2_500]),
        (1_000, &[250]),
    ] {
        for rate in [limit * 6 / 5, limit * 10] {
            fastrand::seed(7);
            let limiter = Limiter::new(f64::from(limit));
            let mut senders = Senders::new(&limiter, sizes);
            senders.start(&pace(rate));
            let seen = senders.work(900).await;
            let used = seen.total() / f64::from(limit) / 900.0;
            assert!(
                used >= 0.95 && seen.refusals() <= 0.01,
                "{limit} {sizes:?} {rate}: {used} {seen:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_minute_is_enough_to_settle() {
    for rate in [24_000, 50_000, 200_000] {
        fastrand::seed(7);
        let limiter = Limiter::new(20_000.0);
        let mut senders = Senders::new(&limiter, &[2_000]);
        senders.start(&pace(rate));
        let seen = senders.work(60).await;
        let used = seen.total() / 20_000.0 / 60.0;
        assert!(used >= 0.95 && seen.refusals() <= 0.01, "{rate}: {used} {seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn batches_as_large_as_what_the_limiter_saves_up_cost_no_more_than_a_tenth() {
    for sizes in [&[1_000_u32][..], &[2_500]] {
        fastrand::seed(7);
        let limiter = Limiter::new(1_000.0);
        let mut senders = Senders::new(&limiter, sizes);
        senders.start(&pace(2_000));
        let first = senders.work(900).await;
        let then = senders.work(2_700).await;
        assert!(first.total() / 900_000.0 >= 0.9, "{sizes:?}: {first:?}");
        assert!(
            then.total() / 2_700_000.0 >= 0.95 && then.refusals() <= 0.01,
            "{sizes:?}: {then:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn finds_a_limit_that_falls_and_rises_again_within_three_minutes() {
    fastrand::seed(7);
    let limiter = Limiter::new(20_000.0);
    let mut senders = Senders::new(&limiter, &[1_000]);
    let pace = pace(50_000);
    senders.start(&pace);
    senders.work(300).await;
    Limiter::set(&limiter, 5_000.0);
    let fallen = senders.work(60).await;
    assert!(fallen.total() >= 0.9 * 60.0 * 5_000.0, "{fallen:?}");
    assert!(fallen.refused <= 30, "{fallen:?}");
    Limiter::set(&limiter, 20_000.0);
    senders.work(180).await;
    let risen = senders.work(120).await;
    assert!(risen.total() >= 0.95 * 120.0 * 20_000.0, "{risen:?}");
    Limiter::set(&limiter, 1_000_000.0);
    senders.work(240).await;
    assert_eq!(
        pace.events_per_second(),
        Some(50_000.0),
        "never above the rate set, and back at it"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_the_rate_is_the_one_set() {
    let limiter = Limiter::new(1_000_000.0);
    let mut senders = Senders::new(&limiter, &[500, 1_500]);
    let pace = pace(20_000);
    senders.start(&pace);
    let start = Instant::now();
    let seen = senders.work(60).await;
    assert_eq!(seen.refused, 0);
    let due = 20_000.0 * start.elapsed().as_secs_f64();
    assert!((0.0..=3_000.0).contains(&(seen.total() - due).abs()), "{seen:?}");
    assert_eq!(pace.events_per_second(), Some(20_000.0));
}

#[tokio::test(start_paused = true)]
async fn senders_that_know_nothing_of_each_other_share_a_limit() {
    for (count, widest) in [(2, 2.0), (4, 3.0), (10, 5.0)] {
        fastrand::seed(7);
        let limiter = Limiter::new(10_000.0);
        let mut senders = Senders::new(&limiter, &[250]);
        for _ in 0..count {
            senders.start(&pace(20_000 / count));
        }
        let seen = senders.work(600).await;
        let used = seen.total() / 10_000.0 / 600.0;
        assert!(used >= 0.95 && seen.refusals() <= 0.02, "{count}: {used} {seen:?}");
        let spread = senders.work(300).await.spread();
        assert!(spread <= widest, "{count}: {spread}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_comes_late_gets_its_share() {
    fastrand::seed(7);
    let limiter = Limiter::new(10_000.0);
    let mut senders = Senders::new(&limiter, &[250]);
    senders.start(&pace(10_000));
    senders.work(300).await;
    senders.start(&pace(10_000));
    senders.work(300).await;
    let seen = senders.work(300).await;
    assert!(
        seen.total() >= 0.95 * 10_000.0 * 300.0 && seen.spread() <= 2.0,
        "{seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn senders_with_a_share_each_keep_the_rate_together() {
    // The last rate is less than one event a second for each.
    for (rate, sizes) in [(1_000, &[200_u32, 37, 200][..]), (3, &[1])] {
        let limiter = Limiter::new(1e9);
        let mut senders = Senders::new(&limiter, sizes);
        let count = NonZeroU32::new(10).unwrap();
        for _ in 0..count.get() {
            senders.start(&Arc::new(Pace::share(NonZeroU32::new(rate).unwrap(), count)));
        }
        let first = senders.work(60).await;
        let burst = f64::from(count.get() * sizes[0]);
        assert!(first.total() <= f64::from(rate * 60) + burst, "{first:?}");
        let then = senders.work(600).await;
        let used = then.total() / f64::from(rate * 600);
        assert!((0.98..=1.01).contains(&used), "{used}");
    }
}
