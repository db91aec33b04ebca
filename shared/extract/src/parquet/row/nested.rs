//! Lists, structs and maps.

use std::collections::HashSet;
use std::ops::Range;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{ArrowNativeType, OffsetBuffer, ScalarBuffer};
use mapping::write_json_string;

use super::Unfit;
use super::plan::{MemberPlan, Plan};
use super::values::Values;
use crate::MAX_ROW_BYTES;
use crate::value::ValueCheck;

/// Which items of the array below belong to a row.
pub(super) enum Ranges {
    Short(OffsetBuffer<i32>),
    Long(OffsetBuffer<i64>),
    /// Each row has as many.
    Fixed(usize),
    /// Where they begin, and how many they are.
    ShortViews(ScalarBuffer<i32>, ScalarBuffer<i32>),
    LongViews(ScalarBuffer<i64>, ScalarBuffer<i64>),
}

impl Ranges {
    fn of(&self, row: usize) -> Range<usize> {
        match self {
            Self::Short(offsets) => between(offsets, row),
            Self::Long(offsets) => between(offsets, row),
            Self::Fixed(size) => row * size..(row + 1) * size,
            Self::ShortViews(starts, sizes) => from(starts, sizes, row),
            Self::LongViews(starts, sizes) => from(starts, sizes, row),
        }
    }
}

fn between<O: ArrowNativeType>(offsets: &OffsetBuffer<O>, row: usize) -> Range<usize> {
    offsets[row].as_usize()..offsets[row + 1].as_usize()
}

fn from<O: ArrowNativeType>(starts: &ScalarBuffer<O>, sizes: &ScalarBuffer<O>, row: usize) -> Range<usize> {
    let start = starts[row].as_usize();
    start..start + sizes[row].as_usize()
}

/// An array of lists.
pub(super) struct Lists {
    ranges: Ranges,
    items: Values,
}

impl Lists {
    pub(super) fn of(array: &dyn Array, items: &Plan) -> Option<Self> {
        let (ranges, below) = if let Some(lists) = array.as_list_opt::<i32>() {
            (Ranges::Short(lists.offsets().clone()), lists.values())
        } else if let Some(lists) = array.as_list_opt::<i64>() {
            (Ranges::Long(lists.offsets().clone()), lists.values())
        } else if let Some(lists) = array.as_fixed_size_list_opt() {
            (Ranges::Fixed(lists.value_length().as_usize()), lists.values())
        } else if let Some(lists) = array.as_list_view_opt::<i32>() {
            let ranges = Ranges::ShortViews(lists.offsets().clone(), lists.sizes().clone());
            (ranges, lists.values())
        } else {
            let lists = array.as_list_view_opt::<i64>()?;
            let ranges = Ranges::LongViews(lists.offsets().clone(), lists.sizes().clone());
            (ranges, lists.values())
        };
        Some(Self {
            ranges,
            items: Values::load(below, items),
        })
    }

    pub(super) fn write(&self, row: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
        out.push(b'[');
        for (index, item) in self.ranges.of(row).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.items.write(item, json, out)?;
            check_length(out)?;
        }
        out.push(b']');
        Ok(())
    }
}

/// One field of a struct: what opens it, and its values.
pub(super) struct Member {
    opening: Vec<u8>,
    values: Values,
}

/// An array of structs.
pub(super) struct Structs(Vec<Member>);

impl Structs {
    pub(super) fn of(array: &dyn Array, members: &[MemberPlan]) -> Option<Self> {
        let columns = array.as_struct_opt()?.columns();
        let member = |member: &MemberPlan| {
            Some(Member {
                opening: member.opening.clone(),
                values: Values::load(columns.get(member.place)?, &member.plan),
            })
        };
        members.iter().map(member).collect::<Option<_>>().map(Self)
    }

    pub(super) fn write(&self, row: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
        if self.0.is_empty() {
            out.push(b'{');
        }
        for Member { opening, values } in &self.0 {
            out.extend_from_slice(opening);
            values.write(row, json, out)?;
            check_length(out)?;
        }
        out.push(b'}');
        Ok(())
    }
}

/// An array of maps.
pub(super) struct Maps {
    offsets: OffsetBuffer<i32>,
    keys: Values,
    values: Values,
}

impl Maps {
    pub(super) fn of(array: &dyn Array, keys: &Plan, values: &Plan) -> Option<Self> {
        let maps = array.as_map_opt()?;
        Some(Self {
            offsets: maps.offsets().clone(),
            keys: Values::load(maps.keys(), keys),
            values: Values::load(maps.values(), values),
        })
    }

    pub(super) fn write(&self, row: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let start = out.len();
        let entries = between(&self.offsets, row);
        let mut keys = Vec::with_capacity(entries.len());
        out.push(b'{');
        for (index, entry) in entries.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            let key = out.len();
            self.write_key(entry, json, out)?;
            keys.push(key..out.len());
            out.push(b':');
            self.values.write(entry, json, out)?;
            check_length(out)?;
        }
        out.push(b'}');
        if !are_distinct(&keys, out) {
            let written = String::from_utf8_lossy(&out[start..]).into_owned();
            out.truncate(start);
            out.extend_from_slice(json.value_in(&written).unwrap_or(&written).as_bytes());
        }
        Ok(())
    }

    /// JSON has no keys but text: any other becomes the text of its JSON.
    fn write_key(&self, entry: usize, json: &mut ValueCheck, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let start = out.len();
        self.keys.write(entry, json, out)?;
        if out.get(start) != Some(&b'"') {
            let key = String::from_utf8_lossy(&out[start..]).into_owned();
            out.truncate(start);
            write_json_string(&key, out);
        }
        Ok(())
    }
}

/// Whether no key is there twice. Keys that mean the same are written alike here.
fn are_distinct(keys: &[Range<usize>], out: &[u8]) -> bool {
    match keys {
        [] | [_] => true,
        [one, other] => out[one.clone()] != out[other.clone()],
        keys => {
            let mut seen = HashSet::with_capacity(keys.len());
            keys.iter().all(|key| seen.insert(&out[key.clone()]))
        }
    }
}

/// Holds the memory of a row to its limit, however many items there are.
fn check_length(out: &[u8]) -> Result<(), Unfit> {
    if out.len() > MAX_ROW_BYTES {
        Err(Unfit::TooLong)
    } else {
        Ok(())
    }
}
