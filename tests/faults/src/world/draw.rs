//! What a seed makes of a world.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use scheduler::Splitting;

use super::{Ways, World};
use crate::api::Api;
use crate::bucket::Bucket;
use crate::chance::Chance;
use crate::extract::Source;
use crate::faults::{Faults, Kind};
use crate::lambda::{Lambda, Setup};
use crate::queue::Queues;
use crate::trace::Trace;

impl World {
    pub(super) fn draw(seed: u64, keeps_steps: bool) -> Self {
        let chance = Chance::new(seed);
        let trace = Trace::new(keeps_steps);
        let source = Source::draw(&chance.fork());
        let faults = Arc::new(faults(&chance, &source));
        let setup = setup(&chance, faults.is_long());
        let bucket = Arc::new(Bucket::default());
        let most = *chance.one_of(&[2_500, 2_500, 100, 7]);
        let api = Arc::new(Api::new(Arc::clone(&faults), chance.fork(), trace.clone(), most));
        let visibility = setup.sender_limit * 6;
        let queues = Queues::new(Arc::clone(&faults), chance.fork(), trace.clone(), visibility);
        let queues = Arc::new(queues);
        let told = Arc::clone(&queues);
        bucket.tell(Box::new(move |key| told.notify(key)));
        let lambda = Lambda::new(
            Arc::clone(&bucket),
            Arc::clone(&api),
            Arc::clone(&faults),
            chance.fork(),
            trace.clone(),
            setup,
        );
        let ways = Ways {
            drop: chance.happens(0.5),
            machine: chance.happens(0.3),
        };
        let rounds = rounds(&chance, &faults, &source);
        let mends = *chance.one_of(&[None, Some(1), Some(2)]);
        trace.step(
            "world",
            format_args!("{faults:?} {setup:?} {ways:?} at most {most} events"),
        );
        trace.step("world", format_args!("{}", source.document));
        Self {
            chance,
            faults,
            trace,
            bucket,
            api,
            queues,
            lambda,
            source,
            ways,
            rounds,
            mends,
        }
    }
}

fn faults(chance: &Chance, source: &Source) -> Faults {
    let mut faults = Faults::draw(&chance.fork());
    let vanishing = match faults.kind {
        Kind::Queue => 0.3,
        Kind::Any if faults.outage.is_none() => 0.03,
        _ => 0.0,
    };
    if chance.happens(vanishing) {
        faults.vanish(chance.one_of(&source.mappings).action, chance.between(10..=13));
    }
    faults
}

fn setup(chance: &Chance, is_long: bool) -> Setup {
    // A job that waits for a day has parts by the hundred in short invocations: few worlds are so dear.
    let (limits, sizes): (&[u64], &[Option<u64>]) = if is_long {
        (&[60, 300, 300, 300, 300, 300], &[None, Some(8_000)])
    } else {
        (&[12, 60, 300], &[None, Some(600), Some(2_000), Some(8_000)])
    };
    Setup {
        splitting: Splitting {
            chunk_bytes: *chance.one_of(sizes),
            senders: NonZeroU32::MIN,
            number_rows: chance.happens(0.3),
            ..Splitting::default()
        },
        requests_in_flight: chance.count(1..=3),
        checkpoint_calls: *chance.one_of(&[20, 100, 20_000]),
        sender_limit: Duration::from_secs(*chance.one_of(limits)),
        page: *chance.one_of(&[1_000, 50, 7]),
    }
}

/// Returns how often what was left is tried again.
fn rounds(chance: &Chance, faults: &Faults, source: &Source) -> usize {
    let is_restless = source.files.iter().any(|file| file.later.is_some());
    if faults.is_long() || is_restless {
        chance.count(1..=2)
    } else {
        *chance.one_of(&[0, 0, 1, 2])
    }
}
