//! The sync document: where extracts land, which destination, how rows become calls.

mod check;
mod destination;
mod field;
mod files;
mod fingerprint;
mod mapping;
mod place;
mod problem;
mod reader;
mod review;
mod scalar;
#[cfg(feature = "schema")]
mod schema;
mod secrecy;
mod source;
mod suggestion;
mod surrogate;
mod syntax;
mod tree;
mod warning;

use ::mapping::Action;
use serde::{Deserialize, Serialize};

pub use destination::{DEFAULT_EVENTS_PER_SECOND, Destination, Region, WriteKeySource};
pub use files::FilePattern;
pub use mapping::{Fields, MAX_MAPPINGS, Mapping};
pub use problem::{Problem, Severity};
pub use review::Review;
#[cfg(feature = "schema")]
pub use schema::{json_schema, json_value};
pub use source::{Changes, ColumnChanges, Complete, CsvOptions, FormatChoice, Rows, Source};

use crate::{LedgerError, MAX_NAME_BYTES, SyncName};
use reader::{Cursor, Reported};

/// A sync document, defaults filled in. [`Sync::parse`] reads what people write, with all its rules; the serialised
/// form has the same keys and is what plans hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(
        title = "Backhaul sync document",
        description = "Where extracts land, which destination, how rows become calls."
    )
)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// The sync's name, unique in a stack. The key is `sync`.
    #[cfg_attr(feature = "schema", schemars(description = "The sync's name, unique in a stack."))]
    #[serde(rename = "sync")]
    pub name: SyncName,
    /// Where rows come from.
    pub source: Source,
    /// Where calls go.
    pub destination: Destination,
    /// How rows become calls: 1 to [`MAX_MAPPINGS`].
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = MAX_MAPPINGS), description = "How rows become calls: 1 to 50.")
    )]
    pub mappings: Vec<Mapping>,
}

const KEYS: &[&str] = &["sync", "source", "destination", "mappings"];

impl Sync {
    /// Returns the sync that a YAML (or JSON) document describes.
    ///
    /// # Errors
    /// Every problem of the document at once, in the order of its lines, except for warnings: these are in a [`Review`]. A
    /// document that is no YAML has the problems up to the place where reading ends.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let Review { sync, mut problems, .. } = Review::of(text);
        problems.retain(|problem| problem.severity == Severity::Error);
        // Without a sync there is at least one error: `Reported` is made only where one is noted.
        sync.ok_or(problems)
    }

    /// Returns the actions that there is work for: those of enabled mappings, in the order of [`Action::ALL`]; none if
    /// the destination is off.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        Action::ALL
            .into_iter()
            .filter(|&action| self.mappings_of(action).next().is_some())
            .collect()
    }

    /// Returns how many calls a second each action may make of a run: the sync's rate, shared out evenly among its actions, since each
    /// has senders of its own that know nothing of the others.
    #[must_use]
    pub fn events_per_second_of_an_action(&self) -> u32 {
        let rate = self
            .destination
            .max_events_per_second
            .unwrap_or(DEFAULT_EVENTS_PER_SECOND);
        // There are five actions.
        let actions = u32::try_from(self.actions().len()).unwrap_or(u32::MAX);
        (rate / actions.max(1)).max(1)
    }

    /// Returns the enabled mappings of an action, in the order of the document; none if the destination is off.
    pub fn mappings_of(&self, action: Action) -> impl Iterator<Item = &Mapping> {
        self.enabled_mappings().filter(move |mapping| mapping.action == action)
    }

    /// Returns the mappings that rows are counted for, in the order of the document; none if the destination is off.
    pub fn enabled_mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings
            .iter()
            .filter(|mapping| self.destination.enabled && mapping.enabled)
    }

    /// Returns the mappings that rows of the object at `path` are counted for, see [`Mapping::reads`].
    pub fn mappings_for(&self, path: String) -> impl Iterator<Item = &Mapping> {
        self.enabled_mappings().filter(move |mapping| mapping.reads(&path))
    }

    /// Returns a hash of the whole document as 32 hexadecimal digits: the same for two documents exactly if they mean
    /// the same, however they are written.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`] if a value has no JSON form.
    pub fn fingerprint(&self) -> Result<String, LedgerError> {
        let value = serde_json::to_value(self).map_err(|source| LedgerError::Unwritable { kind: "sync", source })?;
        Ok(fingerprint::of_value(&value))
    }
}

fn read_sync(root: &Cursor<'_>) -> Result<Sync, Reported> {
    let document = root.object(KEYS)?;
    // All four are read before the first error counts, so that every problem is told.
    let name = document.require("sync").and_then(|name| read_name(&name));
    let source = document.require("source").and_then(|source| source::read(&source));
    let destination = document
        .require("destination")
        .and_then(|destination| destination::read(&destination));
    let rows = document.get("source").and_then(|source| source::rows(&source));
    let mappings = document
        .require("mappings")
        .and_then(|mappings| mapping::read_all(&mappings, rows));
    Ok(Sync {
        name: name?,
        source: source?,
        destination: destination?,
        mappings: mappings?,
    })
}

fn read_name(cursor: &Cursor<'_>) -> Result<SyncName, Reported> {
    let text = cursor.text()?;
    text.parse().map_err(|_| {
        let message = format!("{} is not a sync's name", cursor.quoted());
        cursor.problem(message, Some(format!("use 1 to {MAX_NAME_BYTES} of a-z, 0-9 and -")))
    })
}
