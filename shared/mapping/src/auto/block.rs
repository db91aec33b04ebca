//! Values that are built of columns: fixed objects, and trees of free keys.

use bumpalo::Bump;
use bumpalo::collections::Vec as ArenaVec;

use crate::action::{FieldKind as Kind, is_empty};
use crate::directive::{Directive, Evaluated};
use crate::json::order::array_index;
use crate::{Path, Value};

/// The value of one column, or of what is at a path inside it.
#[derive(Debug)]
pub(super) struct Column {
    /// The column's place in the row.
    pub(super) place: usize,
    /// Where in its value to look.
    pub(super) inside: Path,
}

impl Directive for Column {
    fn evaluate<'a>(&'a self, payload: Value<'a>, _: &'a Bump) -> Evaluated<'a> {
        Ok(self.inside.get(cell(payload, self.place)))
    }

    fn is_infallible(&self) -> bool {
        true
    }
}

/// Returns the value of the column at `place` of the row. Nothing is looked up: the row was found to have these columns.
fn cell(payload: Value<'_>, place: usize) -> Value<'_> {
    let (Value::Row(_, record) | Value::Record(record)) = payload else {
        return Value::Undefined;
    };
    let span = record.fields().get(place);
    span.map_or(Value::Undefined, |span| Value::of_json(record.value(span)))
}

/// An object with fixed keys, each from a column of its own. Without any value it is nothing, rather than `{}`.
#[derive(Debug)]
pub(super) struct Block(pub(super) Box<[(&'static str, Kind, usize)]>);

impl Directive for Block {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        let mut fields = ArenaVec::with_capacity_in(self.0.len(), arena);
        for &(key, kind, place) in &self.0 {
            let value = cell(payload, place);
            if !is_empty(kind, value, false) {
                fields.push((key, value));
            }
        }
        if fields.is_empty() {
            return Ok(Value::Undefined);
        }
        Ok(Value::Object(fields.into_bump_slice()))
    }

    fn is_infallible(&self) -> bool {
        true
    }
}

/// A value below a field with free keys.
#[derive(Debug)]
pub(super) enum Tree {
    /// A column.
    Leaf(usize),
    /// An object.
    Object(Vec<(String, Tree)>),
    /// An array: the keys were `0`, `1`, … without a gap.
    Array(Vec<Tree>),
}

impl Tree {
    /// Adds a column under `keys`.
    ///
    /// # Errors
    /// The place of the column that has this key, or a part of the way to it, already.
    pub(super) fn insert(&mut self, keys: &[String], place: usize) -> Result<(), usize> {
        let fields = match self {
            Self::Leaf(taken) => return Err(*taken),
            Self::Object(fields) => fields,
            // Arrays are made when everything is in.
            Self::Array(_) => return Ok(()),
        };
        let Some((key, rest)) = keys.split_first() else {
            return Err(self.first());
        };
        if let Some((_, inner)) = fields.iter_mut().find(|(known, _)| known == key) {
            return inner.insert(rest, place);
        }
        let mut inner = Self::Leaf(place);
        for key in rest.iter().rev() {
            inner = Self::Object(vec![(key.clone(), inner)]);
        }
        fields.push((key.clone(), inner));
        Ok(())
    }

    /// Returns the tree of a field with its keys in the order of the columns, and arrays where all keys of a value below
    /// it are `0`, `1`, …. The field itself is an object, whatever its keys.
    pub(super) fn arranged(self) -> Self {
        let Self::Object(fields) = self else { return self };
        Self::Object(Self::in_order(fields))
    }

    fn in_order(fields: Vec<(String, Self)>) -> Vec<(String, Self)> {
        let arranged = fields.into_iter().map(|(key, tree)| (key, tree.arranged_inside()));
        let mut fields: Vec<(String, Self)> = arranged.collect();
        fields.sort_by_key(|(_, tree)| tree.first());
        fields
    }

    fn arranged_inside(self) -> Self {
        let Self::Object(fields) = self else { return self };
        let mut fields = Self::in_order(fields);
        let mut indexes: Vec<Option<u32>> = fields.iter().map(|(key, _)| array_index(key)).collect();
        indexes.sort_unstable();
        if !indexes.iter().copied().eq((0..).take(fields.len()).map(Some)) {
            return Self::Object(fields);
        }
        fields.sort_by_key(|(key, _)| array_index(key));
        Self::Array(fields.into_iter().map(|(_, tree)| tree).collect())
    }

    /// The place of its first column.
    fn first(&self) -> usize {
        let least = match self {
            Self::Leaf(place) => return *place,
            Self::Object(fields) => fields.iter().map(|(_, tree)| tree.first()).min(),
            Self::Array(items) => items.iter().map(Self::first).min(),
        };
        least.unwrap_or_default()
    }

    fn value<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Value<'a> {
        match self {
            Self::Leaf(place) => cell(payload, *place),
            Self::Object(trees) => {
                let mut fields = ArenaVec::with_capacity_in(trees.len(), arena);
                for (key, tree) in trees {
                    let value = tree.value(payload, arena);
                    if !matches!(value, Value::Undefined) {
                        fields.push((key.as_str(), value));
                    }
                }
                Value::Object(fields.into_bump_slice())
            }
            Self::Array(trees) => {
                let mut items = ArenaVec::with_capacity_in(trees.len(), arena);
                let values = trees.iter().map(|tree| tree.value(payload, arena));
                items.extend(values.filter(|value| !is_blank(*value)));
                Value::Array(items.into_bump_slice())
            }
        }
    }
}

/// Whether there is nothing but nulls in a value. Rows have as many items as their longest list, so such items are none.
fn is_blank(value: Value<'_>) -> bool {
    match value {
        Value::Object(fields) => fields.iter().all(|(_, value)| is_blank(*value)),
        Value::Array(items) => items.iter().all(|value| is_blank(*value)),
        value => value.is_nullish(),
    }
}

impl Directive for Tree {
    fn evaluate<'a>(&'a self, payload: Value<'a>, arena: &'a Bump) -> Evaluated<'a> {
        Ok(self.value(payload, arena))
    }

    fn is_infallible(&self) -> bool {
        true
    }
}
