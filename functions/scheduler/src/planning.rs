//! A run's plan, made of its extracts: several objects at a time, and those that cannot be read set apart.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use extract::{Chunk, Format, Layout};
use futures::{StreamExt, stream};
use ledger::{Document, FormatVersion, ObjectPin, Plan, PlannedObject, RunId, Sync, key};
use platform::{Created, MAX_SMALL_OBJECT, clock};

use crate::claim::known_plan;
use crate::cost::ChunkSize;
use crate::error::Fault;
use crate::extract::Extract;
use crate::object::Cutting;
use crate::scan::Scan;
use crate::{Context, ScheduleError, object, unread};

/// How many objects are looked at at once: most are small, and what takes time is the store's answer.
const PLANNED_AT_ONCE: usize = 32;

/// What is said after the reason why an object cannot be read.
const REMEDY: &str = "mend it and put it there again, then it is sent as a new extract";

/// Plans `run` and writes the plan, unless another scheduler was faster: then that one's plan is returned.
///
/// An object that cannot be read is planned as such: its jobs fail, the others are carried out. But where no object can be read, all for
/// one reason, and `is_proven` does not say that the document has fitted others, the mistake is taken to be in the sync
/// document: nothing is planned, so that the same objects are there for the corrected one.
///
/// # Errors
/// When no object can be read, all for one reason, or a store fails. Nothing is planned then.
pub(crate) async fn new_plan(
    context: &Context,
    sync: &Sync,
    run: RunId,
    extracts: &[Extract],
    is_proven: bool,
) -> Result<Plan, ScheduleError> {
    let plan = Plan {
        version: FormatVersion,
        run,
        created_at: clock::now(),
        sync: sync.clone(),
        sent_to: context.destination.clone(),
        landed_at: extracts.iter().filter_map(Extract::landed_at).min(),
        retry_of: None,
        objects: objects(context, sync, extracts, is_proven).await?,
    };
    unread::warn_of_types(&plan);
    let json = plan.to_json()?;
    if json.len() as u64 > MAX_SMALL_OBJECT {
        return Err(ScheduleError::PlanTooLarge {
            sync: sync.name.to_string(),
            objects: plan.objects.len(),
        });
    }
    let key = key::plan(&sync.name, &run);
    match context.ledger.create(&key, Bytes::from(json)).await? {
        Created::New => Ok(plan),
        // Another scheduler planned this run meanwhile; its plan is the one that counts.
        Created::Exists => Ok(known_plan(&*context.ledger, &sync.name, run).await?.unwrap_or(plan)),
    }
}

async fn objects(
    context: &Context,
    sync: &Sync,
    extracts: &[Extract],
    is_proven: bool,
) -> Result<Vec<PlannedObject>, ScheduleError> {
    let pins = extracts.iter().flat_map(|extract| &extract.objects);
    let cutting = &Cutting {
        size: ChunkSize::new(sync, context.splitting, pins.clone()),
        scan: Scan::default(),
        number_rows: context.splitting.number_rows,
    };
    let mut looks = stream::iter(pins)
        .map(|pin| look_at(context, sync, pin, cutting))
        .buffered(PLANNED_AT_ONCE);
    let mut planned = Vec::new();
    let (mut layouts, mut faults) = (Layouts::default(), Faults::new(is_proven));
    while let Some(look) = looks.next().await {
        let mut object = match look? {
            Look::Planned(object) => object,
            Look::Unreadable(pin, error) => {
                let object = unreadable(pin.clone(), sync, &error);
                faults.add(error);
                object
            }
        };
        faults.is_proven |= is_proof(&object);
        object.layout = layouts.shared(object.layout);
        planned.push(object);
    }
    faults.check().map(|()| planned)
}

/// What a look at an object brought.
enum Look<'e> {
    Planned(PlannedObject),
    Unreadable(&'e ObjectPin, ScheduleError),
}

async fn look_at<'e>(
    context: &Context,
    sync: &Sync,
    pin: &'e ObjectPin,
    cutting: &Cutting<'_>,
) -> Result<Look<'e>, ScheduleError> {
    if !unread::is_read(pin, sync) {
        return Ok(Look::Planned(object::planned(
            pin.clone(),
            any_layout(sync),
            Vec::new(),
            None,
        )));
    }
    let store = context.stores.open(&pin.store)?;
    match object::plan(&*store, pin.clone(), sync, cutting).await {
        Ok(object) => Ok(Look::Planned(object)),
        Err(error) if error.fault().is_some() => Ok(Look::Unreadable(pin, error)),
        Err(error) => Err(error),
    }
}

/// Returns the plan of an object that cannot be read: one chunk, so that each action's job says so.
fn unreadable(pin: ObjectPin, sync: &Sync, why: &ScheduleError) -> PlannedObject {
    tracing::error!(object = pin.key, error = %why, "object cannot be read, its jobs fail");
    let whole = Chunk {
        start: 0,
        end: pin.size,
        first_row: Some(1),
    };
    PlannedObject {
        unreadable: Some(format!("{why}; {REMEDY}")),
        ..object::planned(pin, any_layout(sync), vec![whole], None)
    }
}

/// Returns the layout of an object that nobody decodes.
fn any_layout(sync: &Sync) -> Layout {
    sync.source.layout(sync.source.chosen_format().unwrap_or(Format::Csv))
}

/// Whether a planned object shows that the document fits objects: it was found to be what the document says.
pub(crate) fn is_proof(object: &PlannedObject) -> bool {
    object.size > 0 && object.unreadable.is_none() && !object.chunks.is_empty()
}

/// Objects that could not be read, so far.
struct Faults {
    /// Whether the sync document has fitted an object.
    is_proven: bool,
    first: Option<(Fault, ScheduleError)>,
    are_alike: bool,
}

impl Faults {
    fn new(is_proven: bool) -> Self {
        Self {
            is_proven,
            first: None,
            are_alike: true,
        }
    }

    fn add(&mut self, error: ScheduleError) {
        let Some(fault) = error.fault() else { return };
        match &self.first {
            Some((first, _)) => self.are_alike &= *first == fault,
            None => self.first = Some((fault, error)),
        }
    }

    fn check(self) -> Result<(), ScheduleError> {
        match self.first {
            Some((_, error)) if self.are_alike && !self.is_proven => Err(error),
            _ => Ok(()),
        }
    }
}

/// The different layouts of a run, each kept once: a layout names every column, and a run may have a hundred thousand objects.
#[derive(Default)]
struct Layouts(HashSet<Arc<Layout>>);

impl Layouts {
    fn shared(&mut self, layout: Arc<Layout>) -> Arc<Layout> {
        if let Some(known) = self.0.get(&layout) {
            return Arc::clone(known);
        }
        self.0.insert(Arc::clone(&layout));
        layout
    }
}
