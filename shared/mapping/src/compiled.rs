//! One mapping of a sync, compiled once per job and called for every row.

use std::ops::Range;

use bumpalo::Bump;
use serde_json::Value as Json;

use crate::action::{Field, IngestProblem, Payload, SchemaError, Writer};
use crate::expression::Expression;
use crate::fields::{Fields, fields_of};
use crate::problem::{Problem, Problems};
use crate::written::Written;
use crate::{Action, DirectiveError, Event, FieldKind, Value};

/// An action and its compiled mapping.
#[derive(Debug)]
pub struct Compiled {
    action: Action,
    plan: Plan,
}

/// How the fields are found.
#[derive(Debug)]
enum Plan {
    /// Each field's expression, in the mapping's order. Without a field: of no use to the action, but it may fail.
    Fields(Box<[(Option<Field>, Expression)]>),
    /// A directive gives all fields at once.
    Root(Expression),
}

/// The memory of one row's evaluation, reused row after row.
#[derive(Debug, Default)]
pub struct Scratch {
    arena: Bump,
}

/// A call that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Where in the output the identity is: JSON text of `userId`, or of `anonymousId` if there is no user.
    pub identity: Range<usize>,
    /// What the Tracking API would drop the call for, without telling.
    pub ingest: Option<IngestProblem>,
}

/// Why a row gave no call. Message and class are Segment's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// `mapping_failed` (a directive failed) or `payload_validation_failed` (the fields break the action's schema).
    pub code: &'static str,
    /// The class of the error at Segment: `Error`, `RenderError`, `AggregateAjvError`, `PayloadValidationError` …
    pub class: &'static str,
    /// Segment's words.
    pub message: String,
    /// The first field that is wrong, if one is.
    pub field: Option<String>,
}

impl From<DirectiveError> for Rejection {
    fn from(error: DirectiveError) -> Self {
        Self {
            code: "mapping_failed",
            class: error.class(),
            message: error.to_string(),
            field: None,
        }
    }
}

impl From<SchemaError> for Rejection {
    fn from(error: SchemaError) -> Self {
        Self {
            code: "payload_validation_failed",
            class: "AggregateAjvError",
            message: error.message(),
            field: error.field().map(str::to_owned),
        }
    }
}

impl Rejection {
    /// A directive failed in this field, one of the action's.
    fn of_field(error: DirectiveError, field: Option<Field>) -> Self {
        Self {
            field: field.map(|field| field.spec().key.to_owned()),
            ..error.into()
        }
    }

    fn without_identity() -> Self {
        Self {
            code: "payload_validation_failed",
            class: "PayloadValidationError",
            message: "Either `Anonymous ID` or `User ID` must be defined.".to_owned(),
            field: Some(Field::UserId.spec().key.to_owned()),
        }
    }
}

impl Compiled {
    /// Checks and compiles a mapping for an action. Fields that the action does not know are dropped, as at Segment.
    ///
    /// # Errors
    /// Everything that is wrong with the mapping, each with its place.
    pub fn compile(action: Action, fields: &Json) -> Result<Self, Vec<Problem>> {
        Self::checked(action, fields).map_err(|problems| problems.list)
    }

    /// As [`Compiled::compile`], with Segment's class of the error.
    pub(crate) fn checked(action: Action, fields: &Json) -> Result<Self, Problems> {
        let whole = Fields::compile(fields)?;
        let plan = match (fields_of(fields), whole.into_root()) {
            (Some(_), Expression::Object(fields)) => Plan::Fields(planned(action, fields)),
            (_, root) => Plan::Root(root),
        };
        Ok(Self { action, plan })
    }

    /// Returns the mapping that gives each of these fields by its expression.
    pub(crate) fn of_fields(action: Action, fields: Vec<(Field, Expression)>) -> Self {
        let fields = fields.into_iter().map(|(field, expression)| (Some(field), expression));
        let plan = Plan::Fields(fields.collect());
        Self { action, plan }
    }

    /// Maps one event and appends the call's JSON to `out`; on an error `out` is as it was.
    ///
    /// `fallback_id` becomes the `messageId` if the mapping gives none.
    ///
    /// # Errors
    /// [`Rejection`] when a directive fails on the event or the fields break the action's schema.
    pub fn call(
        &self,
        event: &Event<'_>,
        fallback_id: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<Call, Rejection> {
        self.call_with(Value::from(event), fallback_id, scratch, out)
    }

    /// As [`Compiled::call`], on any payload.
    pub(crate) fn call_with(
        &self,
        payload: Value<'_>,
        fallback_id: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<Call, Rejection> {
        scratch.arena.reset();
        if !payload.is_object() {
            return Err(DirectiveError::not_an_object(payload.type_name()).into());
        }
        let mut fields = self.plan.resolve(self.action, payload, &scratch.arena)?;
        fields.validate(self.action)?;
        look_for_audience(payload)?;
        if !fields.get(Field::UserId).is_truthy() && !fields.get(Field::AnonymousId).is_truthy() {
            return Err(Rejection::without_identity());
        }
        if let Some(id) = fallback_id.filter(|_| !fields.get(Field::MessageId).is_truthy()) {
            fields.set(Field::MessageId, Value::Text(id));
        }
        let identity = write(self.action, &fields, out);
        Ok(Call {
            identity,
            ingest: self.action.ingest_problem(&fields),
        })
    }
}

/// Segment looks for an audience in every event before it makes the call, and stumbles over nulls on the way.
fn look_for_audience(payload: Value<'_>) -> Result<(), DirectiveError> {
    let stumbled = |message| Err(DirectiveError::new(message).of_class("TypeError"));
    match payload.property("context") {
        Value::Null => stumbled("Cannot destructure property 'personas' of '{}' as it is null."),
        context if matches!(context.property("personas"), Value::Null) => {
            stumbled("Cannot read properties of null (reading 'computation_class')")
        }
        _ => Ok(()),
    }
}

fn planned(action: Action, fields: Box<[(Box<str>, Expression)]>) -> Box<[(Option<Field>, Expression)]> {
    let known = |key: &str| action.fields().iter().find(|field| field.spec().key == key).copied();
    let fields = fields.into_iter().map(|(key, expression)| (known(&key), expression));
    fields
        .filter(|(field, expression)| field.is_some() || !expression.is_infallible())
        .map(|(field, expression)| (field, prepared(field, expression)))
        .collect()
}

/// Returns what gives a field's value fastest.
fn prepared(field: Option<Field>, expression: Expression) -> Expression {
    let is_free = field.is_some_and(|field| matches!(field.spec().kind, FieldKind::Free));
    let written = match &expression {
        Expression::Object(fields) if is_free => Written::of(fields),
        _ => None,
    };
    written.map_or(expression, |written| Expression::Directive(Box::new(written)))
}

impl Plan {
    fn resolve<'a>(&'a self, action: Action, payload: Value<'a>, arena: &'a Bump) -> Result<Payload<'a>, Rejection> {
        let mut fields = Payload::new(arena);
        match self {
            Self::Fields(plan) => {
                for (field, expression) in plan {
                    let evaluated = expression.evaluate(payload, arena);
                    let value = evaluated.map_err(|error| Rejection::of_field(error, *field))?;
                    if let Some(field) = field {
                        fields.set(*field, value);
                    }
                }
            }
            Self::Root(root) => {
                let given = root.evaluate(payload, arena)?;
                if !given.is_object() {
                    return Err(SchemaError::not_an_object(given).into());
                }
                for &field in action.fields() {
                    fields.set(field, given.property(field.spec().key));
                }
            }
        }
        Ok(fields)
    }
}

fn write(action: Action, fields: &Payload<'_>, out: &mut Vec<u8>) -> Range<usize> {
    let mut call = Writer::open(out);
    let user = call.field("userId", fields.get(Field::UserId));
    let anonymous = call.field("anonymousId", fields.get(Field::AnonymousId));
    action.write(fields, &mut call);
    call.close();
    let user = user.filter(|_| fields.get(Field::UserId).is_truthy());
    user.or(anonymous).unwrap_or_default()
}
