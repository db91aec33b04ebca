//! What the API has.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Plan;

use super::Found;
use crate::extract::Fate;
use crate::world::World;

impl Found<'_> {
    /// Every call that an outcome counts as sent was taken; each under one id with one content; nothing else was.
    pub(super) fn calls(&mut self, plans: &[Plan]) {
        let expected = expected(self.world, plans);
        let mut ids: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let taken = self.world.api.with(|book| {
            self.figures.requests = book.requests;
            book.taken.clone()
        });
        for (id, event) in taken {
            self.figures.events += 1;
            self.figures.repeats += event.times - 1;
            let call = (event.call.0.as_str(), event.call.1.as_str());
            match expected.get(&call) {
                Some(value) if *value == event.value => {}
                Some(value) => self.wrong.push(format!(
                    "{call:?} was sent with {:?} in place of {value:?}",
                    event.value
                )),
                None => self.wrong.push(format!("{call:?} was sent, but should not")),
            }
            ids.entry(event.call.clone()).or_default().push(id);
        }
        for (call, ids) in ids.iter().filter(|(_, ids)| ids.len() > 1) {
            self.wrong.push(format!("{call:?} was sent as {ids:?}"));
        }
        for call in self.sent.iter().filter(|call| !ids.contains_key(*call)) {
            self.wrong.push(format!("{call:?} was never taken"));
        }
    }
}

/// Returns every call that may be sent of the rows of planned objects, with the value that it carries.
fn expected<'w>(world: &'w World, plans: &[Plan]) -> BTreeMap<(&'w str, &'w str), &'w str> {
    let objects = plans.iter().flat_map(|plan| &plan.objects);
    let planned: BTreeSet<(&str, &str)> = objects
        .map(|object| (object.key.as_str(), object.etag.as_str()))
        .collect();
    let is_mended = world.api.with(|book| book.is_mended);
    let mut calls = BTreeMap::new();
    let files = world.source.all_files();
    for file in files.filter(|file| planned.contains(&(file.key.as_str(), file.etag.as_str()))) {
        for row in &file.rows {
            for mapping in &world.source.mappings {
                if file.fate(row, mapping, is_mended) == Fate::Sent {
                    calls.insert((row.id.as_str(), mapping.name.as_str()), row.value.as_str());
                }
            }
        }
    }
    calls
}
