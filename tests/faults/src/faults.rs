//! How often what goes wrong in a world, and until when.

use std::ops::Range;
use std::time::Duration;

use mapping::Action;

use crate::chance::Chance;
use crate::time;

/// What may fail in a world at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Calm,
    /// The API alone.
    Api,
    /// The store alone.
    Store,
    /// Nothing, but notifications come twice, late and out of order; some that are promised never come ([`Faults::vanished`]).
    Queue,
    /// Anything, processes too.
    Any,
}

/// How an API is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Down {
    /// Nobody answers the door.
    Refusing,
    /// Each answer is 503.
    Failing,
    /// No request is answered.
    Hanging,
}

/// A time in which the API takes nothing.
#[derive(Debug, Clone)]
pub struct Outage {
    /// When.
    pub during: Range<Duration>,
    /// How.
    pub how: Down,
}

/// Probabilities, from 0 to 1. Each seed has a mixture of its own: some kinds often, some never, since faults that always come
/// together hide each other.
#[derive(Debug, Clone)]
pub struct Faults {
    /// What may fail at all.
    pub kind: Kind,
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
    /// When the API takes nothing.
    pub outage: Option<Outage>,
    /// When the API refuses the write key.
    pub unauthorized: Option<Range<Duration>>,
    /// The action whose jobs no queue is ever told of.
    pub vanished: Option<Action>,
}

impl Faults {
    /// Draws the mixture of a world.
    #[must_use]
    pub fn draw(chance: &Chance) -> Self {
        let kind = match chance.between(0..=15) {
            0 => Kind::Calm,
            1 | 2 => Kind::Api,
            3 => Kind::Store,
            4 => Kind::Queue,
            _ => Kind::Any,
        };
        let odds = |of: Kind, most: f64| {
            let odds = *chance.one_of(&[0.0, 0.0, 0.1, 0.3, 1.0]);
            if kind == Kind::Any || kind == of {
                odds * most
            } else {
                0.0
            }
        };
        let mut faults = Self {
            kind,
            until: Duration::from_secs(chance.between(600..=43_200)),
            before: odds(Kind::Store, 0.1),
            after: odds(Kind::Store, 0.2),
            slow: odds(Kind::Store, 0.2),
            broken: odds(Kind::Store, 0.3),
            busy: odds(Kind::Api, 0.6),
            failing: odds(Kind::Api, 0.5),
            lost: odds(Kind::Api, 0.3),
            unanswered: odds(Kind::Api, 0.3),
            stalled: odds(Kind::Api, 0.1),
            twice: odds(Kind::Queue, 0.5),
            dropped: odds(Kind::Any, 0.03),
            late: odds(Kind::Queue, 0.5),
            together: odds(Kind::Queue, 0.3),
            death: odds(Kind::Any, 0.9),
            death_at_write: odds(Kind::Any, 0.1),
            outage: None,
            unauthorized: None,
            vanished: None,
        };
        faults.draw_outage(chance);
        if kind == Kind::Any && chance.happens(0.08) {
            faults.unauthorized = Some(faults.some_time(chance));
        }
        faults
    }

    /// An API that is down for minutes or hours; or for a day, and then that is all that is wrong with it.
    fn draw_outage(&mut self, chance: &Chance) {
        let odds = match self.kind {
            Kind::Api => 0.3,
            Kind::Any => 0.06,
            _ => 0.0,
        };
        if !chance.happens(odds) {
            return;
        }
        let how = *chance.one_of(&[Down::Refusing, Down::Failing, Down::Hanging]);
        let mut during = self.some_time(chance);
        if chance.happens(0.5) {
            let hours = Duration::from_hours(chance.between(16..=44));
            during = Duration::ZERO..hours;
            self.until = hours;
            [self.busy, self.failing, self.lost, self.unanswered, self.stalled] = [0.0; 5];
        }
        self.outage = Some(Outage { during, how });
    }

    fn some_time(&self, chance: &Chance) -> Range<Duration> {
        let until = self.until.as_secs();
        let (one, other) = (chance.between(0..=until), chance.between(0..=until));
        Duration::from_secs(one.min(other))..Duration::from_secs(one.max(other))
    }

    /// Has no queue be told of the jobs of `action`, for longer than anybody waits for them.
    pub fn vanish(&mut self, action: Action, days: u64) {
        self.vanished = Some(action);
        self.until = Duration::from_hours(days * 24);
    }

    /// Whether there are faults now.
    #[must_use]
    pub fn last(&self) -> bool {
        time::elapsed() < self.until
    }

    /// How the API is down now, if it is.
    #[must_use]
    pub fn down(&self) -> Option<Down> {
        let outage = self.outage.as_ref()?;
        outage.during.contains(&time::elapsed()).then_some(outage.how)
    }

    /// Whether the API refuses the write key now.
    #[must_use]
    pub fn refuses_key(&self) -> bool {
        let during = self.unauthorized.as_ref();
        during.is_some_and(|during| during.contains(&time::elapsed()))
    }

    /// Whether an API that is down for about a day is what this world is about.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.until > Duration::from_hours(12)
    }
}
