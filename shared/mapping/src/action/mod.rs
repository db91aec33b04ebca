//! The five actions of the Segment Connections destination.

mod coercion;
mod context;
mod field;
mod group;
mod identify;
mod ingest;
mod page;
mod payload;
mod screen;
mod track;
mod writer;

pub use ingest::IngestProblem;

pub(crate) use coercion::is_empty;
pub(crate) use field::Field;
pub use field::{Kind as FieldKind, Spec as FieldSpec};
pub(crate) use payload::{Payload, SchemaError};
pub(crate) use writer::Writer;

/// Which call a mapping makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `Send Track`
    Track,
    /// `Send Identify`
    Identify,
    /// `Send Group`
    Group,
    /// `Send Page`
    Page,
    /// `Send Screen`
    Screen,
}

/// A word that is no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown action `{0}`: use track, identify, group, page or screen")]
pub struct UnknownAction(String);

impl Action {
    /// All five, in the order of the sender functions.
    pub const ALL: [Self; 5] = [Self::Track, Self::Identify, Self::Group, Self::Page, Self::Screen];

    /// Returns the word of sync documents, events and S3 keys: `track`, `identify`, ….
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Page => "page",
            Self::Screen => "screen",
        }
    }

    /// Returns Segment's own name of the action: `sendTrack`, `sendIdentify`, ….
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Track => "sendTrack",
            Self::Identify => "sendIdentify",
            Self::Group => "sendGroup",
            Self::Page => "sendPage",
            Self::Screen => "sendScreen",
        }
    }

    /// Returns the action that Segment calls `slug`.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.slug() == slug)
    }

    /// The fields of its mappings, in the order in which they are checked.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Self::Track => track::FIELDS,
            Self::Identify => identify::FIELDS,
            Self::Group => group::FIELDS,
            Self::Page => page::FIELDS,
            Self::Screen => screen::FIELDS,
        }
    }

    /// Returns the fields of its mappings; Segment drops all others without a word.
    pub fn field_specs(self) -> impl Iterator<Item = &'static FieldSpec> {
        self.fields().iter().map(|field| field.spec())
    }

    /// Returns the key of the field without which it rejects every row.
    #[must_use]
    pub fn required_key(self) -> Option<&'static str> {
        self.required().map(|field| field.spec().key)
    }

    /// The field that every mapping has to give.
    pub(crate) fn required(self) -> Option<Field> {
        match self {
            Self::Track => Some(Field::EventName),
            Self::Group => Some(Field::GroupId),
            Self::Identify | Self::Page | Self::Screen => None,
        }
    }

    /// Writes the call's own fields after those that all calls share.
    pub(crate) fn write(self, payload: &Payload<'_>, call: &mut Writer<'_>) {
        match self {
            Self::Track => track::write(payload, call),
            Self::Identify => identify::write(payload, call),
            Self::Group => group::write(payload, call),
            Self::Page => page::write(payload, call),
            Self::Screen => screen::write(payload, call),
        }
        call.text("type", self.as_str());
    }

    /// Says what the Tracking API would drop the call for, without telling.
    pub(crate) fn ingest_problem(self, payload: &Payload<'_>) -> Option<IngestProblem> {
        ingest::problem(self, payload)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Action {
    type Err = UnknownAction;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == word)
            .ok_or_else(|| UnknownAction(word.to_owned()))
    }
}
