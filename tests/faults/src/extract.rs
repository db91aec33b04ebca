//! Extracts of a few hundred rows, and the fate that each row is to have in each mapping, worked out row by row from what was
//! written.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use mapping::Action;
use serde_json::{Value, json};

use crate::bucket::{PLACE, etag};
use crate::chance::Chance;

/// Values that the API refuses whatever they are with, each with its status.
pub const POISON_400: &str = "poison-400";
/// As [`POISON_400`].
pub const POISON_413: &str = "poison-413";

/// The sync's name.
pub const SYNC: &str = "people";

/// What becomes of a row in a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A call that the API takes.
    Sent,
    /// The trigger leaves it out.
    Filtered,
    /// Rejected by the mapping or the API, for this reason.
    Rejected(&'static str),
    /// The row cannot be used by any mapping, for this reason.
    Bad(&'static str),
}

/// One row as it was written.
#[derive(Debug, Clone)]
pub struct Row {
    /// What tells it from all others.
    pub id: String,
    /// Its first byte.
    pub offset: u64,
    age: u64,
    /// The text that calls carry.
    pub value: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    /// Its `who` is null: nobody to make a call about.
    Nobody,
    /// Its `age` is no number.
    BadAge,
    /// It has a cell too many, or is no JSON.
    Broken,
    /// Its value alone is more than an event may have.
    Huge,
    Poison400,
    Poison413,
}

/// Which rows a mapping is for.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    All,
    AtLeast(u64),
    Deleted,
}

/// A mapping and what is known of it.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// Its name.
    pub name: String,
    /// Its action.
    pub action: Action,
    trigger: Trigger,
}

/// One object of an extract.
#[derive(Debug, Clone)]
pub struct File {
    /// Its key.
    pub key: String,
    /// What lies under the key.
    pub body: Vec<u8>,
    /// Its content's tag.
    pub etag: String,
    /// Its rows, in order.
    pub rows: Vec<Row>,
    /// What becomes of it while it is sent, if anything does.
    pub later: Option<Later>,
    is_csv: bool,
}

/// What becomes of an object after it landed.
#[derive(Debug, Clone)]
pub struct Later {
    /// How long after.
    pub after: Duration,
    /// What takes its place; `None`: it is taken away.
    pub then: Option<Box<File>>,
    /// Whether it is put back before what it left is tried again.
    pub comes_back: bool,
}

/// What an object is to look like.
#[derive(Debug, Clone, Copy)]
struct Shape {
    number: u64,
    is_csv: bool,
    is_marked: bool,
    is_gzip: bool,
    /// What its rows' ids begin with.
    mark: &'static str,
}

/// A sync and its extracts.
#[derive(Debug, Clone)]
pub struct Source {
    /// The sync document.
    pub document: String,
    /// The mappings.
    pub mappings: Vec<Mapped>,
    /// The objects; which of them come together is the world's business.
    pub files: Vec<File>,
    /// Whether a folder is an extract once its marker is there.
    pub is_marked: bool,
}

impl Source {
    /// Draws a sync and its extracts.
    #[must_use]
    pub fn draw(chance: &Chance) -> Self {
        let mappings: Vec<Mapped> = (0..chance.between(1..=4))
            .map(|number| Mapped::draw(chance, number))
            .collect();
        let is_marked = chance.happens(0.3);
        let has_id = chance.happens(0.7);
        let is_csv = chance.happens(0.5);
        let count = chance.between(1..=3);
        let is_restless = chance.happens(0.1);
        let files: Vec<File> = (0..count)
            .map(|number| {
                let shape = Shape {
                    number,
                    is_csv,
                    is_marked,
                    is_gzip: chance.happens(0.15),
                    mark: "r",
                };
                let file = File::draw(chance, shape);
                if is_restless && chance.happens(0.7) {
                    file.with_later(chance, shape)
                } else {
                    file
                }
            })
            .collect();
        let rate = *chance.one_of(&[1_000, 1_000, 50, 10, 3]);
        let mut source = json!({"extract": format!("{PLACE}/extracts/{SYNC}/"), "format": if is_csv { "csv" } else { "jsonl" },
            "complete": if is_marked { "marker" } else { "object" }, "types": {"age": "number"}});
        if has_id {
            source["id"] = json!("id");
        }
        let document = json!({"sync": SYNC, "source": source,
            "destination": {"write_key": {"secret": "test"}, "max_events_per_second": rate},
            "mappings": mappings.iter().map(Mapped::document).collect::<Vec<_>>()});
        Self {
            document: document.to_string(),
            mappings,
            files,
            is_marked,
        }
    }

    /// Returns every object that there ever is, those that take another's place too.
    pub fn all_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().flat_map(|file| {
            let later = file.later.as_ref().and_then(|later| later.then.as_deref());
            [Some(file), later].into_iter().flatten()
        })
    }

    /// Returns the object that was under a key with this tag.
    #[must_use]
    pub fn file(&self, key: &str, etag: &str) -> Option<&File> {
        self.all_files().find(|file| file.key == key && file.etag == etag)
    }
}

impl Mapped {
    fn draw(chance: &Chance, number: u64) -> Self {
        let trigger = match chance.between(0..=5) {
            0 => Trigger::Deleted,
            1 | 2 => Trigger::AtLeast(chance.between(0..=100)),
            _ => Trigger::All,
        };
        Self {
            name: format!("m{number}"),
            action: *chance.one_of(&Action::ALL),
            trigger,
        }
    }

    fn document(&self) -> Value {
        let told =
            json!({"via": self.name, "row": {"@path": "$.properties.id"}, "value": {"@path": "$.properties.value"}});
        let mut fields = json!({"user_id": {"@path": "$.properties.who"}});
        match self.action {
            Action::Track => fields["event_name"] = json!("Seen"),
            Action::Group => fields["group_id"] = json!("g"),
            Action::Page => fields["page_name"] = json!("p"),
            Action::Screen => fields["screen_name"] = json!("s"),
            Action::Identify => {}
        }
        let object = if matches!(self.action, Action::Identify | Action::Group) {
            "traits"
        } else {
            "properties"
        };
        fields[object] = told;
        let mut document = json!({"name": self.name, "action": self.action, "fields": fields});
        match self.trigger {
            Trigger::All => {}
            Trigger::AtLeast(age) => {
                document["trigger"] = json!(format!("event = \"new\" and properties.age >= {age}"));
            }
            Trigger::Deleted => document["trigger"] = json!("deleted"),
        }
        document
    }

    fn takes(&self, row: &Row) -> bool {
        match self.trigger {
            Trigger::All => true,
            Trigger::AtLeast(age) => row.age >= age,
            Trigger::Deleted => false,
        }
    }
}

impl File {
    fn draw(chance: &Chance, shape: Shape) -> Self {
        let Shape {
            number,
            is_csv,
            is_marked,
            is_gzip,
            mark,
        } = shape;
        let count = match chance.between(0..=9) {
            0 => chance.between(0..=3),
            1 => chance.between(200..=600),
            _ => chance.between(10..=120),
        };
        let mut text = String::new();
        if is_csv {
            text.push_str("id,who,age,value\n");
        }
        let trouble = *chance.one_of(&[0.0, 0.02, 0.1]);
        let mut rows = Vec::new();
        let mut poisoned = 0;
        for at in 0..count {
            let mut row = Row::draw(chance, format!("{mark}{number}-{at}"), text.len() as u64, trouble);
            // So many refusals, before anything is taken, would be the key's fault.
            if matches!(row.kind, Kind::Poison400 | Kind::Poison413) {
                poisoned += 1;
                if poisoned > 6 {
                    row.kind = Kind::Good;
                    "plain".clone_into(&mut row.value);
                }
            }
            text.push_str(&if is_csv { row.csv() } else { row.json() });
            rows.push(row);
        }
        let folder = if is_marked { format!("{number}/") } else { String::new() };
        let ending = if is_csv { "csv" } else { "jsonl" };
        let (body, zip) = if is_gzip {
            (gzip(&text), ".gz")
        } else {
            (text.into_bytes(), "")
        };
        Self {
            key: format!("extracts/{SYNC}/{folder}part-{number}.{ending}{zip}"),
            etag: etag(&body),
            body,
            rows,
            later: None,
            is_csv,
        }
    }

    /// Returns the object that is changed, or taken away, while it is sent or some time after.
    fn with_later(self, chance: &Chance, shape: Shape) -> Self {
        let longest = *chance.one_of(&[2, 10, 120, 3_600]);
        let after = chance.millis(0..=longest * 1_000);
        let then = chance.happens(0.6).then(|| {
            let mark = "s";
            Box::new(Self::draw(chance, Shape { mark, ..shape }))
        });
        if then.as_ref().is_some_and(|then| then.etag == self.etag) {
            return self;
        }
        let later = Some(Later {
            after,
            then,
            comes_back: chance.happens(0.5),
        });
        Self { later, ..self }
    }

    /// Returns what is to become of a row in a mapping, `is_mended`: once the API takes what it used to refuse.
    #[must_use]
    pub fn fate(&self, row: &Row, mapping: &Mapped, is_mended: bool) -> Fate {
        match row.kind {
            Kind::BadAge => return Fate::Bad("bad_value"),
            Kind::Broken => return Fate::Bad(if self.is_csv { "wrong_column_count" } else { "bad_json" }),
            _ if !mapping.takes(row) => return Fate::Filtered,
            _ => {}
        }
        match row.kind {
            Kind::Nobody => Fate::Rejected("payload_validation_failed"),
            Kind::Huge => Fate::Rejected("event_too_large"),
            Kind::Poison400 | Kind::Poison413 if is_mended => Fate::Sent,
            Kind::Poison400 => Fate::Rejected("http_400"),
            Kind::Poison413 => Fate::Rejected("http_413"),
            _ => Fate::Sent,
        }
    }
}

impl Row {
    fn draw(chance: &Chance, id: String, offset: u64, trouble: f64) -> Self {
        let kind = if chance.happens(trouble) {
            *chance.one_of(&[
                Kind::Nobody,
                Kind::Nobody,
                Kind::BadAge,
                Kind::BadAge,
                Kind::Broken,
                Kind::Broken,
                Kind::Huge,
                Kind::Poison400,
                Kind::Poison413,
            ])
        } else {
            Kind::Good
        };
        let text = *chance.one_of(&["plain", "with, comma", "with \"quotes\"", "ünïcödé ☃", "two\nlines", ""]);
        let value = match kind {
            Kind::Huge => "x".repeat(33_000),
            Kind::Poison400 => format!("{POISON_400} {text}"),
            Kind::Poison413 => format!("{POISON_413} {text}"),
            _ => format!("v{} {text}", chance.between(0..=999)),
        };
        Self {
            id,
            offset,
            age: chance.between(0..=99),
            value,
            kind,
        }
    }

    fn csv(&self) -> String {
        let Self {
            id, age, value, kind, ..
        } = self;
        let who = if *kind == Kind::Nobody {
            String::new()
        } else {
            format!("u-{id}")
        };
        let age = if *kind == Kind::BadAge {
            "old".to_owned()
        } else {
            age.to_string()
        };
        let more = if *kind == Kind::Broken { ",more" } else { "" };
        format!("{id},{who},{age},\"{}\"{more}\n", value.replace('"', "\"\""))
    }

    fn json(&self) -> String {
        let Self {
            id, age, value, kind, ..
        } = self;
        let who = if *kind == Kind::Nobody {
            Value::Null
        } else {
            json!(format!("u-{id}"))
        };
        let age = if *kind == Kind::BadAge {
            json!("old")
        } else {
            json!(age)
        };
        let row = json!({"id": id, "who": who, "age": age, "value": value}).to_string();
        match kind {
            Kind::Broken => format!("{}\n", &row[..row.len() - 1]),
            _ => format!("{row}\n"),
        }
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    // A vector takes all that is written.
    let _ = zip.write_all(text.as_bytes());
    zip.finish().unwrap_or_default()
}
