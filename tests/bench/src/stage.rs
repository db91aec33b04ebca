//! The way of rows into a sender, ended after a stage: what a stage takes is what it adds to the one before.

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use delivery::{Client, ClientSettings, Endpoint, Limits, Packer, WriteKey};
use extract::Decoder;
use ledger::Job;
use mapping::columns_read;
use platform::Stores;
use sender::{Made, Reading, Routes};

/// Where a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Stage {
    /// Bytes read, and kept: of text the whole job's, which takes longer than to pass them on.
    Read,
    /// Rows decoded.
    Decode,
    /// Trigger, mapping and checks.
    Map,
    /// Batches full.
    Pack,
}

/// Takes a job's rows in up to a stage. Returns the rows; of bytes alone, none.
pub(crate) async fn run(stores: &Stores, job: &Job, last: Stage) -> Result<u64> {
    let store = stores.open(&job.object.store)?;
    let (mut decoder, mut way) = (decoder(job)?, Way::new(job)?);
    let (mut reading, mut rows) = (Reading::new(store, &job.object), 0);
    loop {
        let more = reading.advance(&mut decoder).await?;
        while last > Stage::Read
            && let Some(row) = decoder.next_row()
        {
            let Ok(row) = row else { bail!("a row is bad") };
            rows += 1;
            if last > Stage::Decode {
                way.take(row, last)?;
            } else {
                std::hint::black_box(row);
            }
        }
        if !more {
            return Ok(rows);
        }
    }
}

/// The decoder as senders have it: of Parquet, only the columns that the mapping reads.
fn decoder(job: &Job) -> Result<Decoder> {
    let mapping = job.mappings.first().context("no mapping")?;
    let fields = mapping.fields.given().context("the fields are not given")?;
    let mut columns = columns_read(fields).context("the columns are not known")?;
    columns.extend(job.source.id.clone());
    Ok(Decoder::new(&job.layout, &job.chunk, job.object.size).only(&columns))
}

/// From rows to batches.
struct Way {
    routes: Routes,
    packer: Packer<()>,
}

impl Way {
    fn new(job: &Job) -> Result<Self> {
        let settings = ClientSettings::new(Endpoint::parse("http://127.0.0.1:9")?, WriteKey::parse("key")?);
        Ok(Self {
            routes: Routes::of_job(job)?,
            packer: Client::new(settings)?.packer(Limits::default()),
        })
    }

    fn take(&mut self, row: extract::Row<'_>, last: Stage) -> Result<()> {
        let Ok(event) = self.routes.event(row.record) else {
            bail!("a row is no event")
        };
        let Made::Call { event, identity } = self.routes.make(0, &event, row.offset) else {
            bail!("a row makes no call")
        };
        std::hint::black_box(identity);
        if last == Stage::Pack {
            let full = self.packer.push(event, ());
            std::hint::black_box(full.map_err(|large| anyhow::anyhow!("{large}"))?);
        } else {
            std::hint::black_box(event);
        }
        Ok(())
    }
}
