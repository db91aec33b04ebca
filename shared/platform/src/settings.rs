//! Every environment variable that Backhaul reads, named once. Nothing else in the workspace reads the environment.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::{PlatformError, SECRET_LIFETIME};

/// One environment variable: what it means, and what holds without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it says, with its unit.
    pub meaning: &'static str,
    /// What holds where it is not set; `None`: it must be set where it is needed.
    pub default: Option<&'static str>,
    /// A good value.
    pub example: &'static str,
}

/// Bucket of syncs, plans, jobs, outcomes and reports.
pub const BUCKET: Variable = Variable {
    name: "BACKHAUL_BUCKET",
    meaning: "name of the ledger bucket: syncs, plans, jobs, outcomes, reports",
    default: None,
    example: "acme-backhaul",
};

/// Where batches are posted in place of Segment.
pub const ENDPOINT: Variable = Variable {
    name: "BACKHAUL_ENDPOINT",
    meaning: "base URL of a Tracking API in place of Segment's, for tests",
    default: Some("Segment's, by the sync's region"),
    example: "http://127.0.0.1:8080",
};

/// How many senders run at once.
pub const SENDER_CONCURRENCY: Variable = Variable {
    name: "BACKHAUL_SENDER_CONCURRENCY",
    meaning: "how many senders of one action run at once; the rate that a sync has for the action is shared out among them",
    default: Some("1"),
    example: "10",
};

/// How long a secret is used before it is read again.
pub const SECRET_SECONDS: Variable = Variable {
    name: "BACKHAUL_SECRET_SECONDS",
    meaning: "seconds that a write key is used before it is read again, so that a rotated one is picked up",
    default: Some("300"),
    example: "60",
};

/// Memory of the function.
pub const MEMORY: Variable = Variable {
    name: "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    meaning: "memory of the function in MB; set by Lambda",
    default: Some("no limit known"),
    example: "512",
};

/// What is logged.
pub const LOG: Variable = Variable {
    name: "RUST_LOG",
    meaning: "what is logged: a level, or target=level pairs",
    default: Some("info in Lambda, warn in the terminal"),
    example: "info",
};

/// Whether log lines are coloured.
pub const NO_COLOR: Variable = Variable {
    name: "NO_COLOR",
    meaning: "any value: log lines in the terminal without colours",
    default: Some("colours on a terminal"),
    example: "1",
};

/// All of them, for the reference page. The AWS SDK reads its own besides (`AWS_REGION`, `AWS_PROFILE`,
/// `AWS_ENDPOINT_URL` and so on), and a sync document's `{env: NAME}` names one more.
pub const VARIABLES: [Variable; 7] = [
    BUCKET,
    ENDPOINT,
    SENDER_CONCURRENCY,
    SECRET_SECONDS,
    MEMORY,
    LOG,
    NO_COLOR,
];

/// What a deployed function is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name of the ledger bucket.
    pub bucket: String,
    /// Base URL of a Tracking API in place of Segment's.
    pub endpoint: Option<String>,
    /// How many senders share a sync's rate.
    pub sender_concurrency: NonZeroU32,
    /// How long a write key is used before it is read again.
    pub secret_lifetime: Duration,
    /// Memory of the function in MB, where Lambda tells it.
    pub memory_megabytes: Option<u64>,
}

impl Settings {
    /// Settings from the process's environment.
    ///
    /// # Errors
    /// If a variable that must be set is not, or one cannot be understood. The error names it.
    pub fn from_env() -> Result<Self, PlatformError> {
        Self::from_values(read)
    }

    /// Settings from whatever `value` returns for a variable's name. An empty value is none.
    ///
    /// # Errors
    /// As [`Settings::from_env`].
    pub fn from_values(value: impl Fn(&str) -> Option<String>) -> Result<Self, PlatformError> {
        let optional = |variable: Variable| value(variable.name).filter(|value| !value.trim().is_empty());
        Ok(Self {
            bucket: optional(BUCKET).ok_or_else(|| missing(BUCKET))?,
            endpoint: optional(ENDPOINT),
            sender_concurrency: optional(SENDER_CONCURRENCY).map_or(Ok(NonZeroU32::MIN), |value| senders(&value))?,
            secret_lifetime: optional(SECRET_SECONDS).map_or(Ok(SECRET_LIFETIME), |value| seconds(&value))?,
            memory_megabytes: optional(MEMORY).map(|value| megabytes(&value)).transpose()?,
        })
    }

    /// The ledger bucket that the environment names, if it names one: for tools that can do without.
    #[must_use]
    pub fn bucket_from_env() -> Option<String> {
        read(BUCKET.name).filter(|bucket| !bucket.trim().is_empty())
    }

    /// The ledger bucket, as [`crate::Stores::open`] takes it.
    #[must_use]
    pub fn ledger_store(&self) -> String {
        format!("s3://{}", self.bucket)
    }
}

/// The value of an environment variable; one that is not Unicode counts as not set.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn megabytes(value: &str) -> Result<u64, PlatformError> {
    let number = value.trim().parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| wrong(MEMORY, format!("is `{value}`, which is no number of megabytes")))
}

fn seconds(value: &str) -> Result<Duration, PlatformError> {
    let seconds = value.trim().parse().map(Duration::from_secs);
    seconds.map_err(|_| wrong(SECRET_SECONDS, format!("is `{value}`, which is no number of seconds")))
}

fn senders(value: &str) -> Result<NonZeroU32, PlatformError> {
    let problem = || {
        wrong(
            SENDER_CONCURRENCY,
            format!("is `{value}`, which is no number of senders"),
        )
    };
    value.trim().parse().map_err(|_| problem())
}

fn missing(variable: Variable) -> PlatformError {
    wrong(variable, format!("is not set: {}", variable.meaning))
}

fn wrong(variable: Variable, problem: String) -> PlatformError {
    PlatformError::Variable {
        name: variable.name.to_owned(),
        problem,
        example: variable.example,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(values: &[(&str, &str)]) -> Result<Settings, PlatformError> {
        let find = |name: &str| {
            values
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Settings::from_values(find)
    }

    #[test]
    fn all_values_are_taken() {
        let values = [
            ("BACKHAUL_BUCKET", "acme"),
            ("BACKHAUL_ENDPOINT", "http://127.0.0.1:1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("BACKHAUL_SENDER_CONCURRENCY", "10"),
            ("BACKHAUL_SECRET_SECONDS", "60"),
        ];
        let settings = settings(&values).unwrap();
        assert_eq!(settings.ledger_store(), "s3://acme");
        assert_eq!(settings.endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(settings.memory_megabytes, Some(512));
        assert_eq!(settings.sender_concurrency.get(), 10);
        assert_eq!(settings.secret_lifetime, Duration::from_mins(1));
    }

    #[test]
    fn missing_or_empty_variable_is_named_with_the_remedy() {
        for values in [&[][..], &[("BACKHAUL_BUCKET", " ")][..]] {
            let error = settings(values).unwrap_err().to_string();
            assert!(error.contains("`BACKHAUL_BUCKET` is not set"), "{error}");
            assert!(error.contains("export BACKHAUL_BUCKET="), "{error}");
        }
    }

    #[test]
    fn unusable_value_is_named() {
        for memory in ["lots", "0", "-1", "1.5"] {
            let error = settings(&[("BACKHAUL_BUCKET", "acme"), (MEMORY.name, memory)])
                .unwrap_err()
                .to_string();
            assert!(error.contains(MEMORY.name) && error.contains(memory), "{error}");
        }
        let error = settings(&[("BACKHAUL_BUCKET", "acme"), (SENDER_CONCURRENCY.name, "0")])
            .unwrap_err()
            .to_string();
        assert!(error.contains(SENDER_CONCURRENCY.name), "{error}");
        let error = settings(&[("BACKHAUL_BUCKET", "acme"), (SECRET_SECONDS.name, "soon")])
            .unwrap_err()
            .to_string();
        assert!(error.contains(SECRET_SECONDS.name) && error.contains("soon"), "{error}");
    }

    #[test]
    fn every_variable_is_in_the_readme_once() {
        let readme = include_str!("../README.md");
        for variable in VARIABLES {
            let row = format!("| `{}` | {} |", variable.name, variable.meaning);
            assert_eq!(readme.matches(&row).count(), 1, "{row}");
        }
    }
}
