//! Which events there can be at all, and what a trigger makes of them.

use super::ast::{Comparison, Field, Node, Test};
use crate::Change;

/// Where events come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'c> {
    /// Warehouse rows: of type `track`, with one of these changes as their event's name, and nothing beside `properties`.
    Rows(&'c [Change]),
    /// Events of any type.
    Events,
}

/// What is known of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    kind: &'static str,
    /// The change, if the event is a warehouse row.
    change: Option<Change>,
}

/// The types that Segment's events have.
const TYPES: [&str; 6] = ["track", "identify", "group", "page", "screen", "alias"];

impl Origin<'_> {
    pub(super) fn worlds(self) -> Vec<World> {
        let row = |change: &Change| World {
            kind: "track",
            change: Some(*change),
        };
        match self {
            Self::Rows(changes) => changes.iter().map(row).collect(),
            Self::Events => TYPES.map(|kind| World { kind, change: None }).to_vec(),
        }
    }
}

/// What is known of a field.
enum Known {
    Text(&'static str),
    Missing,
    Nothing,
}

impl World {
    fn field(&self, field: &Field) -> Known {
        let Some(path) = &field.0 else { return Known::Missing };
        match (path.keys(), self.change) {
            ([root], _) if &**root == "type" => Known::Text(self.kind),
            ([root], Some(change)) if &**root == "event" => Known::Text(change.as_str()),
            ([root, ..], Some(_)) if &**root != "properties" => Known::Missing,
            _ => Known::Nothing,
        }
    }
}

impl Node {
    /// Returns the answer if what is known of the event decides it.
    pub(super) fn answer(&self, world: &World) -> Option<bool> {
        let decided = |parts: &[Self], by: bool| {
            let mut answers = parts.iter().map(|part| part.answer(world));
            let usual = answers.clone().all(|answer| answer == Some(!by));
            if answers.any(|answer| answer == Some(by)) {
                Some(by)
            } else {
                usual.then_some(!by)
            }
        };
        match self {
            Self::All(parts) => decided(parts, false),
            Self::Any(parts) => decided(parts, true),
            Self::Broken => Some(false),
            Self::Test(field, test) => test.answer(&world.field(field)),
        }
    }
}

impl Test {
    fn answer(&self, known: &Known) -> Option<bool> {
        match (self, known) {
            (Self::Never, _) => Some(false),
            (Self::Number(Comparison::Equal | Comparison::Less | Comparison::AtMost, number), _) if number.is_nan() => {
                Some(false)
            }
            (_, Known::Nothing) => None,
            (Self::Exists(wanted), known) => Some(matches!(known, Known::Text(_)) == *wanted),
            (Self::Equals(text), Known::Text(is)) => Some(&**text == *is),
            (Self::Differs(text), Known::Text(is)) => Some(&**text != *is),
            (Self::Differs(_), Known::Missing) => Some(true),
            (Self::Equals(_) | Self::Pattern { .. }, Known::Missing) | (Self::Is(_) | Self::Number(..), _) => {
                Some(false)
            }
            (
                Self::Pattern {
                    place,
                    pattern,
                    negated,
                },
                Known::Text(is),
            ) => Some(place.holds(is, pattern) != *negated),
        }
    }
}
