//! A run's outcomes, folded; its report, written once.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt, stream};
use ledger::{Document, FoldError, JobPart, Open, Outcome, Plan, Report, ReportBuilder, RunId, SyncName, key};
use platform::{Created, Meta, ObjectError, Objects, pages};

use crate::waiting::leave_missing;
use crate::{Context, ReportError, finished, html};

/// How many outcomes are read at once. Most are small, and what takes time is the store's answer.
const READS_AT_ONCE: usize = 64;

/// How often an outcome is read that cannot be read for now, with a wait before each time: of the many that a large run has, one alone must
/// not undo what was read of the others.
const MAX_READS: u32 = 4;
const READ_PAUSE: Duration = Duration::from_millis(200);

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// Every job has its outcome; the report is in the ledger.
    Closed(Box<Report>),
    /// Some jobs have no outcome yet.
    Open(Open),
}

/// Closes a run, if every job of its plan has an outcome, by writing its report; of several reporters the first one's counts. Outcomes are
/// read only once a listing shows that none is missing.
///
/// # Errors
/// When the ledger cannot be read or written, or does not add up. Trying again changes nothing that was written.
#[tracing::instrument(name = "run", skip_all, fields(%sync, %run))]
pub async fn close(context: &Context, sync: &SyncName, run: &RunId) -> Result<RunState, ReportError> {
    // Boxed: nested by value it is more than the compiler takes.
    Box::pin(look_at(context, sync, run)).await
}

async fn look_at(context: &Context, sync: &SyncName, run: &RunId) -> Result<RunState, ReportError> {
    let ledger = &*context.ledger;
    // Whatever comes of this look: what is remembered of a closed run would only take the place of an open one's.
    let known = context.waiting.take(sync, run);
    let report_key = key::report_json(sync, run);
    if let Some(json) = ledger.get(&report_key).await? {
        return Ok(RunState::Closed(Box::new(Report::read(&report_key, &json)?)));
    }
    let (mut missing, plan) = if let Some(missing) = &known {
        (missing.clone(), None)
    } else {
        let plan = plan(ledger, sync, run).await?;
        (plan.job_ids().map(JobPart::from).collect(), Some(plan))
    };
    leave_missing(ledger, sync, run, &mut missing).await?;
    if let Some(few) = known.filter(|known| missing.is_empty() && known.len() <= READS_AT_ONCE) {
        missing = left_by(ledger, sync, run, few).await?;
    }
    if !missing.is_empty() {
        context.waiting.keep(sync, run, missing.clone());
        return Ok(RunState::Open(Open { run: *run, missing }));
    }
    let plan = match plan {
        Some(plan) => plan,
        None => self::plan(ledger, sync, run).await?,
    };
    let report = match fold(ledger, &plan).await? {
        Ok(report) => report,
        Err(open) => {
            context.waiting.keep(sync, run, open.missing.clone());
            return Ok(RunState::Open(open));
        }
    };
    // The page for people first: once report.json is there the run counts as closed.
    ledger
        .create(&key::report_html(sync, run), Bytes::from(html::page(&report)))
        .await?;
    finished::announce(context, &report).await;
    if ledger.create(&report_key, Bytes::from(report.to_json()?)).await? == Created::New {
        finished::measure(context, &plan, &report);
    }
    tracing::info!(status = ?report.status, rows = report.rows, "run finished");
    Ok(RunState::Closed(Box::new(report)))
}

/// Returns a run's plan.
///
/// # Errors
/// When it is not there, or cannot be read.
pub(crate) async fn plan(ledger: &dyn Objects, sync: &SyncName, run: &RunId) -> Result<Plan, ReportError> {
    let key = key::plan(sync, run);
    let Some(plan) = ledger.get(&key).await? else {
        return Err(ReportError::PlanMissing {
            sync: sync.to_string(),
            run: run.to_string(),
        });
    };
    Ok(Plan::read(&key, &plan)?)
}

async fn fold(ledger: &dyn Objects, plan: &Plan) -> Result<Result<Report, Open>, ReportError> {
    let prefix = key::outcome_prefix(&plan.sync.name, &plan.run);
    let mut builder = ReportBuilder::new(plan);
    let listed = pages(ledger, &prefix).map_ok(|page| stream::iter(page.into_iter().map(Ok::<_, ObjectError>)));
    let reads = listed.try_flatten().map_err(ReportError::from);
    let read = async |object: Meta| {
        let found = outcome(ledger, &object.key).await?;
        Ok(found.ok_or(ObjectError::NotFound { object: object.key })?)
    };
    let outcomes = reads.map_ok(read).try_buffered(READS_AT_ONCE);
    let mut outcomes = pin!(outcomes);
    while let Some(outcome) = outcomes.try_next().await? {
        builder.add(&outcome)?;
    }
    match builder.finish() {
        Ok(report) => Ok(Ok(report)),
        Err(FoldError::Open(open)) => Ok(Err(open)),
        Err(FoldError::Ledger(error)) => Err(error.into()),
    }
}

/// Returns the parts without an outcome that jobs come to from these parts on. A job that stops again and again, the last of a large run, is
/// followed so, and all outcomes are not read each time.
async fn left_by(
    ledger: &dyn Objects,
    sync: &SyncName,
    run: &RunId,
    parts: Vec<JobPart>,
) -> Result<Vec<JobPart>, ReportError> {
    let left_by = async |mut part: JobPart| {
        while let Some(outcome) = outcome(ledger, &key::outcome(sync, run, part)).await? {
            if outcome.status.is_last() {
                return Ok(None);
            }
            part = part.next();
        }
        Ok(Some(part))
    };
    let left = stream::iter(parts).map(left_by).buffered(READS_AT_ONCE);
    left.try_filter_map(async |part| Ok(part)).try_collect().await
}

/// Returns the outcome of a part, if it has one.
async fn outcome(ledger: &dyn Objects, key: &str) -> Result<Option<Outcome>, ReportError> {
    let mut reads = 1;
    let json = loop {
        match ledger.get(key).await {
            Err(error) if error.is_retryable() && reads < MAX_READS => tokio::time::sleep(READ_PAUSE * reads).await,
            read => break read?,
        }
        reads += 1;
    };
    Ok(json.map(|json| Outcome::read(key, &json)).transpose()?)
}
