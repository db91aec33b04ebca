//! The parameters of a sync's own stack (`infra/sync.yaml`), and the line that deploys it.

use std::fmt::Write;

use ledger::{Sync, WriteKeySource};
use platform::Location;
use serde_json::{Map, Value};

use crate::command::deploy::Arguments;
use crate::error::CliError;
use crate::shell::quoted;

/// The template, as it lies in this repository.
const TEMPLATE: &str = "infra/sync.yaml";

/// A sync's stack.
#[derive(Debug)]
pub(crate) struct SyncStack {
    name: String,
    parameters: Vec<(&'static str, String)>,
    /// What puts the write key into the secret that the stack makes; `None`: it is there already.
    put_key: Option<String>,
    /// What the main stack must allow, or does not: where the extracts are.
    reach: Option<String>,
}

impl SyncStack {
    /// Returns the stack of `sync`, whose document is in the bucket `ledger`.
    ///
    /// # Errors
    /// [`CliError::NoSchedule`] if the schedule is no expression of EventBridge Scheduler's.
    pub(crate) fn of(arguments: &Arguments, ledger: Option<&str>, sync: &Sync) -> Result<Self, CliError> {
        let schedule = arguments.schedule.clone().unwrap_or_default();
        if !schedule.is_empty() && !is_schedule(&schedule) {
            return Err(CliError::NoSchedule { text: schedule });
        }
        let (store, prefix) = Location::parse(&sync.source.extract)?.split();
        let bucket = store.strip_prefix("s3://").unwrap_or_default().to_owned();
        let (id, field) = match &sync.destination.write_key {
            WriteKeySource::Secret { id, field } => (id.clone(), field.clone()),
            WriteKeySource::Env { .. } => (String::new(), None),
        };
        let given = arguments.secret_arn.clone();
        let arn = given
            .or_else(|| id.starts_with("arn:").then(|| id.clone()))
            .unwrap_or_default();
        let on_drop = arguments.on_drop || arguments.schedule.is_none();
        let put_key = arn.is_empty().then(|| put_key(&id, field.as_deref()));
        let secret_name = if id.starts_with("arn:") { String::new() } else { id };
        let timezone = arguments.timezone.clone().unwrap_or_else(|| "UTC".to_owned());
        let reach = ledger.and_then(|ledger| reach(ledger, &bucket, &prefix, on_drop));
        Ok(Self {
            name: format!("{}-{}", arguments.stack, sync.name),
            parameters: vec![
                ("SyncName", sync.name.to_string()),
                ("BackhaulStack", arguments.stack.clone()),
                ("ScheduleExpression", schedule),
                ("ScheduleTimezone", timezone),
                ("ExtractBucket", bucket),
                ("ExtractPrefix", prefix),
                ("OnDrop", on_drop.to_string()),
                ("SecretArn", arn),
                ("SecretName", secret_name),
            ],
            put_key,
            reach,
        })
    }

    /// Returns the parameters by name.
    pub(crate) fn parameters(&self) -> Value {
        let parameters = self.parameters.iter();
        let parameters: Map<String, Value> = parameters
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        Value::Object(parameters)
    }

    /// Returns the line that deploys the stack; what is empty is the template's default.
    pub(crate) fn command(&self) -> String {
        let mut line = format!(
            "aws cloudformation deploy --template-file {TEMPLATE} --stack-name {} --capabilities CAPABILITY_IAM \
             --parameter-overrides",
            quoted(&self.name)
        );
        for (name, value) in self.parameters.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(line, " {}", quoted(&format!("{name}={value}")));
        }
        line
    }

    /// Returns what is left to do, for people.
    pub(crate) fn describe(&self) -> String {
        let mut text = self
            .reach
            .as_ref()
            .map(|reach| format!("{reach}\n"))
            .unwrap_or_default();
        let _ = write!(
            text,
            "deploy its stack (again, if the schedule or extract changed):\n  {}",
            self.command()
        );
        if let Some(put_key) = &self.put_key {
            let _ = write!(text, "\nthen put the write key into its secret:\n  {put_key}");
        }
        text
    }
}

/// Returns what a main stack with the ledger bucket `ledger` needs to read extracts at `prefix` of `bucket`; `None`: nothing.
fn reach(ledger: &str, bucket: &str, prefix: &str, on_drop: bool) -> Option<String> {
    if bucket == ledger {
        let remedy =
            "warning: in the ledger bucket functions read extracts/ only: name a folder below it in `source.extract`";
        return (!prefix.starts_with("extracts/")).then(|| remedy.to_owned());
    }
    let events = if on_drop {
        format!(", and EventBridge turned on in {bucket}")
    } else {
        String::new()
    };
    Some(format!(
        "the extracts are in another bucket than the ledger: the main stack needs arn:aws:s3:::{bucket} among its ExtractBucketArns{events}"
    ))
}

/// Whether a text has the form of a schedule (EventBridge Scheduler user guide, "Schedule types").
fn is_schedule(text: &str) -> bool {
    let of = |kind: &str| {
        text.strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('('))
            .and_then(|rest| rest.strip_suffix(')'))
            .is_some_and(|inner| !inner.trim().is_empty())
    };
    of("rate") || of("cron") || of("at")
}

/// The key is read from a file, so that it stays out of the shell's history.
fn put_key(id: &str, field: Option<&str>) -> String {
    let content = field
        .map(|field| format!("  # a JSON object with the key in `{field}`"))
        .unwrap_or_default();
    format!(
        "aws secretsmanager put-secret-value --secret-id {} --secret-string file://write-key{content}",
        quoted(id)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_told_from_other_texts() {
        for good in ["rate(1 hour)", "cron(0 6 * * ? *)", "at(2026-01-01T00:00:00)"] {
            assert!(is_schedule(good), "{good}");
        }
        for bad in ["", "hourly", "0 6 * * *", "rate()", "rate(1 hour", "every(1 hour)"] {
            assert!(!is_schedule(bad), "{bad}");
        }
    }
}
