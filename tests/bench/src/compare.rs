//! Whether what arrived is what the plain evaluator makes of the table: no speed comes from leaving out checks.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use ledger::Sync;
use mapping_tests::plain::{self, Js, Object, Plain};

/// Compares the events in a file, in any order, with those of the plain evaluator, message ids excepted. Returns how many there are.
pub(crate) fn compare(document: &Path, table: &Path, events: &Path) -> Result<usize> {
    let sync = Sync::parse(&std::fs::read_to_string(document)?).map_err(|problems| anyhow!("{problems:?}"))?;
    let mapping = sync.mappings.first().context("no mapping")?;
    let fields = mapping.fields.given().context("the fields are not given")?;
    let plain = Plain::new(mapping.action, &fields.to_string())?;
    let arrived = arrived(events)?;
    let table = std::fs::read_to_string(table)?;
    for line in table.lines() {
        let expected = plain.call(&plain::event("new", Js::parse(line)?), None);
        let Js::Object(expected) = expected.map_err(|error| anyhow!(error))? else {
            bail!("the plain evaluator's event is no object")
        };
        let user = user(&expected)?;
        let event = arrived
            .get(&user)
            .with_context(|| format!("user {user} did not arrive"))?;
        ensure!(*event == expected, "user {user}: {event:?}\nand not {expected:?}");
    }
    let rows = table.lines().count();
    ensure!(arrived.len() == rows, "{} events of {rows} rows", arrived.len());
    Ok(rows)
}

/// Returns the events in a file by their user, without their message ids.
fn arrived(events: &Path) -> Result<BTreeMap<String, Object>> {
    let mut arrived = BTreeMap::new();
    for line in std::fs::read_to_string(events)?.lines() {
        let Js::Object(mut event) = Js::parse(line)? else {
            bail!("an event is no object")
        };
        let id = event.shift_remove("messageId");
        ensure!(id.is_some(), "an event has no message id: {line}");
        let again = arrived.insert(user(&event)?, event);
        ensure!(again.is_none(), "a user arrived twice: {line}");
    }
    Ok(arrived)
}

/// Returns whom an event is about.
fn user(event: &Object) -> Result<String> {
    let user = event.get("userId").context("an event has no user")?;
    Ok(serde_json::to_string(user)?)
}
