//! Parquet rows of one chunk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::BatchRows;
use super::footer::{ParquetFooter, ParquetPlan};
use super::group::Group;
use super::schema::Projection;
use crate::row::{BadRow, Place, Row};
use crate::{Chunk, ColumnType, ExtractError, Layout};

/// Decodes a range of rows, page by page: first the footer is wanted, then the pages of the columns that are read.
#[derive(Debug)]
pub(crate) struct ParquetDecoder {
    chunk: Chunk,
    object_size: u64,
    types: BTreeMap<String, ColumnType>,
    columns: Option<BTreeSet<String>>,
    /// What is to be read, in this order; of the first range what is left of it.
    ranges: VecDeque<Range<u64>>,
    footer: Option<ParquetFooter>,
    body: Option<Body>,
    failure: Option<ExtractError>,
}

/// What is read when the footer is known.
#[derive(Debug)]
struct Body {
    plan: ParquetPlan,
    projection: Projection,
    /// The row groups that are read, each with the place of its first row: one, or more where rows are not taken in time.
    groups: VecDeque<(u64, Group)>,
    next_group: usize,
    /// Where the first row of the next group is.
    next_start: u64,
    /// Why the next group cannot be read.
    failure: Option<ExtractError>,
    writer: Option<BatchRows>,
    /// The rows of the batch that was loaded last and are not handed out.
    batch_start: u64,
    rows: Range<u64>,
}

impl ParquetDecoder {
    pub(crate) fn new(layout: &Layout, chunk: &Chunk, object_size: u64) -> Self {
        let footer = (chunk.start < chunk.end).then(|| ParquetFooter::new(object_size));
        // One that is too short to have a footer wants nothing.
        let failure = footer.as_ref().and_then(|footer| footer.failure().cloned());
        Self {
            chunk: *chunk,
            object_size,
            types: layout.types.clone(),
            columns: None,
            ranges: VecDeque::new(),
            footer,
            body: None,
            failure,
        }
    }

    /// Reads no other columns than these.
    pub(crate) fn read_only(&mut self, columns: &BTreeSet<String>) {
        self.columns = Some(columns.clone());
    }

    pub(crate) fn failure(&self) -> Option<&ExtractError> {
        self.failure.as_ref()
    }

    pub(crate) fn wants(&self) -> Option<Range<u64>> {
        if self.failure.is_some() {
            return None;
        }
        let footer = || self.footer.as_ref().and_then(ParquetFooter::wants);
        self.ranges.front().cloned().or_else(footer)
    }

    /// Returns what is wanted after that, as far as it is known.
    pub(crate) fn upcoming(&self) -> impl Iterator<Item = Range<u64>> {
        self.ranges.iter().skip(1).cloned()
    }

    pub(crate) fn push(&mut self, block: &[u8]) {
        if let Some(footer) = &mut self.footer {
            footer.push(block);
            if footer.wants().is_none() {
                let opened = self.footer.take().map_or(Ok(()), |footer| self.open(footer));
                self.failure = opened.err();
            }
            return;
        }
        let (Some(range), Some(body)) = (self.ranges.front_mut(), &mut self.body) else {
            return;
        };
        let at = range.start;
        range.start += block.len() as u64;
        if let Some((_, group)) = body.groups.back_mut() {
            group.push(at, block);
        }
        if range.is_empty() {
            self.ranges.pop_front();
            if self.ranges.is_empty() || body.is_broken(&self.chunk) {
                self.ranges = body.go_on(&self.chunk, self.object_size, &self.types);
            }
        }
    }

    fn open(&mut self, footer: ParquetFooter) -> Result<(), ExtractError> {
        let plan = footer.finish()?;
        let projection = Projection::new(plan.metadata(), self.columns.as_ref())?;
        let body = self.body.insert(Body {
            plan,
            projection,
            groups: VecDeque::new(),
            next_group: 0,
            next_start: 0,
            failure: None,
            writer: None,
            batch_start: 0,
            rows: 0..0,
        });
        self.ranges = body.go_on(&self.chunk, self.object_size, &self.types);
        Ok(())
    }

    /// Returns the next row; `None` if it needs more bytes, or there is none.
    pub(crate) fn next_row(&mut self) -> Option<Result<Row<'_>, BadRow>> {
        while self.failure.is_none() {
            let body = self.body.as_mut()?;
            if !body.rows.is_empty() {
                break;
            }
            match body.next_batch(&self.chunk) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(failure) => self.failure = Some(failure),
            }
        }
        let body = self.body.as_mut()?;
        let offset = body.rows.next()?;
        let place = Place {
            number: offset + 1,
            offset,
            length: 1,
        };
        let index = usize::try_from(offset - body.batch_start).ok()?;
        Some(body.writer.as_mut()?.row(index, place))
    }

    /// How many bytes of pages are kept.
    #[cfg(test)]
    pub(crate) fn buffered(&self) -> usize {
        let groups = self.body.iter().flat_map(|body| &body.groups);
        groups.map(|(_, group)| group.buffered()).sum()
    }
}

impl Body {
    /// Returns what is to be read next. Opens the next row group with rows of the chunk, if nothing more is wanted of those that are
    /// open.
    fn go_on(&mut self, chunk: &Chunk, object_size: u64, types: &BTreeMap<String, ColumnType>) -> VecDeque<Range<u64>> {
        while self.failure.is_none() && !self.is_broken(chunk) {
            let last = self.groups.back();
            let ranges = last.map_or_else(VecDeque::new, |(start, group)| group.wants(chunk.end - start));
            if !ranges.is_empty() {
                return ranges;
            }
            match self.open_group(chunk, object_size, types) {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => self.failure = Some(failure),
            }
        }
        VecDeque::new()
    }

    /// Whether the row group that is being read cannot be read to the chunk's end.
    fn is_broken(&self, chunk: &Chunk) -> bool {
        let last = self.groups.back();
        last.is_some_and(|(start, group)| group.failure(chunk.end - start).is_some())
    }

    fn open_group(
        &mut self,
        chunk: &Chunk,
        object_size: u64,
        types: &BTreeMap<String, ColumnType>,
    ) -> Result<bool, ExtractError> {
        let metadata = self.plan.metadata();
        while self.next_start < chunk.end
            && let Some(group) = metadata.row_groups().get(self.next_group)
        {
            let (start, index) = (self.next_start, self.next_group);
            self.next_start = start.saturating_add(u64::try_from(group.num_rows()).unwrap_or_default());
            self.next_group += 1;
            if self.next_start > start && self.next_start > chunk.start {
                let first = chunk.start.saturating_sub(start);
                let group = Group::open(metadata, index, &self.projection, object_size, first)?;
                if self.writer.is_none() {
                    self.writer = Some(BatchRows::new(&group.schema(), types)?);
                }
                self.groups.push_back((start, group));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Loads the next batch with rows of the chunk; `false` if that needs more bytes, or there is none.
    fn next_batch(&mut self, chunk: &Chunk) -> Result<bool, ExtractError> {
        let Some((start, group)) = self.groups.front_mut() else {
            return self.failure.take().map_or(Ok(false), Err);
        };
        let batch_start = *start + group.decoded();
        if group.is_done() || batch_start >= chunk.end {
            self.groups.pop_front();
            return Ok(true);
        }
        let Some(batch) = group.next_batch()? else {
            return group.failure(chunk.end - *start).map_or(Ok(false), Err);
        };
        let batch_end = batch_start + batch.num_rows() as u64;
        if let Some(writer) = self.writer.as_mut().filter(|_| batch_end > chunk.start) {
            writer.load(&batch);
            self.batch_start = batch_start;
            self.rows = batch_start.max(chunk.start)..batch_end.min(chunk.end);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
