//! Which keys a record has: what is found out of one record holds for all others of its shape.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Record, Span, Value};

/// Bits that tell where in a record a field is. Fields that are further behind are looked for each time.
const PLACE_BITS: u32 = 16;
/// The place of a field that records of a shape do not have.
const NOWHERE: usize = (1 << PLACE_BITS) - 1;

/// Stands for the keys of a record at the top, as they are written, in their order. Records whose keys differ never share one; those whose
/// keys are the same may have two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(u64);

impl Shape {
    /// Of records of which nothing is known: each is looked at anew.
    pub const UNKNOWN: Self = Self(0);

    /// Returns a shape that no other record has.
    #[must_use]
    pub fn unique() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        // At a million a second they last for nine years.
        Self(COUNT.fetch_add(1, Ordering::Relaxed) << PLACE_BITS)
    }
}

/// Where a column was found last, and in which shape. No part of what is looked for: without it the same is found, only slower.
///
/// Both lie in one word, so that none is ever seen with another's.
#[derive(Debug, Default)]
pub(crate) struct Place(AtomicU64);

impl Clone for Place {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl Place {
    /// Returns the value of the field that is called `key`.
    #[inline]
    pub(crate) fn field<'a>(&self, record: &'a Record<'a>, key: &str) -> Value<'a> {
        let Some(shape) = record.shape() else {
            return Value::Record(record).property(key);
        };
        let found = record.fields().get(self.of(record, shape, key));
        found.map_or(Value::Undefined, |span| Value::of_json(record.value(span)))
    }

    /// Returns which of the record's fields is called `key`, one of those that it does not have if none is. `shape` is the record's.
    #[inline]
    pub(crate) fn of(&self, record: &Record<'_>, shape: Shape, key: &str) -> usize {
        let (known, place) = parts(self.0.load(Ordering::Relaxed));
        if known == shape && shape != Shape::UNKNOWN {
            place
        } else {
            self.find(record, shape, key, place)
        }
    }

    /// Looks for the field first where it was last: records of several shapes may have it in one place.
    fn find(&self, record: &Record<'_>, shape: Shape, key: &str, before: usize) -> usize {
        let fields = record.fields();
        let is_called = |span: &Span| record.is_called(span, key);
        let place = match fields.get(before) {
            Some(span) if is_called(span) => Some(before),
            _ => fields.iter().position(is_called),
        };
        if fields.len() <= NOWHERE {
            let word = shape.0 | place.unwrap_or(NOWHERE) as u64;
            self.0.store(word, Ordering::Relaxed);
        }
        place.unwrap_or(usize::MAX)
    }
}

/// Takes a word apart: the shape, and the place in it.
fn parts(word: u64) -> (Shape, usize) {
    let place = word & NOWHERE as u64;
    (Shape(word - place), usize::try_from(place).unwrap_or(NOWHERE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Index;

    /// A record of so many fields, of which the last is called `z`.
    fn wide(fields: usize) -> String {
        let before: Vec<_> = (1..fields).map(|at| format!("\"{at}\":0,")).collect();
        format!("{{{}\"z\":1}}", before.concat())
    }

    #[test]
    fn shapes_are_distinct_and_leave_room_for_a_place() {
        let (one, other) = (Shape::unique(), Shape::unique());
        assert_ne!(one, other);
        assert_ne!(one, Shape::UNKNOWN);
        assert_eq!(parts(one.0 | 7), (one, 7));
    }

    #[test]
    fn field_is_found_where_it_is_however_many_there_are_and_in_whatever_shape() {
        let place = Place::default();
        let texts = [wide(3), wide(NOWHERE), wide(NOWHERE + 1), wide(NOWHERE + 2)];
        let mut index = Index::default();
        for text in texts.iter().chain(&texts) {
            let record = index.of(text).unwrap();
            for shape in [record.shape().unwrap(), Shape::UNKNOWN] {
                let record = Record::of_shape(record.text(), record.fields(), Some(shape));
                for _ in 0..2 {
                    assert_eq!(format!("{:?}", place.field(&record, "z")), "RawNumber(\"1\")");
                    assert_eq!(format!("{:?}", Place::default().field(&record, "y")), "Undefined");
                }
            }
        }
    }

    #[test]
    fn field_that_a_shape_lacks_is_missed_only_there() {
        let place = Place::default();
        let mut index = Index::default();
        for (text, expected) in [
            (wide(2), "RawNumber(\"1\")"),
            ("{\"a\":1}".to_owned(), "Undefined"),
            ("{\"a\":2}".to_owned(), "Undefined"),
            (wide(NOWHERE + 2), "RawNumber(\"1\")"),
        ] {
            let record = index.of(&text).unwrap();
            assert_eq!(format!("{:?}", place.field(&record, "z")), expected);
        }
    }
}
