//! What time it is, for what is written into the ledger.

use std::cell::Cell;

use jiff::Timestamp;

thread_local! {
    static PRETENDED: Cell<Option<fn() -> Timestamp>> = const { Cell::new(None) };
}

/// Returns the moment that it is, as whoever [`pretend`]s on this thread has it, else as the machine does.
#[must_use]
pub fn now() -> Timestamp {
    PRETENDED.get().map_or_else(Timestamp::now, |clock| clock())
}

/// Has [`now`] ask `clock` on this thread from now on: tests whose time is virtual give the same ids and ledger each time they run.
pub fn pretend(clock: fn() -> Timestamp) {
    PRETENDED.set(Some(clock));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretended_time_holds_on_its_own_thread_only() {
        pretend(|| Timestamp::UNIX_EPOCH);
        assert_eq!(now(), Timestamp::UNIX_EPOCH);
        let elsewhere = std::thread::spawn(now).join().unwrap();
        assert!(elsewhere > Timestamp::UNIX_EPOCH);
    }
}
