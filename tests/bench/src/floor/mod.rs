//! The floor: the fastest chain that somebody would write by hand for this one table and mapping. It checks nothing, and accounts
//! for nothing: what Backhaul costs beside it is what its promises cost.

mod csv;
mod event;
mod jsonl;
mod parquet;
mod post;

use std::path::Path;

use anyhow::{Result, bail};

use event::{Body, Fields};
use post::Connection;

/// Carries a file to the sink at a port. Returns the rows.
pub(crate) fn carry(file: &Path, port: u16, gzip: bool) -> Result<u64> {
    let mut chain = Chain {
        body: Body::default(),
        connection: Connection::open(port, gzip)?,
        rows: 0,
    };
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl") => jsonl::read(file, &mut chain)?,
        Some("csv") => csv::read(file, &mut chain)?,
        Some("parquet") => parquet::read(file, &mut chain)?,
        _ => bail!("{} is no file of the table", file.display()),
    }
    chain.post()?;
    Ok(chain.rows)
}

/// From a row's fields to the sink.
struct Chain {
    body: Body,
    connection: Connection,
    rows: u64,
}

impl Chain {
    fn row(&mut self, fields: &Fields<'_>, hash: u128) -> Result<()> {
        self.rows += 1;
        self.body.add(fields, hash);
        if self.body.is_full() {
            self.post()?;
        }
        Ok(())
    }

    fn post(&mut self) -> Result<()> {
        if let Some(body) = self.body.finish() {
            self.connection.post(body)?;
            self.body.clear();
        }
        Ok(())
    }
}
