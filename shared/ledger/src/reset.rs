//! Resets: what an operator wants forgotten, so that extracts are sent again.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Document, FormatVersion, ObjectPin, RunId, SyncName};

/// The content of a reset: runs whose extracts count as not seen. Claims, plans and reports stay as they are; later runs take the
/// extracts as if these had not had them.
///
/// It names the runs, not a time: of a run that is planned meanwhile nothing is forgotten, whatever clocks say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// Form of this document.
    pub version: FormatVersion,
    /// The sync.
    pub sync: SyncName,
    /// When it was asked for.
    pub reset_at: Timestamp,
    /// The runs that had a plan then.
    pub runs: BTreeSet<RunId>,
    /// Objects and folders that are forgotten: keys, or whole addresses; `None`: all that the runs have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extracts: Option<Vec<String>>,
}

impl Document for Reset {
    const KIND: &'static str = "reset";
}

impl Reset {
    /// Whether an object counts as not seen by `run`.
    #[must_use]
    pub fn forgets(&self, run: RunId, object: &ObjectPin) -> bool {
        self.runs.contains(&run)
            && self
                .extracts
                .as_ref()
                .is_none_or(|extracts| extracts.iter().any(|named| is_named(named, object)))
    }
}

/// Whether `named` is an object's key or address, or a folder that it is in. An empty text names nothing.
#[must_use]
pub fn is_named(named: &str, object: &ObjectPin) -> bool {
    let folder = named.trim_end_matches('/');
    let is_in = |place: &str| {
        place
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() && folder == named || rest.starts_with('/'))
    };
    let address = format!("{}/{}", object.store.trim_end_matches('/'), object.key);
    !folder.is_empty() && (is_in(&object.key) || is_in(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> ObjectPin {
        ObjectPin {
            store: "s3://acme".into(),
            key: "users/2026/a.csv".into(),
            size: 1,
            etag: "e".into(),
            version: None,
        }
    }

    #[test]
    fn object_is_named_by_key_address_or_folder() {
        for named in [
            "users/2026/a.csv",
            "s3://acme/users/2026/a.csv",
            "users/2026/",
            "users/2026",
            "users",
            "s3://acme/users/",
            "s3://acme",
        ] {
            assert!(is_named(named, &object()), "{named}");
        }
        for named in [
            "",
            "/",
            "a.csv",
            "users/2026/a",
            "users/202",
            "s3://acm",
            "users/2026/a.csv/",
        ] {
            assert!(!is_named(named, &object()), "{named}");
        }
    }

    #[test]
    fn only_the_named_runs_forget() {
        let run = |millis| RunId::new(Timestamp::from_millisecond(millis).unwrap(), [1; 10]);
        let reset = |extracts: Option<Vec<String>>| Reset {
            version: FormatVersion,
            sync: "users".parse().unwrap(),
            reset_at: Timestamp::from_millisecond(9).unwrap(),
            runs: [run(1), run(3)].into(),
            extracts,
        };
        let all = reset(None);
        assert!(all.forgets(run(1), &object()) && all.forgets(run(3), &object()));
        assert!(!all.forgets(run(2), &object()) && !all.forgets(run(4), &object()));
        assert!(reset(Some(vec!["users/".into()])).forgets(run(1), &object()));
        assert!(!reset(Some(vec!["others/".into()])).forgets(run(1), &object()));
        let json = all.to_json().unwrap();
        assert_eq!(Reset::from_json(&json).unwrap(), all);
    }
}
