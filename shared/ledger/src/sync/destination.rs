//! The `destination` block.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::reader::{Cursor, Object, Reported};
use super::suggestion;
use super::tree::Kind;

/// Calls a second over the whole run where the sync sets no `max_events_per_second`
/// (Segment docs, HTTP API: about 1,000 a second before it answers 429).
pub const DEFAULT_EVENTS_PER_SECOND: u32 = 1000;

/// Where calls go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Which of Segment's regions the workspace is in.
    #[serde(default)]
    pub region: Region,
    /// Where the write key is; never the key itself.
    pub write_key: WriteKeySource,
    /// Whether anything is sent at all.
    #[serde(default = "on")]
    pub enabled: bool,
    /// Calls a second over the whole run; `None`: not set, see [`DEFAULT_EVENTS_PER_SECOND`].
    #[cfg_attr(
        feature = "schema",
        schemars(
            range(min = 1),
            description = "Calls a second over the whole run; 1000 if it is not set, Segment's limit."
        )
    )]
    #[serde(default)]
    pub max_events_per_second: Option<u32>,
}

/// One of Segment's regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// Oregon
    #[default]
    Us,
    /// Dublin
    Eu,
}

/// Where the write key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, deny_unknown_fields)]
pub enum WriteKeySource {
    /// In Secrets Manager.
    Secret {
        /// The secret's id or ARN. The key is `secret`.
        #[cfg_attr(
            feature = "schema",
            schemars(length(min = 1), description = "The secret's id or ARN.")
        )]
        #[serde(rename = "secret")]
        id: String,
        /// The field of a secret that is a JSON object.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// In the environment; only for runs on one machine.
    Env {
        /// The variable's name. The key is `env`.
        #[cfg_attr(
            feature = "schema",
            schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"), description = "The variable's name.")
        )]
        #[serde(rename = "env")]
        name: String,
    },
}

const KEYS: &[&str] = &["region", "write_key", "enabled", "max_events_per_second"];
const WRITE_KEY_KEYS: &[&str] = &["secret", "field", "env"];
const WRITE_KEY_FORMS: &str = "write `{secret: <id in Secrets Manager>}` or `{env: <NAME>}`";

pub(super) fn on() -> bool {
    true
}

pub(super) fn read(cursor: &Cursor<'_>) -> Result<Destination, Reported> {
    let object = cursor.object(KEYS)?;
    let regions = [("us", Region::Us), ("eu", Region::Eu)];
    let region = object.optional("region", Region::Us, |value| value.word("a region", &regions));
    let write_key = object.require("write_key").and_then(|value| read_write_key(&value));
    let enabled = object.optional("enabled", true, Cursor::boolean);
    let rate = object.optional("max_events_per_second", None, |value| read_rate(value).map(Some));
    Ok(Destination {
        region: region?,
        write_key: write_key?,
        enabled: enabled?,
        max_events_per_second: rate?,
    })
}

/// Problems of this block show nothing of what is written in it: it may be the write key.
fn read_write_key(cursor: &Cursor<'_>) -> Result<WriteKeySource, Reported> {
    if matches!(cursor.node().kind, Kind::Text | Kind::Number(_)) {
        let message = "must say where the write key is, not hold the key itself";
        return Err(cursor.problem(message, Some(WRITE_KEY_FORMS.into())));
    }
    let object = cursor.any_object("a map that says where the write key is")?;
    let mut known = Ok(());
    for (_, at, _) in object.entries().filter(|(key, ..)| !WRITE_KEY_KEYS.contains(key)) {
        let remedy = Some(suggestion::one_of(WRITE_KEY_KEYS));
        known = Err(cursor.problem_at(
            at,
            cursor.path().to_owned(),
            "this key is not known here".into(),
            remedy,
        ));
    }
    let source = match (object.get("secret"), object.get("env")) {
        (Some(id), None) => read_secret(&id, &object),
        (None, Some(name)) => read_variable(&name, &object),
        (Some(_), Some(_)) => Err(cursor.problem("has both `secret` and `env`", Some("keep one of them".into()))),
        (None, None) => Err(cursor.problem("has neither `secret` nor `env`", Some(WRITE_KEY_FORMS.into()))),
    };
    known.and(source)
}

fn read_secret(id: &Cursor<'_>, object: &Object<'_>) -> Result<WriteKeySource, Reported> {
    let field = object.optional("field", None, |value| value.text().map(Some));
    Ok(WriteKeySource::Secret {
        id: id.text()?.to_owned(),
        field: field?.map(str::to_owned),
    })
}

fn read_variable(name: &Cursor<'_>, object: &Object<'_>) -> Result<WriteKeySource, Reported> {
    if let Some(field) = object.get("field") {
        return Err(field.problem("`field` is for JSON secrets", Some("remove it, or use `secret`".into())));
    }
    let text = name.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.chars().all(fits) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(WriteKeySource::Env { name: text.to_owned() });
    }
    Err(name.problem("is not a variable's name", Some("use letters, digits and _".into())))
}

fn read_rate(cursor: &Cursor<'_>) -> Result<u32, Reported> {
    let Kind::Number(number) = &cursor.node().kind else {
        return Err(cursor.wrong_type("a whole number above 0"));
    };
    let rate = Number::as_u64(number)
        .and_then(|rate| u32::try_from(rate).ok())
        .filter(|rate| *rate > 0);
    rate.ok_or_else(|| {
        let message = format!("{} is not a number of events a second", cursor.quoted());
        cursor.problem(message, Some(format!("use a whole number from 1 to {}", u32::MAX)))
    })
}
