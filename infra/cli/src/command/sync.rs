//! `backhaul sync`

use std::path::PathBuf;

use ledger::{Plan, Report, RunStatus, Sync};
use platform::Location;
use reporter::RunState;
use scheduler::{FanOut, Run};

use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::session::Session;
use crate::terminal::{Terminal, note};
use crate::{auto_note, extract_path, jobs, runtime, warning};

/// Carry a sync out on this machine: read its extracts, map every row, send the calls.
///
/// Run again with the same state it goes on where it stopped; an extract that was sent is not sent again.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    pub(crate) sync: PathBuf,
    /// Read these extracts instead of `source.extract`: files, folders, patterns, s3://….
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) extract: Vec<String>,
    /// Send to this Tracking API; plain http only to this machine.
    #[arg(long, value_name = "URL", conflicts_with = "sink")]
    pub(crate) endpoint: Option<String>,
    /// Send to the built-in Tracking API simulator, which keeps accepted events in DIR/events.jsonl.
    #[arg(long, value_name = "DIR")]
    pub(crate) sink: Option<PathBuf>,
    /// The folder that stands for the ledger bucket.
    #[arg(long, value_name = "DIR", default_value = ".backhaul")]
    pub(crate) state: PathBuf,
    /// How many jobs are carried out at once [default: one for each processor].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// Split extracts into chunks of about this many bytes [default: what a job sends in about a minute].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(crate) chunk_bytes: Option<u64>,
    /// Post so many calls in one request at most [default: 2500, the most that the API takes].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=2_500))]
    pub(crate) batch_calls: Option<u16>,
    /// Note how far a job came whenever the API took so many calls: a job that is killed sends only those after that again [default: 20000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) checkpoint_calls: Option<u64>,
    /// Give up on a batch that could not be delivered for this long.
    #[arg(long, value_name = "SECONDS", default_value_t = GIVE_UP_AFTER)]
    pub(crate) give_up_after: u64,
}

/// Seconds until a batch that cannot be delivered is given up.
const GIVE_UP_AFTER: u64 = 30;

impl Default for Arguments {
    fn default() -> Self {
        Self {
            sync: PathBuf::new(),
            extract: Vec::new(),
            endpoint: None,
            sink: None,
            state: PathBuf::new(),
            threads: None,
            chunk_bytes: None,
            batch_calls: None,
            checkpoint_calls: None,
            give_up_after: GIVE_UP_AFTER,
        }
    }
}

impl Arguments {
    /// Returns how many jobs are carried out at once.
    pub(crate) fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        self.threads.map_or_else(processors, usize::from)
    }
}

/// Carries the sync out and prints the report of each run.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let document = Document::read(&arguments.sync)?;
    let sync = document.sync()?;
    if !sync.destination.enabled {
        return Err(CliError::Disabled {
            path: arguments.sync.clone(),
        });
    }
    runtime::start(arguments.threads())?.block_on(carry_out(arguments, &document, sync, terminal))
}

async fn carry_out(
    arguments: &Arguments,
    document: &Document,
    sync: &Sync,
    terminal: Terminal,
) -> Result<Exit, CliError> {
    let locations = extract_path::locate(&arguments.extract, &arguments.sync, &sync.source.extract)?;
    check_apart(arguments, &locations)?;
    let session = Session::open(arguments, sync).await?;
    let ended = runs(arguments, (document, sync), &locations, &session, terminal).await;
    // What the sink dropped is worth telling most where something went wrong.
    session.close().await?;
    ended
}

/// Refuses to write where extracts are read: what a run leaves would be the next one's extract. Hidden folders are not read.
fn check_apart(arguments: &Arguments, locations: &[Location]) -> Result<(), CliError> {
    let written = [("--sink", arguments.sink.as_ref()), ("--state", Some(&arguments.state))];
    for (option, folder) in written
        .into_iter()
        .filter_map(|(option, folder)| Some((option, folder?)))
    {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let path = here.map_or_else(|_| folder.clone(), |here| here.join(folder));
        let is_read = |location: &&Location| {
            let Location::Path(extract) = location else {
                return false;
            };
            let inside = path.strip_prefix(extract).ok().filter(|_| extract.is_dir());
            inside.is_some_and(|inside| !inside.iter().any(|name| name.to_string_lossy().starts_with('.')))
        };
        if let Some(extract) = locations.iter().find(is_read) {
            return Err(CliError::InsideExtract {
                option,
                folder: folder.clone(),
                extract: extract.to_string(),
            });
        }
    }
    Ok(())
}

async fn runs(
    arguments: &Arguments,
    (document, sync): (&Document, &Sync),
    locations: &[Location],
    session: &Session,
    terminal: Terminal,
) -> Result<Exit, CliError> {
    let runs = scheduler::pass(&session.scheduler, sync, locations, FanOut::Queue).await?;
    document.warn(&warning::missing_in_runs(document, sync, &runs));
    for run in runs.iter().filter(|run| !run.finished) {
        // An extract that is not what was planned any more fails its own jobs, not the run's others.
        if let Err(error) = auto_note::tell(&session.sender.stores, &run.plan.sync, &run.plan.objects).await {
            note(&format!("the extract's columns were not looked at: {error}"));
        }
    }
    warning::edited_document(&runs, sync);
    let (finished, open): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| run.finished);
    if open.is_empty() {
        note("nothing new: these extracts were sent before; this is their report");
        note("(to send them again, change them or take another --state folder)");
    }
    let mut exit = Exit::Done;
    for run in if open.is_empty() { &finished } else { &open } {
        let report = conclude(session, &run.plan).await?;
        terminal.report(&report, &arguments.state.display().to_string());
        if report.status != RunStatus::Succeeded {
            exit = Exit::Flawed;
        }
    }
    Ok(exit)
}

/// Carries out what is left of a run and closes it.
pub(crate) async fn conclude(session: &Session, plan: &Plan) -> Result<Report, CliError> {
    loop {
        match reporter::close(&session.reporter, &plan.sync.name, &plan.run).await? {
            RunState::Closed(report) => return Ok(*report),
            RunState::Open(open) => jobs::carry_out(session, plan, &open.missing).await?,
        }
    }
}
