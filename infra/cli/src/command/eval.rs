//! `backhaul eval`

use std::io::{self, BufRead, BufWriter, Write};

use clap::ValueEnum;

use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Apply one mapping, trigger or action to one input: JSON lines in, JSON lines out.
///
/// Lines in: {"id", "mapping", "input"}, {"id", "fql", "event"}, {"id", "action", "mapping", "event"}.
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

/// Answers stdin line by line, in bounded memory.
pub(crate) fn run(arguments: &Arguments, _: Terminal) -> Result<Exit, CliError> {
    let failed = |doing| {
        move |source| CliError::File {
            path: "-".into(),
            doing,
            source,
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut line, mut number) = (String::new(), 0_u64);
    let mut input = io::stdin().lock();
    loop {
        line.clear();
        if input.read_line(&mut line).map_err(failed("read"))? == 0 {
            break;
        }
        number += 1;
        if line.trim().is_empty() {
            continue;
        }
        let answer =
            mapping::answer(arguments.mode.into(), &line).map_err(|source| CliError::EvalLine { number, source })?;
        writeln!(out, "{answer}").map_err(failed("write"))?;
    }
    out.flush().map_err(failed("write"))?;
    Ok(Exit::Done)
}
