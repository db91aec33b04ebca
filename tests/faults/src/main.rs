//! Runs the worlds of many seeds, or of one with all its steps.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use fault_tests::{Figures, told};

/// Runs the real functions in virtual time over a store, queues and an API that fail as the seed says, and checks what is left.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Print all steps of one seed, `--from`.
    #[arg(long)]
    trace: bool,
    /// Stop once so many seeds have failed.
    #[arg(long, default_value_t = 10)]
    stop_after: u64,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program is for people and CI"
)]
fn main() -> ExitCode {
    let Arguments {
        seeds,
        from,
        trace,
        stop_after,
    } = Arguments::parse();
    let started = Instant::now();
    let mut total = Figures::default();
    let mut failed = 0;
    fault_tests::run_all(from, if trace { 1 } else { seeds }, trace, |seed, end| {
        end.steps.iter().for_each(|step| println!("{step}"));
        total.add(&end.figures);
        if !end.wrong.is_empty() {
            failed += 1;
            eprintln!("{}", told(seed, &end.wrong));
        }
        failed < stop_after
    });
    println!(
        "{failed} of {seeds} seeds failed in {:.1} s: {total:?}",
        started.elapsed().as_secs_f64()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
