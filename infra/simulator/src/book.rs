use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::time::Duration;

use crate::Counts;
use crate::check::{Pass, Reason};
use crate::dedup::Dedup;
use crate::store::Store;

/// One event of a request, checked.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    /// Its JSON text.
    pub(crate) text: Cow<'a, str>,
    pub(crate) verdict: Result<Pass, Reason>,
}

/// All that requests change: ids remembered, events kept, counts.
#[derive(Debug)]
pub(crate) struct Book {
    dedup: Dedup,
    store: Option<Store>,
    pub(crate) counts: Counts,
    /// Fingerprints of ids that came again, as many as are remembered at most.
    again: HashSet<u64>,
    remembered_ids: usize,
    /// Lines of one request for the two files, reused from request to request.
    events: Vec<u8>,
    dropped: Vec<u8>,
}

impl Book {
    pub(crate) fn new(remembered_ids: usize, store: Option<Store>) -> Book {
        Book {
            dedup: Dedup::new(remembered_ids),
            store,
            counts: Counts::default(),
            again: HashSet::new(),
            remembered_ids,
            events: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// Takes the events of one request, all or none: repeats are left out, the others kept and counted.
    ///
    /// # Errors
    /// The events could not be kept. Nothing is counted or remembered, so that the request can be sent again.
    pub(crate) fn enter(&mut self, judged: &[Judged<'_>], now: Duration) -> io::Result<()> {
        self.events.clear();
        self.dropped.clear();
        let (mut counts, mut remembered) = (self.counts.clone(), 0);
        let mut again = Vec::new();
        for Judged { text, verdict } in judged {
            match verdict {
                Err(reason) => {
                    *counts.dropped.entry(reason.code()).or_default() += 1;
                    self.drop_line(text, *reason);
                }
                Ok(pass) if !pass.fingerprint.is_none_or(|id| self.dedup.admit(id, now)) => {
                    counts.duplicates += 1;
                    again.extend(pass.fingerprint);
                }
                Ok(pass) => {
                    remembered += usize::from(pass.fingerprint.is_some());
                    counts.accepted += 1;
                    *counts.events.entry(pass.kind.name()).or_default() += 1;
                    self.event_line(text);
                }
            }
        }
        self.keep().inspect_err(|_| self.dedup.retract(remembered))?;
        for id in again {
            let has_room = self.again.len() < self.remembered_ids;
            counts.sent_again += u64::from(has_room && self.again.insert(id));
        }
        self.counts = counts;
        Ok(())
    }

    /// The files, to be written to the disk.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    fn keep(&mut self) -> io::Result<()> {
        match &mut self.store {
            Some(store) => store.append(&self.events, &self.dropped),
            None => Ok(()),
        }
    }

    fn event_line(&mut self, event: &str) {
        if self.store.is_some() {
            push_line(&mut self.events, event);
            self.events.push(b'\n');
        }
    }

    fn drop_line(&mut self, event: &str, reason: Reason) {
        if self.store.is_some() {
            self.dropped.extend_from_slice(b"{\"code\":\"");
            self.dropped.extend_from_slice(reason.code().as_bytes());
            self.dropped.extend_from_slice(b"\",\"event\":");
            push_line(&mut self.dropped, event);
            self.dropped.extend_from_slice(b"}\n");
        }
    }
}

/// Appends JSON text as part of one line. A line break in it can only stand between tokens, where a blank does as well.
fn push_line(out: &mut Vec<u8>, json: &str) {
    let start = out.len();
    out.extend_from_slice(json.as_bytes());
    if memchr::memchr2(b'\n', b'\r', json.as_bytes()).is_some() {
        out[start..]
            .iter_mut()
            .filter(|byte| matches!(byte, b'\n' | b'\r'))
            .for_each(|byte| *byte = b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Kind;

    fn judged(fingerprint: u64) -> Judged<'static> {
        let pass = Pass {
            kind: Kind::Track,
            fingerprint: Some(fingerprint),
        };
        Judged {
            text: Cow::Borrowed("{}"),
            verdict: Ok(pass),
        }
    }

    #[test]
    fn keeps_a_line_a_line() {
        let mut out = b"before\n".to_vec();
        push_line(&mut out, "{\r\n  \"a\": \"x\\ny\"\n}");
        assert_eq!(out, b"before\n{    \"a\": \"x\\ny\" }");
    }

    #[test]
    fn drops_a_repeat_within_one_batch() {
        let mut book = Book::new(10, None);
        book.enter(&[judged(1), judged(2), judged(1)], Duration::ZERO).unwrap();
        assert_eq!((book.counts.accepted, book.counts.duplicates), (2, 1));
    }

    #[test]
    fn counts_an_id_that_comes_again_and_again_once() {
        let mut book = Book::new(10, None);
        for _ in 0..3 {
            book.enter(&[judged(1), judged(2)], Duration::ZERO).unwrap();
        }
        book.enter(&[judged(3)], Duration::ZERO).unwrap();
        let counts = &book.counts;
        assert_eq!((counts.accepted, counts.duplicates, counts.sent_again), (3, 4, 2));
    }

    #[test]
    fn never_takes_an_event_without_id_for_a_repeat() {
        let mut book = Book::new(10, None);
        let anonymous = || Judged {
            text: Cow::Borrowed("{}"),
            verdict: Ok(Pass {
                kind: Kind::Page,
                fingerprint: None,
            }),
        };
        book.enter(&[anonymous(), anonymous()], Duration::ZERO).unwrap();
        assert_eq!((book.counts.accepted, book.counts.duplicates), (2, 0));
    }

    #[test]
    fn forgets_what_it_could_not_keep() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::new(10, Some(Store::open(folder.path()).unwrap()));
        book.enter(&[judged(1)], Duration::ZERO).unwrap();
        let store = book.store.take();
        book.store = Some(Store::broken());
        assert!(book.enter(&[judged(1), judged(2)], Duration::ZERO).is_err());
        book.store = store;
        book.enter(&[judged(1), judged(2)], Duration::ZERO).unwrap();
        assert_eq!((book.counts.accepted, book.counts.duplicates), (2, 1));
        assert_eq!(std::fs::read(folder.path().join("events.jsonl")).unwrap(), b"{}\n{}\n");
    }
}
