//! `backhaul check`

use std::path::PathBuf;

use delivery::{Endpoint, KeyStanding, WriteKey, key_standing};
use ledger::{Severity, Sync, WriteKeySource, key};
use platform::{PlatformError, Stores};
use scheduler::ScheduleError;
use sender::{SendError, WriteKeys};
use serde_json::json;

use crate::check_text::{Finding, describe};
use crate::document::Document;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ledger_place::LedgerArguments;
use crate::terminal::{Terminal, note};
use crate::{extract_path, problem_text, runtime};

/// Check what a sync needs: the document, its extracts, the ledger, the write key. Sends nothing.
///
/// Each line says what was found or what to do. Segment is asked whether it knows the write key, since its Tracking API takes
/// calls with any; where it cannot be asked, that is no problem.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
    #[command(flatten)]
    ledger: LedgerArguments,
    /// Ask this address in place of Segment's; plain http only to this machine.
    #[arg(long, value_name = "URL", hide = true)]
    settings_url: Option<String>,
}

/// Prints one line for each thing that was looked at.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let base = arguments.settings_url.as_deref().map(Endpoint::parse).transpose()?;
    let document = Document::read(&arguments.sync)?;
    let mut findings = vec![of_document(&document)];
    if let Some(sync) = &document.review.sync {
        let more = look(arguments, &document, sync, base.as_ref());
        findings.extend(runtime::start(1)?.block_on(more)?);
    } else {
        note(&document.describe(&document.review.problems));
    }
    terminal.answer(&describe(&findings), &json!({ "checks": findings }));
    Ok(if document.review.sync.is_none() {
        Exit::Unusable
    } else if findings.iter().any(Finding::is_problem) {
        Exit::Flawed
    } else {
        Exit::Done
    })
}

async fn look(
    arguments: &Arguments,
    document: &Document,
    sync: &Sync,
    base: Option<&Endpoint>,
) -> Result<Vec<Finding>, CliError> {
    let stores = Stores::default();
    let bucket = arguments.ledger.bucket();
    let mut findings = match &bucket {
        Some(bucket) if !extract_path::is_remote(&sync.source.extract) => vec![local_extract(bucket, sync)],
        _ => extract(&stores, document, sync).await,
    };
    findings.extend(ledger(&stores, arguments, document, sync).await);
    findings.extend(write_key(arguments, sync, base).await?);
    Ok(findings)
}

fn of_document(document: &Document) -> Finding {
    let path = document.path.display();
    let problems = &document.review.problems;
    match &document.review.sync {
        None => Finding::problem(
            "document",
            format!("{path}: {}", problem_text::count(problems)),
            "mend what stands above",
        ),
        Some(sync) if !sync.destination.enabled => Finding::problem(
            "document",
            format!("sync `{}` is switched off: `destination.enabled` is false", sync.name),
            "set it to true to send",
        ),
        Some(sync) if problems.iter().any(|problem| problem.severity == Severity::Warning) => Finding::ok(
            "document",
            format!(
                "sync `{}` is valid, with {}: see backhaul validate",
                sync.name,
                problem_text::count(problems)
            ),
        ),
        Some(sync) => Finding::ok("document", format!("sync `{}` is valid", sync.name)),
    }
}

/// Returns that a stack cannot read the extracts where they are.
fn local_extract(bucket: &str, sync: &Sync) -> Finding {
    let place = &sync.source.extract;
    let remedy = format!("name a place in s3: {}", extract_path::places(Some(bucket), &sync.name));
    let message = format!("`{place}` is a path of this machine, which functions cannot read");
    Finding::problem("extract", message, &remedy)
}

/// Lists the extracts and reads the beginning of the newest.
async fn extract(stores: &Stores, document: &Document, sync: &Sync) -> Vec<Finding> {
    let place = &sync.source.extract;
    let looked = async {
        let locations = extract_path::locate(&[], &document.path, place)?;
        let survey = scheduler::survey(stores, &locations, sync).await?;
        let listed = Finding::listed(place, &survey);
        let head = scheduler::preview(stores, &locations, sync).await;
        Ok::<_, CliError>(vec![listed, Finding::newest(head)])
    };
    match looked.await {
        Ok(findings) => findings,
        Err(error) => {
            let remedy = match error {
                CliError::Schedule(ScheduleError::NoExtract { .. }) | CliError::NoExtract { .. } => {
                    Some("unload an extract there; a run plans it once it is complete")
                }
                _ if is_denied(&error) => Some("see that you may list and read it"),
                _ => None,
            };
            vec![Finding::error("extract", &error, remedy)]
        }
    }
}

/// Whether an object could not be had because whoever asked may not have it.
fn is_denied(error: &CliError) -> bool {
    match error {
        CliError::Object(error)
        | CliError::Platform(PlatformError::Object(error))
        | CliError::Schedule(ScheduleError::Object(error) | ScheduleError::Platform(PlatformError::Object(error))) => {
            error.is_denied()
        }
        _ => false,
    }
}

/// Looks for the document in the ledger bucket. A folder needs nothing: `backhaul sync` makes it.
async fn ledger(stores: &Stores, arguments: &Arguments, document: &Document, sync: &Sync) -> Option<Finding> {
    let bucket = arguments.ledger.bucket()?;
    let place = match arguments.ledger.open(stores) {
        Ok(place) => place,
        Err(error) => return Some(Finding::problem("ledger", error.to_string(), "name it with --bucket")),
    };
    let key = key::sync_document(&sync.name);
    let deploy = format!("run backhaul deploy {} --bucket {bucket}", document.path.display());
    Some(match place.objects.get(&key).await {
        Err(error) => {
            let remedy = error.is_denied().then_some("see that you may read it");
            Finding::error("ledger", &error, remedy)
        }
        Ok(None) => Finding::problem("ledger", format!("{}/{key} is not there", place.name), &deploy),
        Ok(Some(text)) if Sync::parse(&String::from_utf8_lossy(&text)).ok().as_ref() == Some(sync) => {
            Finding::ok("ledger", format!("{}/{key} is this document", place.name))
        }
        Ok(Some(_)) => Finding::problem("ledger", format!("{}/{key} is another document", place.name), &deploy),
    })
}

/// Reads the write key, which is never shown, and asks Segment about it.
async fn write_key(arguments: &Arguments, sync: &Sync, base: Option<&Endpoint>) -> Result<Vec<Finding>, CliError> {
    let source = &sync.destination.write_key;
    let from = match source {
        WriteKeySource::Secret { id, .. } => format!("secret `{id}`"),
        WriteKeySource::Env { name } => format!("environment variable `{name}`"),
    };
    if matches!(source, WriteKeySource::Env { .. }) && arguments.ledger.bucket().is_some() {
        let problem = format!("{from}: functions read Secrets Manager only");
        return Ok(vec![Finding::problem(
            "write key",
            problem,
            "write {secret: <id>} in the document",
        )]);
    }
    let key = match WriteKeys::of_document(source.clone()).get(source).await {
        Ok(key) => key,
        Err(error) => {
            let remedy = lacks_key(&error).then_some("put the key of the Segment source there, and nothing else");
            return Ok(vec![Finding::error("write key", &error, remedy)]);
        }
    };
    let read = Finding::ok("write key", format!("{from} holds one"));
    Ok(vec![read, known(&key, base).await?])
}

/// Whether there is no usable key where one was looked for; otherwise nobody could look.
fn lacks_key(error: &SendError) -> bool {
    match error {
        SendError::Delivery(_) | SendError::Platform(PlatformError::Secret { .. } | PlatformError::Variable { .. }) => {
            true
        }
        SendError::Platform(PlatformError::SecretService { failure, .. }) => {
            failure.code == "ResourceNotFoundException"
        }
        _ => false,
    }
}

async fn known(key: &WriteKey, base: Option<&Endpoint>) -> Result<Finding, CliError> {
    let name = "segment";
    Ok(match key_standing(base, key).await? {
        KeyStanding::Known => Finding::ok(
            name,
            "knows the write key; whether its source is on, and in the region, it does not tell",
        ),
        KeyStanding::Unknown => Finding::problem(
            name,
            "does not know the write key",
            "copy it again from the source's settings, API keys; of a few kinds of server sources segment tells nobody, so if \
             it is right, send one event and look at the source's debugger",
        ),
        KeyStanding::Unclear(status) => {
            Finding::unknown(name, format!("could not be asked about the write key: status {status}"))
        }
        KeyStanding::NotAsked(failure) => {
            Finding::unknown(name, format!("could not be asked about the write key: {failure}"))
        }
    })
}
