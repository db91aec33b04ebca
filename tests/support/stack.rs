//! Everything that is deployed, in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use delivery::{Endpoint, Pace, RetryPolicy, WriteKey};
use jiff::{SignedDuration, Timestamp};
use ledger::{JobId, Plan, Report, Sync, key};
use mapping::Action;
use platform::{FolderObjects, Location, Metrics, Objects, Stores, list_all};
use reporter::RunState;
use scheduler::{FanOut, Run, Splitting};
use sender::{Deadline, JobEnd, Options, SendError, Terms, WriteKeys};
use serde_json::{Value, json};
use simulator::{Faults, Settings, Simulator};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{Call, Interposed};

/// A sync over `users.csv` with an identify mapping and, for adults, a track mapping.
const SYNC: &str = r#"
sync: users
source: {extract: users.csv, id: id, types: {age: number}}
destination: {write_key: {secret: test}}
mappings:
  - name: identify
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {"@path": "$.properties"}}
  - name: adult
    action: track
    trigger: event = "new" and properties.age >= 18
    fields: {user_id: {"@path": "$.properties.id"}, event_name: Adult}
"#;

/// The write key.
pub const KEY: &str = "test-write-key";

/// The file of metrics, beside the extract.
const METRICS: &str = "metrics.jsonl";

/// Returns a CSV extract of `count` users, aged 0 to 99 in turn.
#[must_use]
pub fn users(count: usize) -> String {
    let rows = (0..count).map(|id| format!("u{id},\"Name, {id}\",{}\n", id % 100));
    format!("id,name,age\n{}", rows.collect::<String>())
}

/// A scheduler that comes in between.
#[derive(Debug, Clone)]
pub struct OtherScheduler {
    context: scheduler::Context,
    sync: Sync,
}

impl OtherScheduler {
    /// Runs it over a file or folder.
    ///
    /// # Errors
    /// When it fails.
    pub async fn schedule(&self, path: PathBuf) -> Result<Vec<Run>> {
        let (Self { context, sync }, runtime) = (self.clone(), Handle::current());
        // On a thread of its own, which also asks nothing of the pass's future.
        let pass = move || runtime.block_on(scheduler::pass(&context, &sync, &[Location::Path(path)], FanOut::Queue));
        Ok(tokio::task::spawn_blocking(pass).await??)
    }
}

/// A ledger, an extract, the functions over them, and the simulator that they send to.
#[derive(Debug)]
pub struct Stack {
    folder: TempDir,
    simulator: Option<Simulator>,
    ledger: Arc<dyn Objects>,
    stores: Arc<Stores>,
    splitting: Splitting,
    sync: Sync,
    scheduler: scheduler::Context,
    options: Options,
    metrics: Metrics,
    sender: Arc<sender::Context>,
    reporter: reporter::Context,
}

impl Stack {
    /// Builds a stack whose API fails as `faults` says and whose extract holds `rows`, cut into chunks of about `chunk_bytes`.
    ///
    /// # Errors
    /// When a folder or a port cannot be had.
    pub async fn new(faults: &str, rows: &str, chunk_bytes: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("users.csv"), rows)?;
        let faults: Faults = faults.parse().map_err(|error| anyhow!("{error}"))?;
        let settings = Settings {
            out: Some(folder.path().join("out")),
            faults,
            ..Settings::default()
        };
        let simulator = Simulator::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings).await?;
        let stores = Arc::new(Stores::default());
        let state = folder.path().join("ledger");
        fs::create_dir(&state)?;
        let ledger: Arc<dyn Objects> = Arc::new(FolderObjects::new(state));
        let options = Options {
            endpoint: Some(Endpoint::parse(&simulator.url())?),
            retry: RetryPolicy {
                base: Duration::from_millis(2),
                cap: Duration::from_millis(20),
                max_tries: 50,
                ..RetryPolicy::BRIEF
            },
            pace: Some(Arc::new(Pace::unlimited())),
            ..Options::default()
        };
        let metrics = Metrics::to(fs::File::create(folder.path().join(METRICS))?);
        let sender = sender_over(&stores, &ledger, &options, &metrics)?;
        let splitting = Splitting {
            chunk_bytes: Some(chunk_bytes),
            ..Splitting::default()
        };
        Ok(Self {
            sync: Sync::parse(SYNC).map_err(|problems| anyhow!("{problems:?}"))?,
            scheduler: scheduler::Context::new(Arc::clone(&stores), Arc::clone(&ledger), splitting),
            stores,
            splitting,
            sender,
            options,
            reporter: reporter::Context::new(Arc::clone(&ledger)).with_metrics(metrics.clone()),
            metrics,
            ledger,
            simulator: Some(simulator),
            folder,
        })
    }

    /// Returns the path of a file beside the extract.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes files into the folder `drop` beside the extract, which is made if it is not there.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn drop_files<C: AsRef<[u8]>>(&self, files: &[(&str, C)]) -> Result<()> {
        for (name, content) in files {
            let path = self.path("drop").join(name);
            fs::create_dir_all(path.parent().context("no folder")?)?;
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// Changes the sync document.
    pub fn edit(&mut self, change: impl FnOnce(&mut Sync)) {
        change(&mut self.sync);
    }

    /// Plans for another destination from now on, which has extracts of its own.
    pub fn send_elsewhere(&mut self, destination: &str) {
        self.scheduler = self.scheduler.clone().with_destination(destination.to_owned());
    }

    /// Puts something between the ledger and the scheduler and reporter: `before` is done before each of their calls.
    pub fn interpose<F>(&mut self, before: impl Fn(Call) -> F + Send + std::marker::Sync + 'static) -> Arc<Interposed>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let interposed = Interposed::new(Arc::clone(&self.ledger), before);
        let ledger: Arc<dyn Objects> = Arc::clone(&interposed) as _;
        self.reporter = reporter::Context::new(Arc::clone(&ledger));
        self.scheduler = scheduler::Context::new(Arc::clone(&self.stores), ledger, self.splitting);
        interposed
    }

    /// Replaces all functions by others, whose ledger is what `over` makes of this one.
    ///
    /// # Errors
    /// When the senders' key is none.
    pub fn replace(&mut self, over: impl FnOnce(Arc<dyn Objects>) -> Arc<dyn Objects>) -> Result<()> {
        let ledger = over(Arc::clone(&self.ledger));
        self.reporter = reporter::Context::new(Arc::clone(&ledger));
        self.scheduler = scheduler::Context::new(Arc::clone(&self.stores), Arc::clone(&ledger), self.splitting);
        self.sender = sender_over(&self.stores, &ledger, &self.options, &self.metrics)?;
        Ok(())
    }

    /// Looks at the open runs as a whole pass does, so many hours from now.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn sweep_in(&self, hours: i64) -> Result<()> {
        let now = Timestamp::now() + SignedDuration::from_hours(hours);
        Ok(scheduler::sweep(&self.scheduler, &self.sync, now, &BTreeSet::new()).await?)
    }

    /// Changes how the sender delivers.
    ///
    /// # Errors
    /// When there is no sender with such options.
    pub fn tune(&mut self, change: impl FnOnce(&mut Options)) -> Result<()> {
        change(&mut self.options);
        self.sender = sender_over(&self.stores, &self.ledger, &self.options, &self.metrics)?;
        Ok(())
    }

    /// Puts something between the ledger and the sender: `before` is done before each of its calls.
    ///
    /// # Errors
    /// When there is no sender over such a ledger.
    pub fn interpose_sender<F>(&mut self, before: impl Fn(Call) -> F + Send + std::marker::Sync + 'static) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let ledger: Arc<dyn Objects> = Interposed::new(Arc::clone(&self.ledger), before);
        self.sender = sender_over(&self.stores, &ledger, &self.options, &self.metrics)?;
        Ok(())
    }

    /// Returns a scheduler over the same folders, with nothing in between.
    #[must_use]
    pub fn other_scheduler(&self) -> OtherScheduler {
        OtherScheduler {
            context: scheduler::Context::new(Arc::clone(&self.stores), Arc::clone(&self.ledger), self.splitting),
            sync: self.sync.clone(),
        }
    }

    /// Tells the reporter of outcomes, as its queue does.
    ///
    /// # Errors
    /// When it fails, or asks to be told again.
    pub async fn notify_reporter<'o>(&self, outcomes: impl IntoIterator<Item = &'o str>) -> Result<()> {
        let record = |key: &str| {
            let body = json!({"Records": [{"s3": {"bucket": {"name": "ledger"}, "object": {"key": key}}}]});
            json!({"messageId": key, "body": body.to_string()})
        };
        let records: Vec<Value> = outcomes.into_iter().map(record).collect();
        let answer = reporter::handle(&self.reporter, json!({ "Records": records })).await?;
        anyhow::ensure!(answer == json!({"batchItemFailures": []}), "{answer}");
        Ok(())
    }

    /// Carries out one job.
    ///
    /// # Errors
    /// When it cannot be.
    pub async fn send_job(&self, plan: &Plan, id: JobId) -> Result<JobEnd, SendError> {
        sender::run_job(
            &self.sender,
            &key::job(&plan.sync.name, &plan.run, id),
            &Terms::default(),
        )
        .await
    }

    /// Runs the scheduler and returns the one run that there is.
    ///
    /// # Errors
    /// When it fails, or finds more or fewer runs.
    pub async fn schedule(&self) -> Result<Run> {
        self.schedule_file("users.csv").await
    }

    /// Runs the scheduler over another file or folder beside the extract and returns the one run that there is.
    ///
    /// # Errors
    /// When it fails, or finds more or fewer runs.
    pub async fn schedule_file(&self, name: &str) -> Result<Run> {
        self.schedule_as(name, FanOut::Queue).await
    }

    /// As [`Stack::schedule_file`], for who hands jobs out as `fan_out` says.
    ///
    /// # Errors
    /// When it fails, or finds more or fewer runs.
    pub async fn schedule_as(&self, name: &str, fan_out: FanOut) -> Result<Run> {
        let locations = [Location::Path(self.path(name))];
        let mut runs = scheduler::pass(&self.scheduler, &self.sync, &locations, fan_out).await?;
        anyhow::ensure!(runs.len() == 1, "{} runs", runs.len());
        runs.pop().context("no run")
    }

    /// Runs the scheduler over files or folders beside the extract.
    ///
    /// # Errors
    /// When it fails.
    pub async fn schedule_files(&self, names: &[&str]) -> Result<Vec<Run>> {
        let locations: Vec<Location> = names.iter().map(|name| Location::Path(self.path(name))).collect();
        Ok(scheduler::pass(&self.scheduler, &self.sync, &locations, FanOut::Queue).await?)
    }

    /// Carries out every job of a plan, as often as it is given, several at once.
    ///
    /// # Errors
    /// The first error of a job, after all have ended.
    pub async fn send(&self, plan: &Plan) -> Result<Vec<JobEnd>, SendError> {
        let mut jobs = Vec::new();
        for id in plan.job_ids() {
            let (context, key) = (Arc::clone(&self.sender), key::job(&plan.sync.name, &plan.run, id));
            jobs.push(tokio::spawn(async move {
                sender::run_job(&context, &key, &Terms::default()).await
            }));
        }
        let mut ends = Vec::new();
        for job in jobs {
            ends.push(job.await.unwrap_or(Err(SendError::Panicked)));
        }
        ends.into_iter().collect()
    }

    /// Carries out one job, or a part of one.
    ///
    /// # Errors
    /// When it has no outcome.
    pub async fn send_part(&self, key: &str, terms: &Terms) -> Result<JobEnd, SendError> {
        sender::run_job(&self.sender, key, terms).await
    }

    /// Hands an event to the function that sends the calls of `action`.
    ///
    /// # Errors
    /// Those of the function.
    pub async fn invoke_sender(
        &self,
        action: Action,
        event: Value,
        deadline: Option<Deadline>,
    ) -> Result<Value, SendError> {
        sender::handle(&self.sender, action, event, deadline).await
    }

    /// Hands an event to the reporter.
    ///
    /// # Errors
    /// Those of the function.
    pub async fn invoke_reporter(&self, event: Value) -> Result<Value> {
        Ok(reporter::handle(&self.reporter, event).await?)
    }

    /// Carries out every job of a run and returns its report.
    ///
    /// # Errors
    /// When a job or the reporter fails.
    pub async fn carry_out(&self, run: &Run) -> Result<Report> {
        self.send(&run.plan).await?;
        self.report(&run.plan).await
    }

    /// Runs the reporter over a run.
    ///
    /// # Errors
    /// When it fails, or the run is still open.
    pub async fn report(&self, plan: &Plan) -> Result<Report> {
        match reporter::close(&self.reporter, &plan.sync.name, &plan.run).await? {
            RunState::Closed(report) => Ok(*report),
            RunState::Open(open) => Err(open.into()),
        }
    }

    /// Returns how many events arrived again so far.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.simulator
            .as_ref()
            .map_or(0, |simulator| simulator.counts().duplicates)
    }

    /// Stops the simulator and returns how often each message id was accepted.
    ///
    /// # Errors
    /// When its files cannot be read.
    pub async fn accepted(&mut self) -> Result<BTreeMap<String, usize>> {
        if let Some(simulator) = self.simulator.take() {
            simulator.stop().await?;
        }
        let mut ids = BTreeMap::new();
        for line in fs::read_to_string(self.path("out/events.jsonl"))?.lines() {
            let event: Value = serde_json::from_str(line)?;
            let id = event["messageId"].as_str().context("an event without message id")?;
            *ids.entry(id.to_owned()).or_default() += 1;
        }
        Ok(ids)
    }

    /// Returns the sum of every metric that was emitted.
    ///
    /// # Errors
    /// When a line is not of the embedded metric format.
    pub fn metrics(&self) -> Result<BTreeMap<String, f64>> {
        let mut sums = BTreeMap::new();
        for line in fs::read_to_string(self.path(METRICS))?.lines() {
            let line: Value = serde_json::from_str(line)?;
            let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array();
            for metric in metrics.context("no metrics")? {
                let name = metric["Name"].as_str().context("no name")?;
                *sums.entry(name.to_owned()).or_default() += line[name].as_f64().context("no value")?;
            }
        }
        Ok(sums)
    }

    /// Returns every object of the ledger with its content.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn ledger(&self) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut objects = BTreeMap::new();
        for object in list_all(&*self.ledger, "").await? {
            let content = self.ledger.get(&object.key).await?.context("listed, but not there")?;
            objects.insert(object.key, content.to_vec());
        }
        Ok(objects)
    }

    /// Returns the rejected rows of all jobs.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn rejected(&self) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        for (_, content) in self
            .ledger()
            .await?
            .iter()
            .filter(|(key, _)| key.starts_with("rejected/"))
        {
            let mut text = String::new();
            flate2::read::GzDecoder::new(content.as_slice()).read_to_string(&mut text)?;
            for line in text.lines() {
                rows.push(serde_json::from_str(line)?);
            }
        }
        Ok(rows)
    }
}

fn sender_over(
    stores: &Arc<Stores>,
    ledger: &Arc<dyn Objects>,
    options: &Options,
    metrics: &Metrics,
) -> Result<Arc<sender::Context>> {
    let keys = WriteKeys::fixed(WriteKey::parse(KEY)?);
    let sender = sender::Context::new(Arc::clone(stores), Arc::clone(ledger), keys, options.clone());
    Ok(Arc::new(sender.with_metrics(metrics.clone())))
}
