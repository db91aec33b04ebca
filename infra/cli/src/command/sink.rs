//! `backhaul sink`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use simulator::{Faults, Settings, Simulator};

use crate::error::CliError;
use crate::exit::Exit;
use crate::runtime;
use crate::terminal::Terminal;

/// Serve the Tracking API simulator on this machine, until interrupted.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8765)]
    port: u16,
    /// Keep accepted events in DIR/events.jsonl, dropped ones in DIR/dropped.jsonl.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Fail as told: status, reset, reset-after, stall, slow, each with a share of requests, e.g. `503:20%,reset:2%,seed:7`.
    #[arg(long, value_name = "SPEC")]
    fail: Option<Faults>,
}

/// Serves until Ctrl-C, then says what arrived.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    runtime::start(1)?.block_on(serve(arguments, terminal))
}

async fn serve(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let faults = arguments.fail.clone().unwrap_or_default();
    let settings = Settings {
        out: arguments.out.clone(),
        faults,
        ..Settings::default()
    };
    let simulator = Simulator::start(address, settings).await?;
    crate::terminal::note(&format!(
        "tracking api simulator at {}; stop it with ctrl-c",
        simulator.url()
    ));
    runtime::stopped().await;
    let counts = simulator.stop().await?;
    let text = format!(
        "{} requests: {} events accepted, {} duplicates, {} dropped",
        counts.requests,
        counts.accepted,
        counts.duplicates,
        counts.dropped_total()
    );
    terminal.answer(&text, &counts);
    Ok(Exit::Done)
}
