//! Which columns of an object a job's mappings read.

use std::collections::BTreeSet;

use ledger::{Changes, Fields, Job, JobSource, Mapping, Rows};
use mapping::{Trigger, columns_read};

/// Returns the columns that the job's rows are read for; `None` if that may be all of them.
///
/// Formats that store each column apart are then read for these alone. A row is what was read of it, in message ids and beside
/// rejected rows too: a record of which another column changed makes the same call, with the same id.
pub(crate) fn columns(job: &Job) -> Option<BTreeSet<String>> {
    let JobSource { rows, id, changes } = &job.source;
    if *rows == Rows::Events {
        return None;
    }
    let mut columns: BTreeSet<String> = id.iter().cloned().collect();
    if let Changes::Column(changes) = changes {
        columns.insert(changes.column.clone());
    }
    for mapping in &job.mappings {
        columns.extend(read_by(mapping, *rows)?);
    }
    Some(columns)
}

fn read_by(mapping: &Mapping, rows: Rows) -> Option<BTreeSet<String>> {
    let Fields::Given(fields) = &mapping.fields else {
        return None;
    };
    let mut columns = columns_read(fields)?;
    columns.extend(Trigger::parse(&mapping.trigger_text(rows)).ok()?.columns_read()?);
    Some(columns)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(mapping: serde_json::Value) -> Option<Vec<String>> {
        let mapping = serde_json::from_value(mapping).unwrap();
        read_by(&mapping, Rows::Records).map(|columns| columns.into_iter().collect())
    }

    #[test]
    fn columns_are_those_of_fields_and_trigger() {
        let mapping = json!({"name": "m", "action": "identify", "trigger": "properties.plan = 'free' and event = \"new\"",
            "fields": {"user_id": {"@path": "$.properties.id"}}});
        assert_eq!(read(mapping), Some(vec!["id".to_owned(), "plan".to_owned()]));
    }

    #[test]
    fn all_columns_are_read_where_fields_name_themselves_or_the_row_is_sent() {
        let auto = json!({"name": "m", "action": "identify", "fields": "auto"});
        let whole = json!({"name": "m", "action": "identify", "fields": {"traits": {"@path": "$.properties"}}});
        assert_eq!((read(auto), read(whole)), (None, None));
    }
}
