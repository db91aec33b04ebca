//! The names of errors that functions answer with.

use std::fmt;

/// The name of a function's error: what Step Functions' Retry and Catch, alarms and log queries match. A closed set, the same for
/// all functions; a name is never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorName {
    /// The event is none that the function takes.
    BadEvent,
    /// A setting of the function, or a location in the sync document, cannot be used.
    BadSetting,
    /// The sync document is missing or wrong.
    BadSync,
    /// A mapping does not compile.
    BadMapping,
    /// The write key cannot be had, is none, or is refused.
    BadWriteKey,
    /// An object of the extract, or its manifest, cannot be read.
    BadExtract,
    /// A document of the ledger is missing, cannot be understood, or does not add up.
    BadLedger,
    /// There is no extract.
    NoExtract,
    /// The sync has nothing to send.
    NothingEnabled,
    /// There are objects, but no mapping is for any of them.
    NothingRead,
    /// A run of that many objects has too long a plan.
    PlanTooLarge,
    /// An object is gone, or is not the one that was listed.
    ObjectChanged,
    /// A store refused a request.
    AccessRefused,
    /// A store or Secrets Manager failed, or other passes were faster.
    Unavailable,
    /// The Tracking API could not be reached, or refused every request.
    DeliveryFailed,
    /// The function's time was up before anything was done that counts.
    OutOfTime,
    /// The function's code failed.
    Panic,
}

impl ErrorName {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::BadEvent,
        Self::BadSetting,
        Self::BadSync,
        Self::BadMapping,
        Self::BadWriteKey,
        Self::BadExtract,
        Self::BadLedger,
        Self::NoExtract,
        Self::NothingEnabled,
        Self::NothingRead,
        Self::PlanTooLarge,
        Self::ObjectChanged,
        Self::AccessRefused,
        Self::Unavailable,
        Self::DeliveryFailed,
        Self::OutOfTime,
        Self::Panic,
    ];

    /// Returns the name as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadEvent => "BadEvent",
            Self::BadSetting => "BadSetting",
            Self::BadSync => "BadSync",
            Self::BadMapping => "BadMapping",
            Self::BadWriteKey => "BadWriteKey",
            Self::BadExtract => "BadExtract",
            Self::BadLedger => "BadLedger",
            Self::NoExtract => "NoExtract",
            Self::NothingEnabled => "NothingEnabled",
            Self::NothingRead => "NothingRead",
            Self::PlanTooLarge => "PlanTooLarge",
            Self::ObjectChanged => "ObjectChanged",
            Self::AccessRefused => "AccessRefused",
            Self::Unavailable => "Unavailable",
            Self::DeliveryFailed => "DeliveryFailed",
            Self::OutOfTime => "OutOfTime",
            Self::Panic => "Panic",
        }
    }

    /// Returns whether the same request may succeed later without anyone doing anything.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::ObjectChanged | Self::Unavailable | Self::DeliveryFailed | Self::OutOfTime | Self::Panic
        )
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_readme_once_with_whether_it_may_pass() {
        let readme = include_str!("../README.md");
        for name in ErrorName::ALL {
            let may_pass = if name.may_pass() { "yes" } else { "no" };
            let row = format!("| `{name}` | {may_pass} | ");
            assert_eq!(readme.matches(&row).count(), 1, "{row}");
        }
    }
}
