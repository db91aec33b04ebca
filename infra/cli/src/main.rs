#![doc = include_str!("../README.md")]

mod answer_text;
mod auto_note;
mod check_text;
mod command;
mod document;
mod draft;
mod error;
mod estimate;
mod excerpt;
mod exit;
mod extract_path;
mod jobs;
mod ledger_place;
mod problem_text;
mod progress;
mod rejected_rows;
mod report_text;
mod retry;
mod runs;
mod runtime;
mod session;
mod shell;
mod status_text;
mod sync_stack;
mod terminal;
mod warning;

use clap::{Parser, Subcommand};

use crate::terminal::Terminal;

/// Carries rows from a data warehouse back into Segment.
#[derive(Debug, Parser)]
#[command(name = "backhaul", version, max_term_width = 100)]
struct Arguments {
    /// Print machine-readable JSON on stdout instead of tables.
    #[arg(long, global = true)]
    json: bool,
    /// Log more on stderr: -v what is done, -vv what is tried again and why.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Sync(command::sync::Arguments),
    Test(command::test::Arguments),
    Validate(command::validate::Arguments),
    Init(command::init::Arguments),
    Estimate(command::estimate::Arguments),
    Check(command::check::Arguments),
    Deploy(command::deploy::Arguments),
    Status(command::status::Arguments),
    Report(command::report::Arguments),
    Retry(command::retry::Arguments),
    Reset(command::reset::Arguments),
    Eval(command::eval::Arguments),
    Sink(command::sink::Arguments),
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.json);
    platform::telemetry::init_cli(arguments.verbose);
    let done = match arguments.command {
        Command::Sync(arguments) => command::sync::run(&arguments, terminal),
        Command::Test(arguments) => command::test::run(&arguments, terminal),
        Command::Validate(arguments) => command::validate::run(&arguments, terminal),
        Command::Init(arguments) => command::init::run(&arguments, terminal),
        Command::Estimate(arguments) => command::estimate::run(&arguments, terminal),
        Command::Check(arguments) => command::check::run(&arguments, terminal),
        Command::Deploy(arguments) => command::deploy::run(&arguments, terminal),
        Command::Status(arguments) => command::status::run(&arguments, terminal),
        Command::Report(arguments) => command::report::run(&arguments, terminal),
        Command::Retry(arguments) => command::retry::run(&arguments, terminal),
        Command::Reset(arguments) => command::reset::run(&arguments, terminal),
        Command::Eval(arguments) => command::eval::run(&arguments, terminal),
        Command::Sink(arguments) => command::sink::run(&arguments, terminal),
    };
    done.unwrap_or_else(|error| {
        terminal.error(&error);
        error.exit()
    })
    .into()
}
