//! `backhaul validate`

use std::path::PathBuf;

use serde_json::json;

use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Check a sync document: every problem at once, with line, column and what to write instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The sync document.
    sync: PathBuf,
}

/// Says whether the document can be used.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    match crate::document::load(&arguments.sync) {
        Ok(sync) => {
            let text = format!("{}: sync `{}` is valid", arguments.sync.display(), sync.name);
            terminal.answer(&text, &json!({"valid": true, "problems": []}));
            Ok(Exit::Done)
        }
        Err(CliError::Document { path, problems }) => {
            let text = crate::document::describe(&path, &problems);
            terminal.answer(&text, &json!({"valid": false, "problems": problems}));
            Ok(Exit::Unusable)
        }
        Err(error) => Err(error),
    }
}
