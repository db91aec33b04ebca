#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, reason = "a program for developers")]

mod compare;
mod floor;
mod generate;
mod http;
mod level;
mod sender;
mod sink;
mod stage;
mod store;
mod table;
mod usage;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use serde_json::json;

use usage::Usage;

/// One part of the benchmark.
#[derive(Debug, Parser)]
enum Part {
    /// Writes the table in every format.
    Generate { folder: PathBuf, rows: u64 },
    /// Takes everything that is posted; says its port first.
    Sink {
        /// A file for the events.
        #[arg(long)]
        keep: Option<PathBuf>,
    },
    /// Answers as S3 would with the files of a folder; says its port first.
    Store { folder: PathBuf },
    /// Carries a file by the chain that is written for it.
    Floor {
        file: PathBuf,
        port: u16,
        #[arg(long)]
        gzip: bool,
    },
    /// Carries an extract as the sender functions do.
    Sender {
        document: PathBuf,
        extract: String,
        port: u16,
        #[arg(long)]
        gzip: bool,
        /// Ends after this stage.
        #[arg(long)]
        stage: Option<stage::Stage>,
    },
    /// Prints what each level of compression costs and saves, over a file of events.
    Levels { events: PathBuf },
    /// Compares what arrived with what the plain evaluator makes of the table.
    Compare {
        document: PathBuf,
        table: PathBuf,
        events: PathBuf,
    },
}

// As the functions: one thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    match Part::parse() {
        Part::Generate { folder, rows } => generate::generate(&folder, rows),
        Part::Sink { keep } => sink::serve(keep),
        Part::Store { folder } => store::serve(folder),
        Part::Floor { file, port, gzip } => {
            let before = Usage::now()?;
            let rows = floor::carry(&file, port, gzip)?;
            let done = Usage::now()?;
            let wall = (done.at - before.at).as_secs_f64();
            println!(
                "{}",
                json!({"rows": rows, "cpu": done.cpu - before.cpu, "wall": wall, "peak": done.peak})
            );
            Ok(())
        }
        Part::Sender {
            document,
            extract,
            port,
            gzip,
            stage,
        } => {
            println!("{}", sender::send(&document, &extract, port, gzip, stage).await?);
            Ok(())
        }
        Part::Levels { events } => level::levels(&events),
        Part::Compare {
            document,
            table,
            events,
        } => {
            println!(
                "{} events are those of the plain evaluator",
                compare::compare(&document, &table, &events)?
            );
            Ok(())
        }
    }
}
