//! Rows of one object through its mappings into batches, as a sender's jobs do it.

use delivery::{Batch, Client, DeliveryError, Limits, Packer};
use extract::{BadRow, Row};
use ledger::{JobSource, Mapping, PlannedObject, Sync};
use mapping::Action;
use sender::{Made, Routes, SendError};

use super::figures::Figures;

/// The jobs that read one object: a packer for each action, emptied where a chunk ends.
pub(super) struct Packing<'s> {
    mappings: Vec<&'s Mapping>,
    /// Place of each mapping in the figures.
    places: Vec<usize>,
    routes: Routes,
    packers: Vec<(Action, Packer<()>)>,
    full: Vec<Batch<()>>,
    chunk: u64,
}

impl<'s> Packing<'s> {
    /// Returns the jobs of `object`.
    ///
    /// # Errors
    /// When a mapping does not compile.
    pub(super) fn of(sync: &'s Sync, object: &PlannedObject) -> Result<Self, SendError> {
        let path = object.path();
        let enabled = sync.mappings.iter().filter(|mapping| mapping.enabled).enumerate();
        let (places, mappings): (Vec<usize>, Vec<&Mapping>) =
            enabled.filter(|(_, mapping)| mapping.reads(&path)).unzip();
        let owned: Vec<Mapping> = mappings.iter().map(|&mapping| mapping.clone()).collect();
        let source = JobSource {
            rows: sync.source.rows,
            id: sync.source.id.clone(),
            changes: sync.source.changes.clone(),
        };
        let actions = Action::ALL.into_iter();
        let actions = actions.filter(|action| mappings.iter().any(|mapping| mapping.action == *action));
        Ok(Self {
            packers: actions.map(|action| (action, Packer::new(Limits::default()))).collect(),
            routes: Routes::compile(sync.name.as_str(), &source, &owned, &path)?,
            mappings,
            places,
            full: Vec::new(),
            chunk: 0,
        })
    }

    /// Returns how many jobs read each chunk of the object.
    pub(super) fn actions(&self) -> usize {
        self.packers.len()
    }

    /// Returns how many calls a job makes of a row, at most: of the action with most mappings.
    pub(super) fn calls_per_row(&self) -> u64 {
        let of = |action: &Action| self.mappings.iter().filter(|mapping| mapping.action == *action).count();
        let most = self.packers.iter().map(|(action, _)| of(action)).max();
        most.unwrap_or_default() as u64
    }

    /// Takes a row in that lies in chunk number `chunk` of its object.
    pub(super) fn row(&mut self, row: Result<Row<'_>, BadRow>, chunk: u64, figures: &mut Figures) {
        if chunk != self.chunk {
            self.finish();
            self.chunk = chunk;
        }
        figures.rows += 1;
        let event = row
            .ok()
            .and_then(|row| Some((self.routes.event(row.record).ok()?, row.offset)));
        for (index, (&place, mapping)) in self.places.iter().zip(&self.mappings).enumerate() {
            let counts = &mut figures.mappings[place];
            counts.rows += 1;
            let Some((event, offset)) = &event else {
                counts.rejected += 1;
                continue;
            };
            match self.routes.make(index, event, *offset) {
                Made::Filtered => counts.filtered += 1,
                Made::Rejected(_) => counts.rejected += 1,
                Made::Call { event, identity } => {
                    let packer = self.packers.iter_mut().find(|(action, _)| *action == mapping.action);
                    match packer.map(|(_, packer)| packer.push(event, ())) {
                        Some(Ok(full)) => {
                            figures.users.insert_bytes(identity);
                            counts.sent += 1;
                            self.full.extend(full);
                        }
                        _ => counts.rejected += 1,
                    }
                }
            }
        }
    }

    /// Closes the batches that are open: the chunk ends.
    pub(super) fn finish(&mut self) {
        self.full
            .extend(self.packers.iter_mut().filter_map(|(_, packer)| packer.finish()));
    }

    /// Hands the full batches to a client whose requests go nowhere, and counts them.
    ///
    /// # Errors
    /// Those of [`Client::deliver`].
    pub(super) async fn post(&mut self, client: &Client, figures: &mut Figures) -> Result<(), DeliveryError> {
        for batch in std::mem::take(&mut self.full) {
            let delivered = client.deliver(batch).await?;
            figures.requests += delivered.requests;
            figures.json += delivered.bytes_json;
            figures.wire += delivered.bytes_wire;
        }
        Ok(())
    }
}
