//! The first rows of a Parquet file, which is read from its end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Result as IoResult, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use extract::{Chunk, Decoder, Dialect, ExtractError, Format, Layout, ParquetFooter};

use super::sample::{ROWS, Rows};

/// Returns the names of the columns and the first rows that can be read.
///
/// # Errors
/// When the file cannot be read; inside, when it is no Parquet that is read.
pub(super) fn head(path: &Path) -> IoResult<Result<(Vec<String>, Rows), ExtractError>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut footer = ParquetFooter::new(size);
    while let Some(range) = footer.wants() {
        footer.push(&read(&mut file, range)?);
    }
    let plan = match footer.finish() {
        Ok(plan) => plan,
        Err(error) => return Ok(Err(error)),
    };
    let layout = Layout {
        format: Format::Parquet,
        compression: None,
        csv: Dialect::default(),
        columns: plan.columns(),
        types: BTreeMap::default(),
    };
    let chunk = Chunk {
        start: 0,
        end: plan.rows().min(ROWS as u64),
        first_row: Some(1),
    };
    let (mut decoder, mut rows) = (Decoder::new(&layout, &chunk, size), Rows::new());
    while let Some(range) = decoder.wants() {
        decoder.push(&read(&mut file, range)?);
        while let Some(row) = decoder.next_row() {
            rows.extend(row.ok().and_then(|row| serde_json::from_str(row.record.text()).ok()));
        }
    }
    let failure = decoder.failure().cloned().filter(|_| rows.is_empty());
    Ok(failure.map_or(Ok((layout.columns, rows)), Err))
}

fn read(file: &mut File, range: Range<u64>) -> IoResult<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap_or(usize::MAX)];
    file.seek(SeekFrom::Start(range.start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
