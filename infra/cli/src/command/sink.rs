//! `backhaul sink`

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
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
    /// Fail as told, e.g. `503:20%,reset-after:2%,storm:429:5s/60s,seed:7`: a status, reset, reset-after, stall, slow, or a 200 with a broken
    /// body (cut, chunks, length, html, garbage, huge), each with a share of requests; a storm is a status for all.
    #[arg(long, value_name = "SPEC")]
    fail: Option<Faults>,
    /// Answer 429 to more events a second, as Segment does; one second's worth may come at once.
    #[arg(long, value_name = "N")]
    max_events_per_second: Option<NonZeroU32>,
    /// Answer 429 to more requests a second.
    #[arg(long, value_name = "N")]
    max_requests_per_second: Option<NonZeroU32>,
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
        max_events_per_second: arguments.max_events_per_second,
        max_requests_per_second: arguments.max_requests_per_second,
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
        "{} requests: {} events accepted, {} duplicates ({} events sent again), {} dropped",
        counts.requests,
        counts.accepted,
        counts.duplicates,
        counts.sent_again,
        counts.dropped_total()
    );
    terminal.answer(&text, &counts);
    Ok(Exit::Done)
}
