//! A sync's mappings, compiled once: from a row to the calls that it becomes.

use std::borrow::Cow;

use ledger::{Changes, ColumnChanges, Fields, Job, JobSource, Mapping, Rows};
use mapping::{Auto, Change, Compiled, Event, IngestProblem, Record, Rejection, Scratch, Trigger};

use crate::SendError;
use crate::message_id::MessageIds;

/// Why one row, or the call of one mapping for it, is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A stable word: the key under which reports count it.
    pub code: String,
    /// What is wrong, for people. Holds nothing of the row's content.
    pub message: String,
    /// What of the row's content is wrong, or what the API said of it. Kept with the row alone.
    pub detail: Option<String>,
    /// The field or column in question, if it is one.
    pub field: Option<String>,
}

/// What one mapping makes of one row.
#[derive(Debug)]
pub enum Made<'b> {
    /// A call.
    Call {
        /// The call as JSON: an item of a batch.
        event: &'b [u8],
        /// The id of whom it is about, as the call spells it.
        identity: &'b [u8],
    },
    /// The mapping's trigger does not match.
    Filtered,
    /// The row cannot become this call.
    Rejected(Reason),
}

/// One mapping.
#[derive(Debug)]
struct Route {
    trigger: Trigger,
    fields: RouteFields,
    ids: MessageIds,
}

/// How a mapping's fields are found.
#[derive(Debug)]
enum RouteFields {
    Given(Compiled),
    Auto(Auto),
}

impl RouteFields {
    fn of(&mut self, event: &Event<'_>) -> &Compiled {
        match self {
            Self::Given(compiled) => compiled,
            Self::Auto(auto) => auto.of(event),
        }
    }
}

/// The mappings of a job, and the buffers that they share row after row.
#[derive(Debug)]
pub struct Routes {
    mappings: Vec<Route>,
    rows: Rows,
    id: Option<String>,
    changes: Option<ColumnChanges>,
    scratch: Scratch,
    message_id: String,
    call: Vec<u8>,
}

impl Routes {
    /// Compiles the mappings of `job`.
    ///
    /// # Errors
    /// [`SendError::Mapping`] when a mapping does not compile, though it did when the run was planned.
    pub fn of_job(job: &Job) -> Result<Self, SendError> {
        let object = format!("{}/{}", job.object.store, job.object.key);
        Self::compile(job.sync.as_str(), &job.source, &job.mappings, &object)
    }

    /// Compiles `mappings` of the sync named `sync` for rows of `object`.
    ///
    /// # Errors
    /// [`SendError::Mapping`] for the first one that does not compile.
    pub fn compile(sync: &str, source: &JobSource, mappings: &[Mapping], object: &str) -> Result<Self, SendError> {
        let has_id = source.rows == Rows::Records && source.id.is_some();
        let route = |mapping: &Mapping| {
            let ids = MessageIds::new(sync, &mapping.fingerprint(), has_id, object);
            Route::compile(mapping, source.rows, ids)
        };
        let changes = match &source.changes {
            Changes::Column(changes) => Some(changes.clone()),
            Changes::None | Changes::Snapshot => None,
        };
        Ok(Self {
            mappings: mappings.iter().map(route).collect::<Result<_, _>>()?,
            rows: source.rows,
            id: source.id.clone().filter(|_| has_id),
            changes,
            scratch: Scratch::default(),
            message_id: String::new(),
            call: Vec::new(),
        })
    }

    /// Returns how many mappings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.mappings.len()
    }

    /// Whether there is no mapping.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mappings.is_empty()
    }

    /// Returns the event that mappings see of a row.
    ///
    /// # Errors
    /// The reason why no mapping can use the row: it has no identifier, or does not say what became of it. Segment discards
    /// such rows too (Segment docs, Reverse ETL, `ErrRecordNullUniqueID`, `ErrRecordMissingID`).
    pub fn event<'r>(&self, record: Record<'r>) -> Result<Event<'r>, Reason> {
        if self.rows == Rows::Events {
            return Ok(Event::Whole(record));
        }
        if let Some(id) = &self.id {
            check_id(id, &record)?;
        }
        let change = match &self.changes {
            None => Change::New,
            Some(changes) => change(changes, &record)?,
        };
        Ok(Event::Row { change, record })
    }

    /// Returns the fields that the trigger of mapping `index` tests, and what they hold in `event` as JSON text, if they are there.
    #[must_use]
    pub fn tested(&self, index: usize, event: &Event<'_>) -> Vec<(String, Option<String>)> {
        self.mappings[index].trigger.tested(event)
    }

    /// Returns what mapping `index` makes of `event`, whose row begins at byte `offset` of its object.
    pub fn make(&mut self, index: usize, event: &Event<'_>, offset: u64) -> Made<'_> {
        let route = &mut self.mappings[index];
        if !route.trigger.matches(event) {
            return Made::Filtered;
        }
        let (Event::Row { record, .. } | Event::Whole(record)) = event;
        route.ids.write(record.text(), offset, &mut self.message_id);
        self.call.clear();
        match route
            .fields
            .of(event)
            .call(event, Some(&self.message_id), &mut self.scratch, &mut self.call)
        {
            Err(rejection) => Made::Rejected(rejection.into()),
            Ok(call) => match call.ingest {
                Some(problem) => Made::Rejected(problem.into()),
                None => Made::Call {
                    event: &self.call,
                    identity: &self.call[call.identity],
                },
            },
        }
    }
}

impl Route {
    fn compile(mapping: &Mapping, rows: Rows, ids: MessageIds) -> Result<Self, SendError> {
        let problem = |problem: String| SendError::Mapping {
            mapping: mapping.name.clone(),
            problem,
        };
        let trigger = Trigger::parse(&mapping.trigger_text(rows)).map_err(|error| problem(error.to_string()))?;
        let fields = match &mapping.fields {
            Fields::Auto => RouteFields::Auto(Auto::new(mapping.action)),
            Fields::Given(fields) => {
                RouteFields::Given(Compiled::compile(mapping.action, fields).map_err(|problems| {
                    problem(problems.first().map(|first| first.message.clone()).unwrap_or_default())
                })?)
            }
        };
        Ok(Self { trigger, fields, ids })
    }
}

fn check_id(id: &str, record: &Record<'_>) -> Result<(), Reason> {
    let (code, problem) = match record.field(id) {
        None => ("record_missing_id", "has no identifier column"),
        Some("null" | "\"\"") => ("record_null_id", "has an empty identifier column"),
        Some(_) => return Ok(()),
    };
    let message = format!("the row {problem} `{id}`, which `source.id` names");
    Err(Reason {
        code: code.to_owned(),
        message,
        detail: None,
        field: Some(id.to_owned()),
    })
}

fn change(changes: &ColumnChanges, record: &Record<'_>) -> Result<Change, Reason> {
    let reason = |problem: &str| Reason {
        code: "unknown_change".to_owned(),
        message: format!(
            "column `{}` {problem}; `source.changes` lists what it may hold",
            changes.column
        ),
        detail: None,
        field: Some(changes.column.clone()),
    };
    let value = record.field(&changes.column).ok_or_else(|| reason("is missing"))?;
    changes
        .change_of(&plain(value))
        .ok_or_else(|| reason("holds a value that is no change"))
}

/// Returns what a JSON value says as text: a string's content, anything else as it is spelled.
fn plain(json: &str) -> Cow<'_, str> {
    if json.starts_with('"') {
        serde_json::from_str(json).unwrap_or(Cow::Borrowed(json))
    } else {
        Cow::Borrowed(json)
    }
}

impl From<Rejection> for Reason {
    fn from(rejection: Rejection) -> Self {
        // What a template says while it is rendered may quote the row.
        let (message, detail) = match rejection.class {
            "RenderError" => ("the template fails on this row".to_owned(), Some(rejection.message)),
            _ => (rejection.message, None),
        };
        Self {
            code: rejection.code.to_owned(),
            message,
            detail,
            field: rejection.field,
        }
    }
}

impl From<IngestProblem> for Reason {
    fn from(problem: IngestProblem) -> Self {
        let message = format!("segment would answer 200 and drop this call: {}", problem.message);
        Self {
            code: problem.code.to_owned(),
            message,
            detail: None,
            field: Some(problem.field.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use mapping::Index;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_template_says_of_a_row_stands_beside_the_row_only() {
        let mapping = json!({"name": "m", "action": "identify", "fields": {"user_id": "u",
            "traits": {"at": {"@liquid": "{{ '2026-01-01' | date: '%Y', properties.zone }}"}}}});
        let source = JobSource {
            rows: Rows::Records,
            id: None,
            changes: Changes::None,
        };
        let mappings = [serde_json::from_value(mapping).unwrap()];
        let mut routes = Routes::compile("users", &source, &mappings, "o").unwrap();
        let mut index = Index::default();
        let event = routes
            .event(index.of(r#"{"zone":"ada@example.com"}"#).unwrap())
            .unwrap();
        let Made::Rejected(reason) = routes.make(0, &event, 0) else {
            panic!("not rejected")
        };
        assert_eq!(
            (&*reason.code, &*reason.message),
            ("mapping_failed", "the template fails on this row")
        );
        assert!(reason.detail.is_some_and(|detail| detail.contains("ada@example.com")));
    }
}
