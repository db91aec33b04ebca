//! The gate that an API closes when it limits the rate, and the one request that tries it afterwards. Pure: time is passed in.

use std::time::Duration;

/// How long the request that goes ahead may take to be answered before another one tries.
const PATIENCE: Duration = Duration::from_secs(5);

/// Open, or closed until a moment. At that moment one request goes through and closes it behind itself; what becomes of it opens the gate
/// or lets the next one try. So an API that is closed is asked by one request at a time, however many wait.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    /// `None`: open.
    closed_until: Option<Duration>,
    /// How often it was closed.
    closings: u64,
}

/// A request that went through.
#[derive(Debug)]
pub(super) struct Pass {
    closings: u64,
    goes_ahead: bool,
}

impl Pass {
    /// Whether others wait for what becomes of it.
    pub(super) fn goes_ahead(&self) -> bool {
        self.goes_ahead
    }
}

impl Circuit {
    /// Returns how long it is closed yet; zero where a request may go ahead. `None`: it is open.
    pub(super) fn closed_for(&self, now: Duration) -> Option<Duration> {
        self.closed_until.map(|moment| moment.saturating_sub(now))
    }

    /// Lets a request through.
    ///
    /// # Errors
    /// The moment to ask again, if it is not told earlier that the gate opened.
    pub(super) fn enter(&mut self, now: Duration) -> Result<Pass, Duration> {
        let goes_ahead = match self.closed_until {
            Some(moment) if moment > now => return Err(moment),
            closed => closed.is_some(),
        };
        if goes_ahead {
            self.closed_until = Some(now + PATIENCE);
        }
        Ok(Pass {
            closings: self.closings,
            goes_ahead,
        })
    }

    /// The API closes until `moment`; of several such moments the last one holds. Returns whether this is news: the request went after
    /// all earlier closings.
    pub(super) fn close(&mut self, pass: &Pass, moment: Duration) -> bool {
        let is_news = pass.closings == self.closings;
        // The moment that the request set itself when it went ahead is none of the API's.
        let earlier = self.closed_until.filter(|_| !(pass.goes_ahead && is_news));
        self.closed_until = earlier.max(Some(moment));
        self.closings += 1;
        is_news
    }

    /// What became of a request that the API did not limit. Answered, the API lets requests through, unless it closed meanwhile; else
    /// the next one may try.
    pub(super) fn leave(&mut self, pass: &Pass, is_answered: bool, now: Duration) {
        if pass.goes_ahead && pass.closings == self.closings {
            self.closed_until = (!is_answered).then_some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// A circuit that was closed at 1 s until 10 s.
    fn closed() -> Circuit {
        let mut circuit = Circuit::default();
        let pass = circuit.enter(at(0)).unwrap();
        assert!(circuit.close(&pass, at(10)));
        circuit
    }

    #[test]
    fn open_lets_all_through() {
        let mut circuit = Circuit::default();
        for _ in 0..3 {
            let pass = circuit.enter(at(0)).unwrap();
            circuit.leave(&pass, false, at(0));
        }
        assert!(circuit.enter(at(0)).is_ok());
    }

    #[test]
    fn after_the_pause_one_goes_ahead_and_its_answer_lets_the_others_through() {
        let mut circuit = closed();
        assert_eq!(circuit.enter(at(9)).unwrap_err(), at(10));
        let pass = circuit.enter(at(10)).unwrap();
        assert_eq!(circuit.enter(at(10)).unwrap_err(), at(15));
        circuit.leave(&pass, true, at(11));
        assert!(circuit.enter(at(11)).is_ok() && circuit.enter(at(11)).is_ok());
    }

    #[test]
    fn one_that_is_not_answered_lets_the_next_one_try() {
        let mut circuit = closed();
        let lost = circuit.enter(at(10)).unwrap();
        circuit.leave(&lost, false, at(12));
        let silent = circuit.enter(at(12)).unwrap();
        assert_eq!(circuit.enter(at(16)).unwrap_err(), at(17));
        let third = circuit.enter(at(17)).unwrap();
        circuit.leave(&silent, true, at(18));
        circuit.leave(&third, true, at(18));
        assert!(circuit.enter(at(18)).is_ok());
    }

    #[test]
    fn one_that_is_limited_closes_for_as_long_as_it_was_told() {
        let mut circuit = closed();
        let pass = circuit.enter(at(10)).unwrap();
        assert!(circuit.close(&pass, at(12)));
        assert_eq!(circuit.enter(at(11)).unwrap_err(), at(12));
        assert!(circuit.enter(at(12)).is_ok());
    }

    #[test]
    fn requests_that_went_before_the_closing_only_make_it_longer() {
        let mut circuit = Circuit::default();
        let [first, second, third, fourth] = [(); 4].map(|()| circuit.enter(at(0)).unwrap());
        assert!(circuit.close(&first, at(10)));
        assert!(!circuit.close(&second, at(7)));
        assert!(!circuit.close(&third, at(12)));
        circuit.leave(&fourth, true, at(2));
        assert_eq!(circuit.enter(at(11)).unwrap_err(), at(12));
    }
}
