//! What a run costs at AWS: list prices, and the formulas that they go into.

use std::num::NonZeroU32;

use serde::Serialize;

use super::figures::Estimate;
use super::reading::ratio;

/// A list price in US dollars, in us-east-1 (N. Virginia), without free tier, discounts and taxes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Price {
    pub(super) dollars: f64,
    pub(super) unit: &'static str,
    /// The page that it is on.
    pub(super) page: &'static str,
}

/// When the prices below were as they stand here.
pub(super) const PRICES_OF: &str = "June 2026";

const LAMBDA: &str = "aws.amazon.com/lambda/pricing";
const S3: &str = "aws.amazon.com/s3/pricing";

const LAMBDA_X86: Price = Price::of(0.000_016_666_7, "GB-second (x86_64)", LAMBDA);
const LAMBDA_ARM: Price = Price::of(0.000_013_333_4, "GB-second (arm64)", LAMBDA);
const LAMBDA_REQUEST: Price = Price::of(0.20 / 1e6, "invocation", LAMBDA);
const S3_WRITE: Price = Price::of(0.005 / 1e3, "PUT or LIST request", S3);
const S3_READ: Price = Price::of(0.0004 / 1e3, "GET or HEAD request", S3);
const SQS_REQUEST: Price = Price::of(0.40 / 1e6, "request", "aws.amazon.com/sqs/pricing");
const TRANSFER_OUT: Price = Price::of(0.09, "GB to the internet", "aws.amazon.com/ec2/pricing/on-demand");

/// Bytes of a GB as AWS bills transfer.
const GB: u64 = 1 << 30;

/// Bytes of CSV that a scheduler with one processor reads in a second to find where rows begin: what S3 gives one connection.
const PLANNED_PER_SECOND: u64 = 80_000_000;

/// Seconds of each invocation beside its work: reading the job, writing the outcome, a cold start now and then.
const OVERHEAD_SECONDS: f64 = 0.3;

/// Microseconds of one processor that a row costs a sender, with compression, whatever the format: twice what `tests/bench/run` measured, as
/// Lambda's processors are older.
const ROW_MICROSECONDS: u64 = 8;

/// MB of memory with which Lambda gives a function one processor (AWS Lambda Developer Guide, "Configure Lambda function memory"); less
/// gives a share of it, and a sender uses no second one.
const ONE_PROCESSOR_MB: u64 = 1_769;

/// Memory of scheduler and reporter in MB (infra/template.yaml).
const SCHEDULER_MB: u64 = 1_769;
const REPORTER_MB: u64 = 512;

/// Outcomes that the reporter is told of at once (infra/template.yaml).
const OUTCOMES_AT_ONCE: u64 = 100;

/// How the functions are deployed; the defaults are those of infra/template.yaml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct Deployment {
    /// MB of a sender.
    #[arg(long, value_name = "MB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(128..=10_240))]
    pub(super) sender_memory: u64,
    /// How many senders of one action run at once: the sync's rate is shared out among them.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(super) senders: u64,
    /// The functions are built for arm64.
    #[arg(long)]
    pub(super) arm64: bool,
}

impl Deployment {
    /// Returns how many senders share the rate.
    pub(crate) fn senders(self) -> NonZeroU32 {
        let senders = u32::try_from(self.senders).ok().and_then(NonZeroU32::new);
        senders.unwrap_or(NonZeroU32::MIN)
    }
}

/// One line of a bill.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) what: &'static str,
    pub(super) quantity: f64,
    /// How the quantity comes about, with its numbers.
    pub(super) formula: String,
    pub(super) price: Price,
    pub(super) dollars: f64,
}

/// What a run costs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cost {
    pub(super) items: Vec<Item>,
    pub(super) dollars_per_run: f64,
    pub(super) dollars_per_million_rows: f64,
    /// From the first call to the last, with that many senders.
    pub(super) seconds: f64,
}

impl Price {
    const fn of(dollars: f64, unit: &'static str, page: &'static str) -> Self {
        Self { dollars, unit, page }
    }
}

impl Item {
    fn of(what: &'static str, price: Price, quantity: f64, formula: String) -> Self {
        Self {
            what,
            quantity,
            formula,
            price,
            dollars: quantity * price.dollars,
        }
    }
}

impl Cost {
    /// Returns what a run with these counts costs.
    pub(super) fn of(estimate: &Estimate, deployment: Deployment) -> Self {
        let mut items = compute(estimate, deployment);
        items.extend(requests(estimate));
        items.push(Item::of(
            "data to Segment",
            TRANSFER_OUT,
            ratio(estimate.bytes.wire, GB),
            format!("{} bytes on the wire / 2^30", estimate.bytes.wire),
        ));
        let dollars_per_run = items.iter().map(|item| item.dollars).sum();
        Self {
            dollars_per_million_rows: dollars_per_run / ratio(estimate.rows, 1_000_000).max(1e-6),
            dollars_per_run,
            seconds: seconds(estimate, deployment),
            items,
        }
    }
}

/// Each sender keeps to its share of the rate, also where fewer jobs than senders are there to use it.
fn seconds(estimate: &Estimate, deployment: Deployment) -> f64 {
    let senders = deployment.senders;
    let idle = ratio(senders, estimate.jobs.clamp(1, senders));
    let working = row_seconds(estimate.rows, deployment) / ratio(estimate.jobs.clamp(1, senders), 1);
    (estimate.seconds * idle).max(working) + OVERHEAD_SECONDS
}

/// Returns how long one sender works on the rows if it has to wait for nothing.
fn row_seconds(rows: u64, deployment: Deployment) -> f64 {
    let processor = ratio(deployment.sender_memory.min(ONE_PROCESSOR_MB), ONE_PROCESSOR_MB);
    ratio(rows * ROW_MICROSECONDS, 1_000_000) / processor
}

fn compute(estimate: &Estimate, deployment: Deployment) -> Vec<Item> {
    let price = if deployment.arm64 { LAMBDA_ARM } else { LAMBDA_X86 };
    let Estimate { jobs, api_calls, .. } = *estimate;
    let (senders, memory, rate) = (deployment.senders, deployment.sender_memory, estimate.events_per_second);
    let waiting = ratio(api_calls, 1) * ratio(senders, u64::from(rate));
    let working = row_seconds(estimate.rows, deployment);
    let sending = waiting.max(working) + ratio(jobs, 1) * OVERHEAD_SECONDS;
    let sending_is = if waiting >= working {
        format!("{api_calls} calls × {senders} senders / {rate} a second")
    } else {
        let processor = memory.min(ONE_PROCESSOR_MB);
        format!(
            "{} rows × {ROW_MICROSECONDS} µs × {ONE_PROCESSOR_MB} / {processor} MB",
            estimate.rows
        )
    };
    let planning = ratio(estimate.bytes.read, PLANNED_PER_SECOND) + OVERHEAD_SECONDS;
    let reports = jobs.div_ceil(OUTCOMES_AT_ONCE) + 1;
    let reporting = ratio(reports, 1) * OVERHEAD_SECONDS + ratio(jobs, 1) * 0.01;
    vec![
        Item::of(
            "senders",
            price,
            sending * ratio(memory, 1_024),
            format!("({sending_is} + {jobs} jobs × {OVERHEAD_SECONDS} s) × {memory} MB / 1024"),
        ),
        Item::of(
            "scheduler",
            price,
            planning * ratio(SCHEDULER_MB, 1_024),
            format!(
                "({} bytes / {PLANNED_PER_SECOND} a second + {OVERHEAD_SECONDS} s) × {SCHEDULER_MB} MB / 1024",
                estimate.bytes.read
            ),
        ),
        Item::of(
            "reporter",
            price,
            reporting * ratio(REPORTER_MB, 1_024),
            format!(
                "({reports} invocations × {OVERHEAD_SECONDS} s + {jobs} outcomes × 0.01 s) × {REPORTER_MB} MB / 1024"
            ),
        ),
        Item::of(
            "invocations",
            LAMBDA_REQUEST,
            ratio(1 + jobs + reports, 1),
            format!("1 scheduler + {jobs} senders + {reports} reporter"),
        ),
    ]
}

fn requests(estimate: &Estimate) -> Vec<Item> {
    let (jobs, objects) = (estimate.jobs, estimate.basis.of_objects);
    let rejected = if estimate.mappings.iter().any(|mapping| mapping.rejected > 0) {
        jobs
    } else {
        0
    };
    let writes = objects + 2 * jobs + rejected + 3 + objects.div_ceil(1_000) + jobs.div_ceil(1_000) + 3;
    let reads = 3 * objects + 4 * jobs + 4;
    let messages = 6 * jobs;
    vec![
        Item::of(
            "s3 writes",
            S3_WRITE,
            ratio(writes, 1),
            format!("{objects} claims + {jobs} jobs + {jobs} outcomes + {rejected} rejected + plan, reports, lists"),
        ),
        Item::of(
            "s3 reads",
            S3_READ,
            ratio(reads, 1),
            format!(
                "{objects} objects × 3 at planning + {jobs} jobs × 4 (job, outcome asked for, chunk, outcome read)"
            ),
        ),
        Item::of(
            "sqs requests",
            SQS_REQUEST,
            ratio(messages, 1),
            format!("{jobs} jobs × (sent, received, deleted) × (job, outcome)"),
        ),
    ]
}
