//! A document with everything that is to be said of it.

use std::collections::HashSet;

use super::reader::{Cursor, Problems};
use super::secrecy::may_hold_key;
use super::warning::{self, ColumnRead};
use super::{Problem, Severity, Sync, read_sync, tree};

/// A sync document that was read, with all its problems.
#[derive(Debug)]
pub struct Review {
    /// The sync, if there is no error.
    pub sync: Option<Sync>,
    /// Every problem, in the order of the lines.
    pub problems: Vec<Problem>,
    text: String,
    columns: Vec<ColumnRead>,
}

impl Review {
    /// Reads a YAML (or JSON) document.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let noted = Problems::default();
        let (sync, columns) = match tree::parse(text, &noted) {
            Ok(root) => read(&Cursor::root(&root, &noted)),
            Err(_) => (None, Vec::new()),
        };
        let problems = noted.into_sorted(text);
        let usable = problems.iter().all(|problem| problem.severity != Severity::Error);
        Self {
            sync: sync.filter(|_| usable),
            problems,
            text: text.to_owned(),
            columns,
        }
    }

    /// Returns the line of the document that a problem is in, unless it may hold a write key.
    #[must_use]
    pub fn line(&self, problem: &Problem) -> Option<&str> {
        let line = self.text.lines().nth(problem.line.checked_sub(1)?)?;
        (!may_hold_key(&self.text, problem.line)).then_some(line)
    }

    /// Returns a problem for each column that the source names or a mapping reads and that is not among `columns`, the
    /// columns of what `place` says. Who names a column several times is told once.
    ///
    /// They are warnings, but for `source.id` and `source.types` errors if `columns` are those of all rows: such an object is
    /// not read.
    #[must_use]
    pub fn missing_columns(&self, place: &str, columns: &[String], are_of_all_rows: bool) -> Vec<Problem> {
        let noted = Problems::default();
        let mut told = HashSet::new();
        for read in self.columns.iter().filter(|read| !columns.contains(&read.column)) {
            if told.insert((&read.by, &read.column)) {
                let (message, remedy) = warning::missing_column(read, place, columns);
                if read.is_needed && are_of_all_rows {
                    noted.note(read.at, read.path.clone(), message, Some(remedy));
                } else {
                    noted.warn(read.at, read.path.clone(), message, Some(remedy));
                }
            }
        }
        noted.into_sorted(&self.text)
    }
}

fn read(root: &Cursor<'_>) -> (Option<Sync>, Vec<ColumnRead>) {
    match read_sync(root) {
        Ok(sync) => {
            let columns = warning::check(root, &sync);
            (Some(sync), columns)
        }
        Err(_) => (None, Vec::new()),
    }
}
