//! Which calls rows become, and which column gives which field.

use mapping::{Action, ColumnUse, column_uses};

use super::guess::{self, Time, folded};
use super::sample::{Column, Sample};
use super::taken::{Taken, is_reachable};

/// Names of columns that say whose row it is, the surest first.
const USERS: [&str; 12] = [
    "userid",
    "customerid",
    "personid",
    "memberid",
    "contactid",
    "profileid",
    "clientid",
    "subscriberid",
    "accountid",
    "user",
    "uid",
    "email",
];

/// Names of columns that say which group it is.
pub(super) const GROUPS: [&str; 7] = [
    "groupid",
    "companyid",
    "organizationid",
    "organisationid",
    "workspaceid",
    "tenantid",
    "teamid",
];

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A column, by its name.
    Column(String),
    /// A column that holds days, written as a time.
    Day(String),
    /// The same text for every row.
    Text(String),
}

/// One field and a word on it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) field: String,
    pub(super) given: Given,
    pub(super) why: &'static str,
}

/// One mapping, as it is to be written.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) action: Action,
    pub(super) why: &'static str,
    /// The fields; `None`: `fields: auto`.
    pub(super) lines: Option<Vec<Line>>,
    /// The columns below `traits` or `properties`.
    pub(super) block: Vec<String>,
    /// Columns that are not sent, and why.
    pub(super) left_out: Vec<(String, String)>,
    /// A column that is named like the time of the call, but holds none that Segment takes.
    pub(super) no_time: Option<String>,
}

/// Returns the action that rows look most like, and why.
pub(super) fn action(sample: &Sample) -> (Action, &'static str) {
    let has = |names: &[&str]| {
        sample
            .columns
            .iter()
            .any(|column| names.contains(&folded(&column.name).as_str()))
    };
    let id = guess::id(sample).map(|column| column.name.as_str());
    let user = user(sample).map(|column| column.name.as_str());
    let group = named(sample, &GROUPS).map(|column| column.name.as_str());
    if has(&["event", "eventname"]) {
        return (
            Action::Track,
            "a column names an event, so each row is something that somebody did",
        );
    }
    if has(&["pagename"]) {
        return (Action::Page, "a column names a page");
    }
    if has(&["screenname"]) {
        return (Action::Screen, "a column names a screen");
    }
    if group.is_some() && (group == id || user.is_none()) {
        return (Action::Group, "each row is a group, told by its id");
    }
    if user.is_some() && id.is_some() && user != id && id.map(folded).as_deref() != Some("email") {
        return (
            Action::Track,
            "each row has an id of its own beside its user's, so it is something that the user did",
        );
    }
    (Action::Identify, "each row is a user")
}

/// Returns the column with the first of these names that there is.
pub(super) fn named<'s>(sample: &'s Sample, names: &[&str]) -> Option<&'s Column> {
    let column_of = |name: &&str| sample.columns.iter().find(|column| folded(&column.name) == *name);
    names.iter().find_map(column_of)
}

/// Returns the column that says whose row it is.
pub(super) fn user(sample: &Sample) -> Option<&Column> {
    named(sample, &USERS)
}

/// Returns the mapping of `action` for rows like these.
pub(super) fn of(sample: &Sample, action: Action, why: &'static str) -> Shape {
    let names = sample.names();
    let uses = column_uses(action, &names);
    let is_dotted = |(name, used): (&&str, &ColumnUse)| name.contains('.') && matches!(used, ColumnUse::Field(_));
    if names.iter().zip(&uses).any(is_dotted) {
        return auto(sample, action, why, &uses);
    }
    let mut shape = Shape {
        action,
        why,
        lines: None,
        block: Vec::new(),
        left_out: Vec::new(),
        no_time: None,
    };
    let mut taken = Taken::new(sample);
    taken.named(&uses);
    taken.identity(action);
    taken.subject(action);
    if matches!(action, Action::Track | Action::Page | Action::Screen) {
        taken.time();
    }
    let block = crate::auto_note::block(action);
    let has_block = taken.has(block);
    for (place, column) in sample
        .columns
        .iter()
        .enumerate()
        .filter(|(place, _)| !taken.used[*place])
    {
        let name = column.name.clone();
        let reason = if guess::changes(column).is_some() {
            "says what became of the row, see `changes`".to_owned()
        } else if has_block {
            format!("column `{block}` gives all of them already")
        } else if !is_reachable(&name) {
            "`@path` cannot name it: call the column otherwise".to_owned()
        } else if uses[place] == ColumnUse::Field("context".to_owned()) {
            "give its parts field by field, e.g. `ip_address: {\"@path\": \"$.properties.context.ip\"}`".to_owned()
        } else {
            shape.block.push(name);
            continue;
        };
        shape.left_out.push((name, reason));
    }
    shape.no_time = no_time(sample, action).filter(|_| !taken.has("timestamp"));
    shape.lines = Some(taken.lines);
    shape
}

/// Returns the mapping of a file whose name says what it holds.
pub(super) fn recipe(sample: &Sample, action: Action) -> Shape {
    auto(sample, action, "", &column_uses(action, &sample.names()))
}

/// Columns with dotted names map themselves, and cannot be named by `@path`.
fn auto(sample: &Sample, action: Action, why: &'static str, uses: &[ColumnUse]) -> Shape {
    let names = sample.names();
    let block = crate::auto_note::block(action);
    let reason = |name: &str, used: &ColumnUse| match used {
        ColumnUse::Field(_) => None,
        ColumnUse::Shadowed { field, by } => Some(format!("`{}` gives `{field}` already", names[*by])),
        ColumnUse::Unknown => Some(format!("no field has this name; call it `{block}.{name}` to send it")),
    };
    let left_out = names.iter().zip(uses);
    let no_time = no_time(sample, action);
    Shape {
        action,
        why,
        lines: None,
        block: Vec::new(),
        left_out: left_out
            .filter_map(|(name, used)| Some(((*name).to_owned(), reason(name, used)?)))
            .collect(),
        no_time,
    }
}

/// Returns the column `timestamp`, if its values are not what Segment takes for a time.
fn no_time(sample: &Sample, action: Action) -> Option<String> {
    let uses = column_uses(action, &sample.names());
    let is_time = |used: &ColumnUse| matches!(used, ColumnUse::Field(field) if field == "timestamp");
    let place = uses.iter().position(is_time)?;
    let column = sample.columns.get(place)?;
    (column.given().next().is_some() && guess::time(column) != Some(Time::Iso)).then(|| column.name.clone())
}
