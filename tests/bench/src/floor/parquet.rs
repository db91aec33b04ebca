//! Parquet, by Arrow's columns.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use xxhash_rust::xxh3::xxh3_128;

use super::Chain;
use super::event::{Attributes, Fields};

pub(super) fn read(file: &Path, chain: &mut Chain) -> Result<()> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?
        .with_batch_size(1024)
        .build()?;
    for batch in reader {
        rows(&batch?, chain)?;
    }
    Ok(())
}

fn rows(batch: &RecordBatch, chain: &mut Chain) -> Result<()> {
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .with_context(|| format!("no column `{name}`"))
    };
    let names = [
        "user_id",
        "anonymous_id",
        "updated_at",
        "email",
        "first_name",
        "last_name",
        "plan",
        "created_at",
        "city",
        "country",
        "postal_code",
    ];
    let columns: Vec<&ArrayRef> = names.iter().map(|name| column(name)).collect::<Result<_>>()?;
    let texts: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
    let (mrr, ltv) = (
        column("mrr")?.as_primitive::<Float64Type>(),
        column("ltv")?.as_primitive::<Float64Type>(),
    );
    let is_active = column("is_active")?.as_boolean();
    let attributes = column("attributes")?.as_struct();
    let (theme, beta, seats) = (
        attributes.column(0).as_string::<i32>(),
        attributes.column(1).as_boolean(),
        attributes.column(2).as_primitive::<Int64Type>(),
    );
    for row in 0..batch.num_rows() {
        let text = |place: usize| texts[place].value(row);
        let fields = Fields {
            user_id: text(0),
            anonymous_id: text(1),
            updated_at: text(2),
            texts: [
                ("email", text(3)),
                ("first_name", text(4)),
                ("last_name", text(5)),
                ("plan", text(6)),
            ],
            mrr: mrr.value(row),
            is_active: is_active.value(row),
            more_texts: [
                ("created_at", text(7)),
                ("city", text(8)),
                ("country", text(9)),
                ("postal_code", text(10)),
            ],
            ltv: ltv.value(row),
            attributes: Attributes::Members(theme.value(row), beta.value(row), seats.value(row)),
        };
        chain.row(&fields, xxh3_128(text(0).as_bytes()))?;
    }
    Ok(())
}
