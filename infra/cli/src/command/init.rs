//! `backhaul init`

use std::path::{Path, PathBuf};

use mapping::Action;
use platform::Location;
use serde_json::json;

use crate::error::CliError;
use crate::exit::Exit;
use crate::terminal::{Terminal, note};
use crate::{draft, extract_path};

/// Write a first sync document from an extract's columns and first rows, to go on from.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file of the extract, or a folder of such files.
    extract: String,
    /// Write the document to this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The call that rows become: track, identify, group, page or screen; may be given several times [default: what they look like].
    #[arg(long, value_name = "ACTION")]
    action: Vec<Action>,
    /// Overwrite a file that is there.
    #[arg(long)]
    force: bool,
}

/// Drafts the document and writes it where it is wanted.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let locations = extract_path::expand(&arguments.extract, Path::new("."), "the command")?;
    let Some(Location::Path(place)) = locations.into_iter().next() else {
        return Err(CliError::NotLocal {
            place: arguments.extract.clone(),
        });
    };
    let extract = relative(&arguments.extract, &place, arguments.output.as_deref());
    let document = draft::document(&place, &extract, &arguments.action)?;
    let answer = json!({ "document": document });
    match &arguments.output {
        None => terminal.answer(document.trim_end(), &answer),
        Some(path) => {
            write(path, &document, arguments.force)?;
            terminal.answer(&format!("{}: written; try it with:", path.display()), &answer);
            note(&format!("  backhaul validate {0}\n  backhaul test {0}", path.display()));
        }
    }
    Ok(Exit::Done)
}

fn write(path: &Path, document: &str, force: bool) -> Result<(), CliError> {
    if !force && path.exists() {
        return Err(CliError::Exists { path: path.to_owned() });
    }
    std::fs::write(path, document).map_err(|source| CliError::File {
        path: path.to_owned(),
        doing: "write",
        source,
    })
}

/// Returns how the document calls the extract: relative to itself if it lies beside it or above, else in full.
fn relative(given: &str, place: &Path, output: Option<&Path>) -> String {
    let Some(output) = output else { return given.to_owned() };
    let folder = crate::document::folder(output).canonicalize();
    let inside = folder
        .ok()
        .and_then(|folder| place.strip_prefix(folder).ok().map(Path::to_owned));
    let path = inside
        .filter(|path| path.components().next().is_some())
        .unwrap_or_else(|| place.to_owned());
    path.to_string_lossy().into_owned()
}
