//! JSON lines, typed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use sonic_rs::LazyValue;
use xxhash_rust::xxh3::xxh3_128;

use super::Chain;
use super::event::{Attributes, Fields};

#[derive(Deserialize)]
struct Row<'r> {
    user_id: &'r str,
    anonymous_id: &'r str,
    email: &'r str,
    first_name: &'r str,
    last_name: &'r str,
    plan: &'r str,
    mrr: f64,
    is_active: bool,
    created_at: &'r str,
    updated_at: &'r str,
    city: &'r str,
    country: &'r str,
    postal_code: &'r str,
    ltv: f64,
    #[serde(borrow)]
    attributes: LazyValue<'r>,
}

pub(super) fn read(file: &Path, chain: &mut Chain) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(file)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let row: Row<'_> = sonic_rs::from_slice(&line)?;
        let fields = Fields {
            user_id: row.user_id,
            anonymous_id: row.anonymous_id,
            updated_at: row.updated_at,
            texts: [
                ("email", row.email),
                ("first_name", row.first_name),
                ("last_name", row.last_name),
                ("plan", row.plan),
            ],
            mrr: row.mrr,
            is_active: row.is_active,
            more_texts: [
                ("created_at", row.created_at),
                ("city", row.city),
                ("country", row.country),
                ("postal_code", row.postal_code),
            ],
            ltv: row.ltv,
            attributes: Attributes::Json(row.attributes.as_raw_str()),
        };
        chain.row(&fields, xxh3_128(&line))?;
        line.clear();
    }
    Ok(())
}
