//! `fields: auto`: columns that carry a field's name map themselves.
//!
//! A column's name is a field's key of the mapping (`user_id`, `event_name`), the name that Segment's spec gives it
//! (`userId`, `event`, `context.ip`), or a dotted path below either (`traits.plan`, `context.device.id`). Case and the
//! separators `_`, `-` and blank make no difference, except below `traits`, `properties` and `consent`, whose keys are the
//! user's own. Of several columns for one field counts, in this order: a column for the field as a whole, columns for its
//! parts, what a column `context` holds; of equals the one with the mapping's name, then the first.
//!
//! A null gives no value to a field, as Segment's schema has it. Below `traits` and `properties` it is sent as it is, as it
//! would be if `@path` named the column: a trait that was emptied in the warehouse is emptied at Segment too.

mod block;
mod name;
mod plan;

use plan::Plan;

pub use plan::ColumnUse;

use crate::json::string::unescaped;
use crate::{Action, Compiled, Event, Record};

/// How many different sets of columns are kept ready. JSON lines of several kinds often take turns.
const KEPT: usize = 16;

/// The mapping of an action that goes by the columns of each row. It is worked out when a set of columns is met for the
/// first time; as long as rows have the same columns, nothing is looked up or allocated for them.
#[derive(Debug)]
pub struct Auto {
    action: Action,
    /// The most recent first.
    shapes: Vec<Shape>,
}

/// The mapping of rows with exactly these columns, in this order.
#[derive(Debug)]
struct Shape {
    /// As rows spell them.
    keys: Box<[Box<str>]>,
    compiled: Compiled,
}

impl Auto {
    /// Returns the mapping of `action`; it has met no row yet.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self {
            action,
            shapes: Vec::new(),
        }
    }

    /// Returns the mapping for the columns of this event's row: those of a warehouse row, or the fields of a Segment event.
    pub fn of(&mut self, event: &Event<'_>) -> &Compiled {
        let (Event::Row { record, .. } | Event::Whole(record)) = event;
        match self.shapes.iter().position(|shape| shape.fits(record)) {
            Some(0) => {}
            Some(place) => self.shapes[..=place].rotate_right(1),
            None => {
                self.shapes.truncate(KEPT - 1);
                self.shapes.insert(0, Shape::of(self.action, record));
            }
        }
        &self.shapes[0].compiled
    }
}

impl Shape {
    fn of(action: Action, record: &Record<'_>) -> Self {
        let keys: Vec<&str> = record.fields().iter().map(|field| record.key(field)).collect();
        let columns: Vec<String> = keys.iter().map(|key| unescaped(key).collect()).collect();
        Self {
            keys: keys.into_iter().map(Box::from).collect(),
            compiled: Plan::of(action, &columns).compiled(),
        }
    }

    fn fits(&self, record: &Record<'_>) -> bool {
        let fields = record.fields();
        fields.len() == self.keys.len()
            && fields
                .iter()
                .zip(&self.keys)
                .all(|(field, key)| *record.key(field) == **key)
    }
}

/// Returns what becomes of each of `columns`, in their order, in calls of `action` whose mapping says `fields: auto`.
#[must_use]
pub fn column_uses<S: AsRef<str>>(action: Action, columns: &[S]) -> Vec<ColumnUse> {
    Plan::of(action, columns).uses
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Auto, ColumnUse, column_uses};
    use crate::{Action, Change, Event, Index, Scratch};

    fn call_of(auto: &mut Auto, event: &Event<'_>) -> Json {
        let mut out = Vec::new();
        match auto.of(event).call(event, None, &mut Scratch::default(), &mut out) {
            Ok(_) => serde_json::from_slice(&out).unwrap(),
            Err(rejection) => json!(rejection.message),
        }
    }

    fn call(action: Action, row: &Json) -> Json {
        let text = row.to_string();
        let mut index = Index::default();
        let record = index.of(&text).unwrap();
        let event = Event::Row {
            change: Change::New,
            record,
        };
        let of_row = call_of(&mut Auto::new(action), &event);
        assert_eq!(
            of_row,
            call_of(&mut Auto::new(action), &Event::Whole(record)),
            "events map alike"
        );
        of_row
    }

    #[test]
    fn recipe_row_becomes_its_call() {
        let row = json!({"userId": "1", "name": "Tyler", "event": "test event", "properties.plan": "bronze",
            "properties.accountType": "Facebook", "context.ip": "175.154.50.123", "context.device.id": "1",
            "timestamp": "2019-05-11T20:32:27.940Z"});
        let expected = json!({"userId": "1", "timestamp": "2019-05-11T20:32:27.940Z", "event": "test event",
            "context": {"traits": {}, "consent": {}, "device": {"id": "1"}, "ip": "175.154.50.123"},
            "properties": {"plan": "bronze", "accountType": "Facebook"}, "type": "track"});
        assert_eq!(call(Action::Track, &row), expected);
    }

    #[test]
    fn nulls_give_no_field_but_are_sent_below_traits() {
        let row = json!({"USER_ID": 7, "ANONYMOUS_ID": null, "traits.plan": null, "TRAITS.address.city": "Ulm",
            "device.id": null, "context.network.wifi": "", "context.locale": null});
        let expected = json!({"userId": "7", "context": {"consent": {}}, "type": "identify",
            "traits": {"plan": null, "address": {"city": "Ulm"}}});
        assert_eq!(call(Action::Identify, &row), expected);
    }

    #[test]
    fn field_is_an_object_whatever_its_keys_and_depth_is_bounded() {
        let deep = format!("traits{}", ".a".repeat(40_000));
        let row = json!({"user_id": "u", "traits.0": "x", "traits.1": ["y"], deep.as_str(): 1});
        assert_eq!(call(Action::Identify, &row)["traits"], json!({"0": "x", "1": ["y"]}));
        assert_eq!(column_uses(Action::Identify, &[deep]), [ColumnUse::Unknown]);
    }

    #[test]
    fn numbered_keys_are_lists_without_their_empty_items() {
        let row = json!({"user_id": "u", "event": "e", "properties.products.0.sku": "a", "properties.products.0.price": null,
            "properties.products.1.sku": null, "properties.products.1.price": null, "properties.rest.1": "x"});
        let properties = &call(Action::Track, &row)["properties"];
        assert_eq!(
            *properties,
            json!({"products": [{"sku": "a", "price": null}], "rest": {"1": "x"}})
        );
    }

    #[test]
    fn columns_that_hold_objects_are_whole_blocks() {
        let row = json!({"user_id": "u", "event": "e", "properties": {"total": 1.50},
            "context": {"ip": "1.2.3.4", "device": {"id": "d", "colour": "red"}, "traits": {"plan": "pro"}}, "context.ip": "9.9.9.9"});
        let call = call(Action::Track, &row);
        assert_eq!(call["properties"], json!({"total": 1.5}));
        assert_eq!(
            call["context"],
            json!({"traits": {"plan": "pro"}, "consent": {}, "device": {"id": "d"}, "ip": "9.9.9.9"})
        );
    }

    #[test]
    fn first_of_several_columns_counts() {
        let columns = [
            "userId",
            "user_id",
            "event",
            "event_name",
            "traits.a.b",
            "traits.a",
            "device.id",
            "context.device",
            "context.ip",
            "email",
        ];
        let field = |name: &str| ColumnUse::Field(name.to_owned());
        let shadowed = |name: &str, by| ColumnUse::Shadowed {
            field: name.to_owned(),
            by,
        };
        assert_eq!(
            column_uses(Action::Track, &columns),
            [
                field("user_id"),
                shadowed("user_id", 0),
                shadowed("event_name", 3),
                field("event_name"),
                shadowed("traits.a.b", 5),
                field("traits.a"),
                shadowed("device.id", 7),
                field("device"),
                field("ip_address"),
                ColumnUse::Unknown,
            ]
        );
    }

    #[test]
    fn checks_and_messages_are_those_of_every_mapping() {
        assert_eq!(
            call(Action::Track, &json!({"user_id": "u", "properties": "{}"})),
            "The root value is missing the required field 'event_name'. Properties must be an object but it was a string."
        );
        assert_eq!(
            call(Action::Page, &json!({"email": "e"})),
            "Either `Anonymous ID` or `User ID` must be defined."
        );
    }

    #[test]
    fn follows_rows_whose_columns_change() {
        let mut auto = Auto::new(Action::Group);
        let rows = [
            (r#"{"userId":"a","groupId":"g"}"#, "a"),
            (r#"{"groupId":"g","userId":"b"}"#, "b"),
            (r#"{"groupId":"g","user\u0049d":"c"}"#, "c"),
            (r#"{"userId":"d","groupId":"g"}"#, "d"),
            (r#"{"userId":"x","userId":"e","groupId":"g"}"#, "e"),
        ];
        for _ in 0..20 {
            for (text, user) in rows {
                let mut index = Index::default();
                let event = Event::Whole(index.of(text).unwrap());
                assert_eq!(call_of(&mut auto, &event)["userId"], user, "{text}");
            }
        }
        assert_eq!(auto.shapes.len(), 3);
        for width in 0..2 * super::KEPT {
            let columns: Vec<String> = (0..=width).map(|column| format!("\"c{column}\":1")).collect();
            let text = format!("{{{}}}", columns.join(","));
            let mut index = Index::default();
            call_of(&mut auto, &Event::Whole(index.of(&text).unwrap()));
        }
        assert_eq!(auto.shapes.len(), super::KEPT, "memory does not grow with the rows");
    }
}
