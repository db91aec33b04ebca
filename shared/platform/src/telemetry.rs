//! Where log lines go. What may be in them is every crate's duty; here, libraries that would log requests and replies
//! in full are kept from it, whatever `RUST_LOG` says.

use std::fmt::{self, Debug};
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};

use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::{Visible, settings};

/// Libraries whose debug lines quote what they carry: rows, replies, headers.
const TALKATIVE: [&str; 7] = ["aws_", "h2", "hyper", "reqwest", "rustls", "lambda_runtime", "tower"];

/// Asks whether this machine is one of EC2's for a region and credentials. Where it is not, that is told in full as a warning; what
/// is missing then, the error that follows says.
const GUESSING: &str = "aws_config::imds";

/// Logs JSON lines to stdout, for `CloudWatch`: level by `RUST_LOG`, else info. A second call changes nothing. Of panics only the
/// place is logged.
pub fn init_lambda() {
    panic::set_hook(Box::new(tell_where));
    let lines = layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(std::io::stdout);
    init(settings::read(settings::LOG.name), LevelFilter::INFO, lines);
}

/// Says where a panic is from. What it says may quote a row, and goes nowhere.
fn tell_where(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panicked; what was said is left out, since it may quote a row");
}

/// Logs readable lines to stderr. `verbose` counts the `-v` flags: 1 is info, 2 debug, more trace; with none, `RUST_LOG`
/// decides, else only warnings come. A second call changes nothing. What acts on a terminal is shown by its number. Of panics only the
/// place is logged.
pub fn init_cli(verbose: u8) {
    panic::set_hook(Box::new(tell_where));
    let colours = std::io::stderr().is_terminal() && settings::read(settings::NO_COLOR.name).is_none();
    let lines = layer()
        .without_time()
        .with_target(false)
        .with_ansi(colours)
        .fmt_fields(debug_fn(tell_visibly).delimited(" "))
        .with_writer(std::io::stderr);
    let wanted = if verbose == 0 {
        settings::read(settings::LOG.name)
    } else {
        None
    };
    init(wanted, level(verbose), lines);
}

/// Writes a field of a line so that a key or a stranger's words in it stay text, and on their line.
fn tell_visibly(out: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    let value = Visible(format_args!("{value:?}"));
    match field.name() {
        "message" => write!(out, "{value}"),
        name => write!(out, "{name}={value}"),
    }
}

fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        3.. => LevelFilter::TRACE,
    }
}

fn init(wanted: Option<String>, default: LevelFilter, lines: impl Layer<Registry> + Send + Sync) {
    let parsed = wanted.map(EnvFilter::try_new).transpose();
    let refused = parsed.as_ref().err().map(ToString::to_string);
    let filter = parsed
        .ok()
        .flatten()
        .unwrap_or_else(|| EnvFilter::default().add_directive(default.into()));
    // Fails only if something logs already, which then goes on.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter).with_filter(discreet()))
        .try_init();
    if let Some(problem) = refused {
        tracing::warn!(
            problem,
            "RUST_LOG is not understood and was ignored; set it to a level, as RUST_LOG=info"
        );
    }
}

/// Lets through what cannot quote rows, replies or headers, and is no guess that failed.
fn discreet<S: Subscriber + for<'s> LookupSpan<'s>>() -> impl tracing_subscriber::layer::Filter<S> {
    filter_fn(|metadata| {
        let (target, level) = (metadata.target(), *metadata.level());
        let talkative = TALKATIVE.iter().any(|name| target.starts_with(name));
        let limit = match talkative {
            _ if target.starts_with(GUESSING) => LevelFilter::ERROR,
            true => LevelFilter::INFO,
            false => LevelFilter::TRACE,
        };
        level <= limit
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn libraries_never_log_what_they_carry() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = layer().with_writer(move || writer.clone());
        let filter = EnvFilter::new("trace,aws_smithy_runtime::client=trace");
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter).with_filter(discreet()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "aws_smithy_runtime::client", "carried row");
            tracing::debug!(target: "hyper::proto", "carried header");
            tracing::warn!(target: "aws_config", "no profile");
            tracing::warn!(target: "aws_config::imds::region", "carried no metadata");
            tracing::trace!(target: "sender", "own line");
        });
        let logged = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(!logged.contains("carried"), "{logged}");
        assert!(logged.contains("no profile") && logged.contains("own line"), "{logged}");
    }

    #[test]
    fn panics_say_where_they_are_from_and_nothing_of_a_row() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = layer().with_writer(move || writer.clone());
        let before = panic::take_hook();
        panic::set_hook(Box::new(tell_where));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            assert!(panic::catch_unwind(|| panic!("ada@example.com")).is_err());
        });
        panic::set_hook(before);
        let logged = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert!(logged.contains("telemetry.rs") && !logged.contains("ada"), "{logged}");
    }

    #[test]
    fn lines_for_people_hold_nothing_that_acts_on_a_terminal() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let lines = layer()
            .with_ansi(false)
            .fmt_fields(debug_fn(tell_visibly).delimited(" "))
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let key = "a\u{1b}[2J\n ERROR forged\u{202e}";
            tracing::warn!(error = %key, text = key, "read {key}");
        });
        let logged = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(logged.lines().count(), 1, "{logged}");
        assert!(!logged.trim_end().contains(crate::acts), "{logged}");
        assert!(
            logged.contains("error=a\\u{1b}[2J") && logged.contains("read a\\u{1b}"),
            "{logged}"
        );
    }

    #[test]
    fn each_flag_tells_more() {
        let levels: Vec<_> = (0..5).map(level).collect();
        assert!(levels.windows(2).all(|pair| pair[0] <= pair[1]), "{levels:?}");
        assert_eq!((levels[0], levels[4]), (LevelFilter::WARN, LevelFilter::TRACE));
    }
}
