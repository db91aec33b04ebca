//! What a trigger looks at in an event, for those who want to know why a row was left out.

use std::collections::BTreeSet;

use bumpalo::Bump;

use super::Trigger;
use super::ast::{Field, Node};
use crate::{Event, Path, Value, to_json};

impl Trigger {
    /// Returns the fields that the trigger tests, each once, in its order, and what they hold in `event`: JSON text, or
    /// nothing where there is none.
    #[must_use]
    pub fn tested(&self, event: &Event<'_>) -> Vec<(String, Option<String>)> {
        let mut fields: Vec<(String, Option<String>)> = Vec::new();
        self.fql.root.each_field(&mut |field| {
            let Some((name, value)) = field.look(event) else { return };
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, to_json(value, &Bump::new())));
            }
        });
        fields
    }
}

impl Trigger {
    /// Returns the columns of a warehouse row that the trigger tests, each once.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<String> {
        let mut columns = BTreeSet::new();
        self.fql.root.each_field(&mut |field| {
            columns.extend(field.0.as_ref().and_then(Path::column).map(str::to_owned));
        });
        columns
    }

    /// Returns the columns of a warehouse row that the trigger can read; `None` if it tests the whole row.
    #[must_use]
    pub fn columns_read(&self) -> Option<BTreeSet<String>> {
        let mut is_whole = false;
        self.fql
            .root
            .each_field(&mut |field| is_whole |= field.0.as_ref().is_some_and(Path::leads_to_row));
        (!is_whole).then(|| self.columns())
    }
}

impl Node {
    fn each_field(&self, visit: &mut impl FnMut(&Field)) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.each_field(visit)),
            Self::Test(field, _) => visit(field),
            Self::Broken => {}
        }
    }
}

impl Field {
    /// Returns the field's name and value; none for one that is never there.
    fn look<'a>(&self, event: &'a Event<'a>) -> Option<(String, Value<'a>)> {
        let path = self.0.as_ref()?;
        Some((path.keys().join("."), path.get(Value::from(event))))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Change, Event, Index, Trigger};

    #[test]
    fn each_tested_field_is_told_once_with_its_value() {
        let trigger = Trigger::parse(
            "event = \"new\" and (properties.plan = \"free\" or properties.plan = \"pro\") and properties.seats > 3",
        )
        .unwrap();
        let mut index = Index::default();
        let event = Event::Row {
            change: Change::Updated,
            record: index.of(r#"{"plan":"free"}"#).unwrap(),
        };
        let expected = [
            ("event".to_owned(), Some("\"updated\"".to_owned())),
            ("properties.plan".to_owned(), Some("\"free\"".to_owned())),
            ("properties.seats".to_owned(), None),
        ];
        assert_eq!(trigger.tested(&event), expected);
        assert!(trigger.columns().iter().eq(["plan", "seats"]));
    }
}
