//! Evaluates JSON lines from standard input: `cargo run -p mapping --example eval -- mapping|fql|action`.

use std::io::{BufWriter, Write, stdin, stdout};
use std::process::ExitCode;

use mapping::{Mode, answer};

fn main() -> ExitCode {
    let result = std::env::args()
        .nth(1)
        .ok_or("say what to evaluate: mapping, fql or action".into())
        .and_then(|word| run(&word));
    result.map_or_else(
        |error| {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(2)
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(word: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mode: Mode = word.parse()?;
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lines() {
        writeln!(out, "{}", answer(mode, &line?)?)?;
    }
    Ok(out.flush()?)
}
