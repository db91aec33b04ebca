//! The `mappings` list.

use std::borrow::Cow;
use std::collections::HashMap;

use ::mapping::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::destination::on;
use super::files::{FilePattern, read_files};
use super::place::{Places, pointer_to};
use super::reader::{Cursor, Reported};
use super::source::Rows;
use super::tree::Kind;
use super::{check, fingerprint};

/// Most mappings in a sync (Segment docs, Reverse ETL, mappings of a destination).
pub const MAX_MAPPINGS: usize = 50;

/// Most characters in a mapping's name.
const MAX_NAME_CHARACTERS: usize = 128;

/// How some rows become calls: action + trigger + fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Unique in the sync; part of message ids.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NAME_CHARACTERS)))]
    pub name: String,
    /// Which call it makes.
    pub action: Action,
    /// Whether it is used.
    #[serde(default = "on")]
    pub enabled: bool,
    /// Which rows it is for, as written; see [`Mapping::trigger_text`].
    #[cfg_attr(
        feature = "schema",
        schemars(
            description = "Which rows it is for: `added`, `updated`, `deleted`, `added or updated` (the default for rows), or FQL.",
            extend("examples" = ["added or updated", "added", "updated", "deleted", "event = \"new\" and properties.plan = \"pro\""])
        )
    )]
    #[serde(default)]
    pub trigger: Option<String>,
    /// Which objects of an extract it is for, see [`Mapping::reads`]; empty: all of them.
    #[cfg_attr(
        feature = "schema",
        schemars(
            schema_with = "super::schema::files",
            description = "Which objects of an extract it is for, by name, e.g. `orders_*` or `orders/*`; without it all."
        )
    )]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FilePattern>,
    /// Where the action's fields come from.
    #[cfg_attr(
        feature = "schema",
        schemars(
            schema_with = "super::schema::any_fields",
            description = "The action's fields, as directives over the row; `auto`: each from the column that carries its name."
        )
    )]
    pub fields: Fields,
}

/// Where an action's fields come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fields {
    /// From the columns that carry their names, see `mapping::Auto`. The word is `auto`.
    Auto,
    /// From directives over the row.
    #[serde(untagged)]
    Given(Value),
}

impl Fields {
    /// Returns the directives by field, if they are given.
    #[must_use]
    pub fn given(&self) -> Option<&Value> {
        match self {
            Self::Auto => None,
            Self::Given(fields) => Some(fields),
        }
    }
}

impl Mapping {
    /// Returns whether the mapping is for rows of the object at `path`: its store and key, with a slash between them.
    ///
    /// A pattern of `files` is compared with the object's name, which is what follows the last slash; one with slashes of
    /// its own with as many folders more. `*` and `?` stand for no slash, and case counts.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|pattern| pattern.fits(path))
    }

    /// Returns the mapping that `mappings: auto` has for an action: named after it, for the objects whose name begins with
    /// its name (Segment docs, "Amazon S3 from Lambda", file names), or for the events of its type.
    fn of_recipe(action: Action, rows: Rows) -> Self {
        let files = match rows {
            Rows::Records => ["_*", "-*", ".*"]
                .iter()
                .filter_map(|rest| format!("{action}{rest}").parse().ok())
                .collect(),
            Rows::Events => Vec::new(),
        };
        Self {
            name: action.as_str().to_owned(),
            action,
            enabled: true,
            trigger: None,
            files,
            fields: Fields::Auto,
        }
    }

    /// Returns the trigger, as text for `mapping::Trigger::parse`.
    ///
    /// Without one in the document it is, for warehouse rows, `added or updated`: every row of a sync that does not
    /// detect changes, and no deletion that somebody did not ask for. For events it is the action's own type, as
    /// Segment presets it.
    #[must_use]
    pub fn trigger_text(&self, rows: Rows) -> Cow<'_, str> {
        match (&self.trigger, rows) {
            (Some(trigger), _) => Cow::Borrowed(trigger),
            (None, Rows::Records) => Cow::Borrowed("added or updated"),
            (None, Rows::Events) => Cow::Owned(format!("type = \"{}\"", self.action)),
        }
    }

    /// Returns a hash of the calls that the mapping makes, as 32 hexadecimal digits: of its name, action and fields. Which
    /// rows it is for makes no difference to the call of one row.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint::of_value(&json!([self.name, self.action.as_str(), self.fields]))
    }
}

const KEYS: &[&str] = &["name", "action", "enabled", "trigger", "files", "fields"];

/// The word that stands for all mappings, or for all fields of one.
const AUTO: &str = "auto";

/// Reads the list; `rows` is what the source says they are, if that could be read.
pub(super) fn read_all(cursor: &Cursor<'_>, rows: Option<Rows>) -> Result<Vec<Mapping>, Reported> {
    if cursor.node().kind == Kind::Text {
        cursor.word("a list of mappings", &[(AUTO, ())])?;
        let rows = rows.unwrap_or_default();
        return Ok(Action::ALL.map(|action| Mapping::of_recipe(action, rows)).to_vec());
    }
    let items = cursor.list()?;
    if !(1..=MAX_MAPPINGS).contains(&items.len()) {
        let message = format!("a sync has 1 to {MAX_MAPPINGS} mappings, this one has {}", items.len());
        let remedy = if items.is_empty() {
            "add a mapping"
        } else {
            "split it into several syncs"
        };
        return Err(cursor.problem(message, Some(remedy.into())));
    }
    let read: Vec<_> = items.iter().map(|item| read(item, rows)).collect();
    check_unique(&items)?;
    read.into_iter().collect()
}

fn check_unique(items: &[Cursor<'_>]) -> Result<(), Reported> {
    let mut result = Ok(());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let name = if let Kind::Map(_) = item.node().kind {
            item.any_object("a map")?.get("name")
        } else {
            None
        };
        let Some(name) = name else { continue };
        if let Some(first) = seen.insert(name.node().text.clone(), index) {
            let message = format!("mappings[{first}] has the same name");
            result = Err(name.problem(message, Some("give every mapping its own name".into())));
        }
    }
    result
}

fn read(cursor: &Cursor<'_>, rows: Option<Rows>) -> Result<Mapping, Reported> {
    let object = cursor.object(KEYS)?;
    let name = object.require("name").and_then(|value| read_name(&value));
    let actions = Action::ALL.map(|action| (action.as_str(), action));
    let action = object
        .require("action")
        .and_then(|value| value.word("an action", &actions));
    let enabled = object.optional("enabled", true, Cursor::boolean);
    let trigger = object.optional("trigger", None, |value| check::trigger(value, rows).map(Some));
    let files = object.optional("files", Vec::new(), read_files);
    let fields = object
        .require("fields")
        .and_then(|value| read_fields(&value, action.ok()));
    Ok(Mapping {
        name: name?,
        action: action?,
        enabled: enabled?,
        trigger: trigger?,
        files: files?,
        fields: fields?,
    })
}

fn read_name(cursor: &Cursor<'_>) -> Result<String, Reported> {
    let text = cursor.text()?;
    if text.chars().count() > MAX_NAME_CHARACTERS || text.chars().any(char::is_control) || text.trim() != text {
        let remedy = format!("use 1 to {MAX_NAME_CHARACTERS} characters, no line breaks, no spaces around them");
        return Err(cursor.problem(format!("{} is not a mapping's name", cursor.quoted()), Some(remedy)));
    }
    Ok(text.to_owned())
}

fn read_fields(cursor: &Cursor<'_>, action: Option<Action>) -> Result<Fields, Reported> {
    if cursor.node().kind == Kind::Text {
        cursor.word("a map of fields and directives", &[(AUTO, ())])?;
        return Ok(Fields::Auto);
    }
    let object = cursor.any_object("a map of fields and directives")?;
    let mut places = Places::default();
    let fields = value_of(cursor, String::new(), &mut places)?;
    if let Some(action) = action {
        check::fields(&object, action, &fields, &places)?;
    }
    Ok(Fields::Given(fields))
}

/// Returns the value as JSON and notes where each of its parts is.
pub(super) fn value_of(cursor: &Cursor<'_>, pointer: String, places: &mut Places) -> Result<Value, Reported> {
    let value = match &cursor.node().kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => Value::Number(number.clone()),
        Kind::Text => Value::String(cursor.node().text.clone()),
        Kind::List(_) => {
            let items = cursor.list()?.into_iter().enumerate();
            Value::Array(
                items
                    .map(|(i, item)| value_of(&item, format!("{pointer}/{i}"), places))
                    .collect::<Result<_, _>>()?,
            )
        }
        Kind::Map(_) => {
            let mut fields = Map::new();
            for (key, at, item) in cursor.any_object("a map")?.entries() {
                let pointer = pointer_to(&pointer, key);
                places.note_key(pointer.clone(), at);
                fields.insert(key.to_owned(), value_of(&item, pointer, places)?);
            }
            Value::Object(fields)
        }
        Kind::Broken => return Err(cursor.wrong_type("a value")),
    };
    places.note(pointer, cursor.node().at, cursor.path().to_owned());
    Ok(value)
}
