#![doc = include_str!("../README.md")]

mod action;
mod auto;
mod check;
mod columns;
mod compiled;
mod directive;
mod error;
mod evaluation;
mod expression;
mod fields;
mod index;
mod json;
mod literal;
mod path;
mod problem;
mod property;
mod record;
mod trigger;
mod value;
mod written;

pub use action::{Action, FieldKind, FieldSpec, IngestProblem, UnknownAction};
pub use auto::{Auto, ColumnUse, column_uses};
pub use check::DIRECTIVES;
pub use columns::{Read, columns_read, reads};
pub use compiled::{Call, Compiled, Rejection, Scratch};
pub use error::{DirectiveError, RecordError};
pub use evaluation::{EvaluationError, Mode, UnknownMode, answer, refusal};
pub use fields::{Fields, RESERVED_KEYS, gives_all_fields, to_json};
pub use index::Index;
pub use json::string::{is_plain_json, unescape_json_string, write_json_string};
pub use json::validate::MAX_DEPTH;
pub use path::Path;
pub use problem::{Problem, Problems};
pub use record::{Change, Event, Record, Span};
pub use trigger::{Disagreement, Doubt, Fql, FqlError, Origin, Trigger, TriggerError};
pub use value::Value;
