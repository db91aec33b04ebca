//! What it takes to plan and report a run of many small objects, `scale folder 100000`, `scale s3 10000`, or to plan a terabyte.
//!
//! Each step is a process of its own, as a function's first invocation is, and prints its time on the wall, its CPU time and the most memory
//! that it had. An S3 server is another process, so that its work does not count.
#![expect(clippy::print_stdout, reason = "a program for developers")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::parent_id;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use ledger::{Document, Job, Outcome, Plan, Sync, Tally, Work, key};
use platform::{Aws, Location, Objects, Stores, list_all};
use reporter::RunState;
use scheduler::{FanOut, Splitting};
use serde_json::json;
use support::{S3Server, users};

const BUCKET: &str = "acme-extracts";

const SYNC: &str = r#"
sync: users
source: {extract: "s3://acme-extracts/users/", id: id, types: {age: number}}
destination: {write_key: {secret: test}}
mappings:
  - name: identify
    action: identify
    fields: {user_id: {"@path": "$.properties.id"}, traits: {"@path": "$.properties"}}
"#;

/// Rows of an object, which make a few hundred bytes.
const ROWS: usize = 16;

/// Messages that a queue hands out at once.
const BATCH: usize = 10;

/// How many outcomes are written at once.
const AT_ONCE: usize = 64;

/// Clock ticks in a second of `/proc/self/stat`, as Linux tells every program.
const TICKS: f64 = 100.0;

/// The steps, in their order. Those that write outcomes stand for senders.
const STEPS: [(&str, &str); 8] = [
    ("pass", "first pass"),
    ("pass", "second pass, nothing new"),
    ("plan", "reading the plan"),
    ("notified", "one object told of, 10 times"),
    ("outcomes", "(writing outcomes)"),
    ("open", "told of 100 outcomes, one missing"),
    ("last", "(writing the last outcome)"),
    ("report", "told of the last outcome"),
];

// The functions' own runtime.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["folder"] => folder(100_000),
        ["folder", count] => folder(count.parse()?),
        ["terabyte"] => terabyte(),
        ["s3"] => s3(100_000),
        ["s3", count] => s3(count.parse()?),
        ["serve", count] => serve(count.parse()?).await,
        ["step", step, name, place] => Site::at(place)?.measure(step, name).await,
        _ => bail!("say where the objects are to be: folder or s3"),
    }
}

fn folder(count: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let extract = folder.path().join("users");
    fs::create_dir_all(&extract)?;
    fs::create_dir_all(folder.path().join("ledger"))?;
    for number in 0..count {
        fs::write(extract.join(name(number)), users(ROWS))?;
    }
    run_steps(&format!("{count} objects"), &STEPS, &folder.path().to_string_lossy())
}

/// Plans a thousand objects of a gigabyte. Their files are sparse: all that there is of them is what planning looks at.
fn terabyte() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let extract = folder.path().join("users");
    fs::create_dir_all(&extract)?;
    fs::create_dir_all(folder.path().join("ledger"))?;
    let row = format!("{{\"id\":1,\"name\":\"{}\"}}\n", "n".repeat(370));
    for number in 0..1_000 {
        let mut file = fs::File::create(extract.join(format!("part-{number:06}.jsonl")))?;
        file.write_all(row.repeat(100).as_bytes())?;
        file.set_len(1_000_000_000)?;
    }
    run_steps("a terabyte", &STEPS[..3], &folder.path().to_string_lossy())
}

fn s3(count: usize) -> Result<()> {
    let mut server = Command::new(std::env::current_exe()?);
    server.args(["serve", &count.to_string()]).stdout(Stdio::piped());
    // It ends by itself when this process does, and removes its files then.
    let mut server = server.spawn()?;
    let mut url = String::new();
    BufReader::new(server.stdout.take().context("no output")?).read_line(&mut url)?;
    run_steps(&format!("{count} objects"), &STEPS, url.trim())
}

/// Serves a bucket with the extract until the process that asked for it ends.
async fn serve(count: usize) -> Result<()> {
    let asker = parent_id();
    let server = S3Server::start().await?;
    for number in 0..count {
        let key = format!("users/{}", name(number));
        server.write(BUCKET, &key, users(ROWS), Duration::ZERO)?;
    }
    let document = SYNC.replace("users/", "more/");
    server.write(BUCKET, "syncs/users.yaml", document, Duration::ZERO)?;
    server.write(BUCKET, "more/new.csv", users(ROWS), Duration::ZERO)?;
    println!("{}", server.url());
    while parent_id() == asker {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("part-{number:06}.csv")
}

fn run_steps(title: &str, steps: &[(&str, &str)], place: &str) -> Result<()> {
    println!("{title:<36}{:>10}{:>10}{:>12}", "wall s", "cpu s", "peak MB");
    for (step, name) in steps {
        let mut process = Command::new(std::env::current_exe()?);
        let status = process.args(["step", step, name, place]).status()?;
        ensure!(status.success(), "{name}: {status}");
    }
    Ok(())
}

/// Where the objects and the ledger are.
struct Site {
    stores: Arc<Stores>,
    ledger: Arc<dyn Objects>,
    extract: Location,
    sync: Sync,
}

impl Site {
    fn at(place: &str) -> Result<Self> {
        let is_s3 = place.starts_with("http:");
        let (stores, ledger, extract) = if is_s3 {
            let stores = Stores::new(Aws::at(place, "us-east-1", "test", "test"));
            let bucket = format!("s3://{BUCKET}");
            (stores, bucket.clone(), Location::parse(&format!("{bucket}/users/"))?)
        } else {
            let path = Path::new(place);
            let ledger = path.join("ledger").to_string_lossy().into_owned();
            (Stores::default(), ledger, Location::Path(path.join("users")))
        };
        Ok(Self {
            ledger: stores.open(&ledger)?,
            stores: Arc::new(stores),
            extract,
            sync: Sync::parse(SYNC).map_err(|problems| anyhow!("{problems:?}"))?,
        })
    }

    async fn measure(&self, step: &str, name: &str) -> Result<()> {
        // Whom to tell of what is found out before.
        let told = match step {
            "open" => self.first_outcomes(BATCH * 10).await?,
            "report" => self.first_outcomes(1).await?,
            _ => Vec::new(),
        };
        let (start, cpu) = (Instant::now(), cpu_seconds()?);
        let note = match step {
            "pass" => self.pass().await?,
            "plan" => self.plan().await?.1,
            "notified" => self.notified().await?,
            "outcomes" => self.outcomes(|place, count| place + 1 < count).await?,
            "last" => self.outcomes(|place, count| place + 1 == count).await?,
            "open" | "report" => self.report(&told).await?,
            _ => bail!("no step `{step}`"),
        };
        let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        println!("{name:<36}{wall:>10.2}{cpu:>10.2}{:>12.1}  {note}", peak_megabytes()?);
        Ok(())
    }

    async fn pass(&self) -> Result<String> {
        let scheduler = self.scheduler();
        let runs = scheduler::pass(
            &scheduler,
            &self.sync,
            std::slice::from_ref(&self.extract),
            FanOut::Queue,
        )
        .await?;
        ensure!(runs.len() == 1, "{} runs", runs.len());
        Ok(format!("{} jobs", runs[0].plan.job_count()))
    }

    fn scheduler(&self) -> scheduler::Context {
        scheduler::Context::new(Arc::clone(&self.stores), Arc::clone(&self.ledger), Splitting::default())
    }

    /// Returns the plan of the largest run, and its size.
    async fn plan(&self) -> Result<(Plan, String)> {
        let found = list_all(&*self.ledger, &key::run_prefix(&self.sync.name)).await?;
        let plans = found.iter().filter(|object| object.key.ends_with("/plan.json"));
        let largest = plans.max_by_key(|object| object.size).context("no plan")?;
        let json = self.ledger.get(&largest.key).await?.context("no plan")?;
        let note = format!("{:.1} MB", megabytes(largest.size));
        Ok((Plan::read(&largest.key, &json)?, note))
    }

    async fn notified(&self) -> Result<String> {
        if self.ledger.head("syncs/users.yaml").await?.is_none() {
            return Ok("no folder tells of its objects".to_owned());
        }
        let scheduler = self.scheduler();
        let object = json!({"bucket": {"name": BUCKET}, "object": {"key": "more/new.csv"}});
        for _ in 0..10 {
            let answer = scheduler::handle(&scheduler, json!({ "detail": object })).await?;
            ensure!(
                answer["runs"].as_array().is_some_and(|runs| runs.len() == 1),
                "{answer}"
            );
        }
        Ok(String::new())
    }

    /// Writes the outcomes of some jobs, by their place in the plan: each sent all its rows.
    async fn outcomes(&self, is_wanted: impl Fn(usize, usize) -> bool) -> Result<String> {
        let (plan, _) = self.plan().await?;
        let (count, mut writes) = (plan.job_count(), tokio::task::JoinSet::new());
        for (_, job) in plan.jobs().enumerate().filter(|&(place, _)| is_wanted(place, count)) {
            let key = key::outcome(&plan.sync.name, &plan.run, job.id);
            let (ledger, json) = (Arc::clone(&self.ledger), outcome(&plan, &job)?.to_json()?);
            if writes.len() == AT_ONCE {
                writes.join_next().await.context("no write")???;
            }
            writes.spawn(async move { ledger.put(&key, json.into()).await });
        }
        while let Some(write) = writes.join_next().await {
            write??;
        }
        Ok(String::new())
    }

    /// Returns the keys of the first outcomes of the largest run.
    async fn first_outcomes(&self, count: usize) -> Result<Vec<String>> {
        let runs = list_all(&*self.ledger, &key::run_prefix(&self.sync.name)).await?;
        let largest = runs.iter().max_by_key(|object| object.size).context("no run")?;
        let run = key::run_of_plan(&self.sync.name, &largest.key).context("no plan")?;
        let outcomes = self
            .ledger
            .list(&key::outcome_prefix(&self.sync.name, &run), None)
            .await?;
        Ok(outcomes.into_iter().take(count).map(|outcome| outcome.key).collect())
    }

    /// Tells the reporter of outcomes, as its queue does, and says how the run stands then.
    async fn report(&self, outcomes: &[String]) -> Result<String> {
        let reporter = reporter::Context::new(Arc::clone(&self.ledger));
        for batch in outcomes.chunks(BATCH) {
            let record = |key: &String| {
                let body = json!({"Records": [{"s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}]});
                json!({"messageId": key, "body": body.to_string()})
            };
            let records: Vec<_> = batch.iter().map(record).collect();
            let answer = reporter::handle(&reporter, json!({ "Records": records })).await?;
            ensure!(answer == json!({"batchItemFailures": []}), "{answer}");
        }
        let first = outcomes.first().context("no outcome")?;
        let run = key::parse_outcome(first)?.run;
        let report = key::report_json(&self.sync.name, &run);
        if self.ledger.head(&report).await?.is_none() {
            return Ok("open".to_owned());
        }
        match reporter::close(&reporter, &self.sync.name, &run).await? {
            RunState::Closed(report) => Ok(format!("{} rows", report.rows)),
            RunState::Open(open) => Err(open.into()),
        }
    }
}

/// Returns the outcome of a job that sent all its rows.
fn outcome(plan: &Plan, job: &Job) -> Result<Outcome> {
    let rows = ROWS as u64;
    let mut work = Work::nothing(job, plan.created_at);
    work.rows = rows;
    for number in 0..rows {
        work.users.insert_bytes(format!("{} {number}", job.id).as_bytes());
    }
    for mapping in &mut work.mappings {
        mapping.tally = Tally::new(rows, rows, 0, BTreeMap::new())?;
    }
    Ok(Outcome::done(job, work)?)
}

/// Returns the CPU time of this process, in it and in the kernel.
fn cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The program's name, in parentheses, may hold spaces.
    let (_, rest) = stat.rsplit_once(')').context("no name")?;
    let fields = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = fields.filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

fn peak_megabytes() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kilobytes: u64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    Ok(megabytes(kilobytes * 1024))
}

#[expect(clippy::cast_precision_loss, reason = "figures of three digits")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
