//! How often what goes wrong in a world, and until when.

use std::time::Duration;

use crate::chance::Chance;
use crate::time;

/// Probabilities, from 0 to 1. Each seed has a mixture of its own: some kinds often, some never, since faults that always come
/// together hide each other.
#[derive(Debug, Clone)]
pub struct Faults {
    /// Until when there are any.
    pub until: Duration,
    /// A store call fails before it took effect.
    pub before: f64,
    /// A write fails after it took effect.
    pub after: f64,
    /// A call takes seconds.
    pub slow: f64,
    /// A read breaks off.
    pub broken: f64,
    /// The API answers 429.
    pub busy: f64,
    /// The API answers 5xx or another status that passes.
    pub failing: f64,
    /// A request is lost before the API has it.
    pub lost: f64,
    /// An answer is lost: the API took the request.
    pub unanswered: f64,
    /// A request hangs until the client gives up.
    pub stalled: f64,
    /// A notification comes twice.
    pub twice: f64,
    /// A notification never comes.
    pub dropped: f64,
    /// A notification comes late.
    pub late: f64,
    /// A notification names an earlier object too.
    pub together: f64,
    /// A process dies at some await point of an invocation.
    pub death: f64,
    /// A process dies right before or after a write, or a request to the API.
    pub death_at_write: f64,
}

impl Faults {
    /// Draws the mixture of a world.
    #[must_use]
    pub fn draw(chance: &Chance) -> Self {
        let calm = chance.happens(0.06);
        let odds = |most: f64| {
            let odds = *chance.one_of(&[0.0, 0.0, 0.1, 0.3, 1.0]);
            if calm { 0.0 } else { odds * most }
        };
        Self {
            until: Duration::from_secs(chance.between(600..=43_200)),
            before: odds(0.1),
            after: odds(0.2),
            slow: odds(0.2),
            broken: odds(0.3),
            busy: odds(0.6),
            failing: odds(0.5),
            lost: odds(0.3),
            unanswered: odds(0.3),
            stalled: odds(0.1),
            twice: odds(0.5),
            dropped: odds(0.03),
            late: odds(0.5),
            together: odds(0.3),
            death: odds(0.9),
            death_at_write: odds(0.1),
        }
    }

    /// Whether there are faults now.
    #[must_use]
    pub fn last(&self) -> bool {
        time::elapsed() < self.until
    }

    /// Whether nothing fails, ever; notifications may come as they like.
    #[must_use]
    pub fn are_none(&self) -> bool {
        let kinds = [
            self.before,
            self.after,
            self.slow,
            self.broken,
            self.busy,
            self.failing,
            self.lost,
            self.unanswered,
            self.stalled,
            self.death,
            self.death_at_write,
        ];
        kinds.iter().all(|odds| *odds == 0.0)
    }
}
