//! `backhaul eval`

use std::io::{self, BufRead, BufReader, BufWriter, Write};

use clap::ValueEnum;
use mapping::EvaluationError;

use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Apply one mapping, trigger or action to one input: JSON lines in, JSON lines out.
///
/// Lines in: {"id", "mapping", "input"}, {"id", "fql", "event"}, {"id", "action", "mapping", "event"}. A line that is
/// none of these is answered with {"id", "error"}, and the exit status is 1 in the end.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What the lines are.
    mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// A mapping and an input: `{"id", "output"}`, `{"id"}` when it is undefined, or `{"id", "error"}`.
    Mapping,
    /// A trigger and an event: `{"id", "match", "parse_error"}`.
    Fql,
    /// An action, its mapping and an event: `{"id", "batch"}` or `{"id", "error"}`.
    Action,
}

impl From<Mode> for mapping::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Mapping => Self::Mapping,
            Mode::Fql => Self::Fql,
            Mode::Action => Self::Action,
        }
    }
}

/// Answers stdin line by line, in bounded memory. A line that cannot be evaluated gets an answer that says why, so that
/// every line has one; the exit status tells in the end.
pub(crate) fn run(arguments: &Arguments, _: Terminal) -> Result<Exit, CliError> {
    let mode = arguments.mode.into();
    let mut input = BufReader::new(io::stdin().lock());
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut line, mut number, mut refused) = (Vec::new(), 0_u64, Refused::default());
    loop {
        // Nothing more to read yet: who asks line by line gets the answers before the next question.
        if input.buffer().is_empty() {
            out.flush().map_err(failed("write"))?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(failed("read"))? == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(mode, &line).unwrap_or_else(|error| {
            let answer = mapping::refusal(mode, &line, number, &error);
            refused.note(number, error);
            answer
        });
        writeln!(out, "{answer}").map_err(failed("write"))?;
    }
    out.flush().map_err(failed("write"))?;
    refused.verdict()
}

fn answer(mode: mapping::Mode, line: &[u8]) -> Result<String, EvaluationError> {
    mapping::answer(mode, std::str::from_utf8(line)?)
}

fn failed(doing: &'static str) -> impl Fn(io::Error) -> CliError {
    move |source| CliError::File {
        path: "-".into(),
        doing,
        source,
    }
}

/// The lines that could not be evaluated.
#[derive(Default)]
struct Refused {
    count: u64,
    first: Option<(u64, EvaluationError)>,
}

impl Refused {
    fn note(&mut self, number: u64, error: EvaluationError) {
        self.count += 1;
        self.first.get_or_insert((number, error));
    }

    fn verdict(self) -> Result<Exit, CliError> {
        let Some((number, source)) = self.first else {
            return Ok(Exit::Done);
        };
        Err(CliError::EvalLines {
            count: self.count,
            number,
            source,
        })
    }
}
