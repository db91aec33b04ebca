//! What a sync on this machine works with: the folder that stands for the bucket, and where calls go.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use delivery::{Endpoint, Pace, RetryPolicy, WriteKey};
use ledger::{DEFAULT_EVENTS_PER_SECOND, Sync, WriteKeySource};
use platform::{FolderObjects, Objects, Secrets, Stores};
use scheduler::Splitting;
use sender::{Options, WriteKeys};
use simulator::{EMBEDDED_REMEMBERED_IDS, Settings, Simulator};

use crate::command::sync::Arguments;
use crate::error::CliError;
use crate::terminal::note;

/// Stands in for the write key where nothing leaves this machine.
const SINK_WRITE_KEY: &str = "backhaul-embedded-sink";

/// The contexts of scheduler, senders and reporter, over one folder.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) scheduler: scheduler::Context,
    pub(crate) sender: Arc<sender::Context>,
    pub(crate) reporter: reporter::Context,
    /// How many jobs are carried out at once.
    pub(crate) threads: usize,
    sink: Option<Simulator>,
}

impl Session {
    /// Opens the state folder, the sink if one is asked for, and checks that there is a write key.
    ///
    /// # Errors
    /// When the folder, the endpoint or the write key cannot be used.
    pub(crate) async fn open(arguments: &Arguments, sync: &Sync) -> Result<Self, CliError> {
        let ledger = folder(&arguments.state)?;
        let stores = Arc::new(Stores::default());
        let target = Target::open(arguments, sync).await?;
        let into_sink = target.sink.is_some();
        let usual = Options::default();
        let options = Options {
            endpoint: target.endpoint,
            retry: RetryPolicy {
                max_elapsed: Duration::from_secs(arguments.give_up_after),
                ..RetryPolicy::PATIENT
            },
            pace: Some(Arc::new(pace(sync, into_sink))),
            batch_events: arguments.batch_calls.map_or(usual.batch_events, usize::from),
            checkpoint_calls: arguments.checkpoint_calls.unwrap_or(usual.checkpoint_calls),
            ..usual
        };
        let keys = write_keys(sync, into_sink)?;
        let sender = Arc::new(sender::Context::new(
            Arc::clone(&stores),
            Arc::clone(&ledger),
            keys,
            options,
        ));
        sender.client(&sync.destination).await?;
        let threads = u32::try_from(arguments.threads()).ok().and_then(NonZeroU32::new);
        let splitting = Splitting {
            chunk_bytes: arguments.chunk_bytes,
            // They share one rate, so that on average each has its part of it, as a function has.
            senders: threads.unwrap_or(NonZeroU32::MIN),
            are_of_one_action: false,
            is_paced: !into_sink,
            // On one machine reading a file is cheap, and people look for the row by its number.
            number_rows: true,
        };
        let scheduler = scheduler::Context::new(stores, Arc::clone(&ledger), splitting);
        Ok(Self {
            scheduler: match target.name {
                Some(name) => scheduler.with_destination(name),
                None => scheduler,
            },
            sender,
            reporter: reporter::Context::new(ledger),
            threads: arguments.threads(),
            sink: target.sink,
        })
    }

    /// Closes the sink and says what it did not take, if anything.
    pub(crate) async fn close(self) -> Result<(), CliError> {
        let Some(sink) = self.sink else { return Ok(()) };
        let counts = sink.stop().await?;
        if counts.dropped_total() > 0 {
            crate::terminal::note(&format!(
                "the sink dropped {} events: {:?}",
                counts.dropped_total(),
                counts.dropped
            ));
        }
        Ok(())
    }
}

/// Where calls go.
struct Target {
    /// What claims call it; `None` for Segment.
    name: Option<String>,
    /// Its address; `None` for Segment's own.
    endpoint: Option<Endpoint>,
    sink: Option<Simulator>,
}

impl Target {
    async fn open(arguments: &Arguments, sync: &Sync) -> Result<Self, CliError> {
        if let Some(out) = &arguments.sink {
            let sink = start_sink(out).await?;
            // A trial is of this document into this folder: once either is another, it is another trial.
            let name = format!("{} {}", sink_id(out)?, sync.fingerprint()?);
            return Ok(Self {
                name: Some(name),
                endpoint: Some(Endpoint::parse(&sink.url())?),
                sink: Some(sink),
            });
        }
        let endpoint = arguments.endpoint.as_deref().map(Endpoint::parse).transpose()?;
        Ok(Self {
            name: endpoint.as_ref().map(ToString::to_string),
            endpoint,
            sink: None,
        })
    }
}

/// Returns what tells this sink from others, made with it: a folder of the same name made anew is another sink.
fn sink_id(out: &Path) -> Result<String, CliError> {
    let path = out.join(".sink-id");
    let failed = |source| CliError::File {
        path: path.clone(),
        doing: "use sink folder",
        source,
    };
    match std::fs::read_to_string(&path) {
        Ok(id) => Ok(id),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let id = format!("{:032x}", fastrand::u128(..));
            std::fs::write(&path, &id).map_err(failed)?;
            Ok(id)
        }
        Err(error) => Err(failed(error)),
    }
}

fn folder(state: &Path) -> Result<Arc<dyn Objects>, CliError> {
    let failed = |source| CliError::File {
        path: state.to_owned(),
        doing: "use state folder",
        source,
    };
    std::fs::create_dir_all(state).map_err(failed)?;
    Ok(Arc::new(FolderObjects::new(state.canonicalize().map_err(failed)?)))
}

async fn start_sink(out: &Path) -> Result<Simulator, CliError> {
    let settings = Settings {
        out: Some(out.to_owned()),
        remembered_ids: EMBEDDED_REMEMBERED_IDS,
        ..Settings::default()
    };
    Ok(Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings).await?)
}

/// The rate protects a Segment workspace; into a sink on this machine calls go as fast as they can.
fn pace(sync: &Sync, into_sink: bool) -> Pace {
    let rate = sync
        .destination
        .max_events_per_second
        .unwrap_or(DEFAULT_EVENTS_PER_SECOND);
    if into_sink {
        Pace::unlimited()
    } else {
        Pace::new(NonZeroU32::new(rate))
    }
}

/// Into a sink on this machine any key will do: none is fetched from Secrets Manager, and a variable that is not set is worth a
/// remark, since the real run will need it.
fn write_keys(sync: &Sync, into_sink: bool) -> Result<WriteKeys, CliError> {
    let source = &sync.destination.write_key;
    if !into_sink {
        return Ok(WriteKeys::of_document(source.clone()));
    }
    if let WriteKeySource::Env { name } = source
        && let Err(error) = Secrets::from_env(name)
    {
        note(&format!("warning: {error} (not needed for --sink)"));
    }
    Ok(WriteKeys::fixed(WriteKey::parse(SINK_WRITE_KEY)?))
}
