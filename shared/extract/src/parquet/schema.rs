//! Which columns are read, and as which Arrow types.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use parquet::arrow::{FieldLevels, ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema};
use parquet::basic::Type as Physical;
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::SchemaDescriptor;

use super::guard::guarded;
use crate::ExtractError;

/// What is read of an object.
#[derive(Debug)]
pub(super) struct Projection {
    pub(super) levels: FieldLevels,
    /// The leaves of the columns that are read, as they count in the object.
    pub(super) leaves: Vec<usize>,
}

impl Projection {
    /// `columns`: the names of those that are read; all if `None`. Names of no column mean nothing.
    pub(super) fn new(metadata: &ParquetMetaData, columns: Option<&BTreeSet<String>>) -> Result<Self, ExtractError> {
        let file = metadata.file_metadata();
        let descr = file.schema_descr();
        let is_read = |name: &str| columns.is_none_or(|columns| columns.contains(name));
        let fields = file.schema().get_fields();
        let roots = fields.iter().enumerate().filter(|(_, field)| is_read(field.name()));
        let roots = roots.map(|(index, _)| index).collect::<Vec<_>>();
        let mask = ProjectionMask::roots(descr, roots);
        let leaves = (0..descr.num_columns())
            .filter(|leaf| mask.leaf_included(*leaf))
            .collect();
        let written = guarded(|| parquet_to_arrow_schema(descr, file.key_value_metadata()))
            .or_else(|_| guarded(|| parquet_to_arrow_schema(descr, None)))?;
        let asked = asked_for(&written, descr);
        let levels = guarded(|| parquet_to_arrow_field_levels(descr, mask, Some(&asked)))?;
        Ok(Self { levels, leaves })
    }
}

/// Returns the types that are asked for in place of those that the writer had.
///
/// Text and bytes are views into the pages, so that a long value that many rows share is in memory once, and dictionaries are
/// their values. Timestamps of 96 bits count nanoseconds, which in 64 bits end in 2262: they are read as microseconds.
fn asked_for(written: &Schema, descr: &SchemaDescriptor) -> Fields {
    let mut leaf = 0;
    fields(written.fields(), descr, &mut leaf)
}

fn fields(written: &Fields, descr: &SchemaDescriptor, leaf: &mut usize) -> Fields {
    written.iter().map(|one| field(one, descr, leaf)).collect()
}

fn field(written: &Field, descr: &SchemaDescriptor, leaf: &mut usize) -> Arc<Field> {
    let data_type = match written.data_type() {
        DataType::Struct(inside) => DataType::Struct(fields(inside, descr, leaf)),
        DataType::List(item) => DataType::List(field(item, descr, leaf)),
        DataType::LargeList(item) => DataType::LargeList(field(item, descr, leaf)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(field(item, descr, leaf), *size),
        DataType::ListView(item) => DataType::ListView(field(item, descr, leaf)),
        DataType::LargeListView(item) => DataType::LargeListView(field(item, descr, leaf)),
        DataType::Map(entries, sorted) => DataType::Map(field(entries, descr, leaf), *sorted),
        flat => {
            let is_96_bits = *leaf < descr.num_columns() && descr.column(*leaf).physical_type() == Physical::INT96;
            *leaf += 1;
            scalar(flat, is_96_bits)
        }
    };
    Arc::new(written.clone().with_data_type(data_type))
}

fn scalar(written: &DataType, is_96_bits: bool) -> DataType {
    match written {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Timestamp(_, zone) if is_96_bits => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::Dictionary(_, value) => scalar(value, is_96_bits),
        other => other.clone(),
    }
}
