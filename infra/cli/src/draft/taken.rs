//! Columns as they find their place: which one gives which field.

use mapping::{Action, ColumnUse};

use super::guess::{self, Time, folded};
use super::sample::{Column, Sample};
use super::shape::{GROUPS, Given, Line, named, user};

/// The columns that have their place, and the fields that they give.
pub(super) struct Taken<'s> {
    sample: &'s Sample,
    /// By the columns' places.
    pub(super) used: Vec<bool>,
    pub(super) lines: Vec<Line>,
}

impl<'s> Taken<'s> {
    pub(super) fn new(sample: &'s Sample) -> Self {
        Self {
            sample,
            used: vec![false; sample.columns.len()],
            lines: Vec::new(),
        }
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.lines.iter().any(|line| line.field == field)
    }

    fn give(&mut self, field: &str, column: &Column, why: &'static str) {
        self.mark(column);
        self.line(field, Given::Column(column.name.clone()), why);
    }

    fn mark(&mut self, column: &Column) {
        let place = self.sample.columns.iter().position(|known| known.name == column.name);
        if let Some(used) = place.and_then(|place| self.used.get_mut(place)) {
            *used = true;
        }
    }

    fn line(&mut self, field: &str, given: Given, why: &'static str) {
        self.lines.push(Line {
            field: field.to_owned(),
            given,
            why,
        });
    }

    /// Columns that carry a field's name; those that take objects only where there are objects.
    pub(super) fn named(&mut self, uses: &[ColumnUse]) {
        let sample = self.sample;
        for (column, used) in sample.columns.iter().zip(uses) {
            let ColumnUse::Field(field) = used else { continue };
            let is_object = column
                .given()
                .next()
                .is_some_and(|value| value.is_object() || value.as_str().is_some_and(|text| text.starts_with('{')));
            let is_block = !is_simple(field);
            if is_block == is_object && field != "context" && field != "timestamp" && is_reachable(&column.name) {
                self.give(field, column, "");
            }
        }
    }

    /// Whom the call is about: Segment takes none without.
    pub(super) fn identity(&mut self, action: Action) {
        if self.has("user_id") || self.has("anonymous_id") {
            return;
        }
        let sample = self.sample;
        let is_plain = |value: &serde_json::Value| !value.is_object() && !value.is_array();
        let reachable = |column: &&Column| is_reachable(&column.name) && column.given().all(is_plain);
        let group = named(sample, &GROUPS).filter(|_| action == Action::Group);
        let (column, why) = match (user(sample).filter(reachable), group) {
            (Some(column), _) => (Some(column), ""),
            (None, Some(column)) => (
                Some(column),
                "no column names a user, and Segment wants one in every group call",
            ),
            (None, None) => match guess::id(sample) {
                Some(column) => (Some(column), "the column that tells rows apart; is it the user?"),
                None => (
                    sample.columns.iter().find(reachable),
                    "no column looks like a user's id: name the right one",
                ),
            },
        };
        if let Some(column) = column.filter(reachable) {
            self.give("user_id", column, why);
        }
    }

    /// What the action cannot do without.
    pub(super) fn subject(&mut self, action: Action) {
        let sample = self.sample;
        match action {
            Action::Track if !self.has("event_name") => {
                let text = title(&sample.name);
                self.line(
                    "event_name",
                    Given::Text(text),
                    "the same for every row; call it what the user did",
                );
            }
            Action::Group if !self.has("group_id") => {
                let column = named(sample, &GROUPS)
                    .or_else(|| guess::id(sample))
                    .or(sample.columns.first());
                if let Some(column) = column {
                    self.give("group_id", column, "is this the group?");
                }
            }
            _ => {}
        }
    }

    /// When it happened, if a column says so in a form that Segment takes.
    pub(super) fn time(&mut self) {
        let is_named = |column: &&Column| {
            let name = folded(&column.name);
            ["timestamp", "at", "time", "date"]
                .iter()
                .any(|word| name.ends_with(word))
        };
        let sample = self.sample;
        let free = sample
            .columns
            .iter()
            .zip(&self.used)
            .filter(|(_, used)| !**used)
            .map(|(column, _)| column);
        let mut told = free.filter(is_named).filter(|column| is_reachable(&column.name));
        let found = told.find_map(|column| Some((column, guess::time(column)?)));
        match found {
            Some((column, Time::Iso)) => self.give("timestamp", column, ""),
            Some((column, Time::Day)) => {
                self.line(
                    "timestamp",
                    Given::Day(column.name.clone()),
                    "Segment wants a time with its zone",
                );
            }
            None => {}
        }
    }
}

/// Whether a field holds one text.
fn is_simple(field: &str) -> bool {
    [
        "user_id",
        "anonymous_id",
        "group_id",
        "timestamp",
        "event_name",
        "page_name",
        "page_category",
        "screen_name",
        "ip_address",
        "locale",
        "user_agent",
        "timezone",
        "message_id",
    ]
    .contains(&field)
}

/// Whether `@path` can name a column: the kit takes names apart at dots and brackets, and drops quotes.
pub(super) fn is_reachable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '[', ']', '\'', '"', '{', '}'])
}

/// Returns a file's name as a title: `new_orders-2026.csv` → `New Orders`.
fn title(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or(file);
    let words = stem
        .split(['_', '-', ' '])
        .filter(|word| word.contains(char::is_alphabetic));
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        first + letters.as_str()
    };
    let words: Vec<String> = words.map(capital).collect();
    if words.is_empty() {
        "Row Added".to_owned()
    } else {
        words.join(" ")
    }
}
