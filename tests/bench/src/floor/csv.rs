//! CSV, column by column.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use csv::{ReaderBuilder, StringRecord};
use xxhash_rust::xxh3::xxh3_128;

use super::Chain;
use super::event::{Attributes, Fields};

pub(super) fn read(file: &Path, chain: &mut Chain) -> Result<()> {
    let mut reader = ReaderBuilder::new()
        .buffer_capacity(1 << 20)
        .from_reader(File::open(file)?);
    let mut row = StringRecord::new();
    while reader.read_record(&mut row)? {
        let cell = |place: usize| row.get(place).context("a row is too short");
        let fields = Fields {
            user_id: cell(0)?,
            anonymous_id: cell(1)?,
            updated_at: cell(9)?,
            texts: [
                ("email", cell(2)?),
                ("first_name", cell(3)?),
                ("last_name", cell(4)?),
                ("plan", cell(5)?),
            ],
            mrr: cell(6)?.parse()?,
            is_active: cell(7)? == "true",
            more_texts: [
                ("created_at", cell(8)?),
                ("city", cell(10)?),
                ("country", cell(11)?),
                ("postal_code", cell(12)?),
            ],
            ltv: cell(13)?.parse()?,
            attributes: Attributes::Json(cell(15)?),
        };
        chain.row(&fields, xxh3_128(row.as_slice().as_bytes()))?;
    }
    Ok(())
}
