//! Reading objects from memory, cut into blocks as a test says.

use std::collections::{BTreeMap, BTreeSet};

use extract::{BadRow, Chunk, CsvPlan, CsvSplitter, Decoder, ExtractError, Format, Layout};

/// A row or bad row, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// The record's text, else the bad row.
    pub(crate) row: Result<String, BadRow>,
}

/// How an object comes in: the sizes of its blocks, over and over.
#[derive(Debug, Clone)]
pub(crate) struct Blocks(pub(crate) Vec<usize>);

impl Blocks {
    /// Everything at once.
    pub(crate) fn whole() -> Self {
        Self(vec![usize::MAX])
    }

    fn of(&self, turn: usize, most: usize) -> usize {
        self.0[turn % self.0.len()].clamp(1, most)
    }
}

pub(crate) fn layout(format: Format) -> Layout {
    Layout {
        format,
        compression: None,
        csv: extract::Dialect::default(),
        columns: Vec::new(),
        types: BTreeMap::new(),
    }
}

pub(crate) fn split(object: &[u8], layout: &Layout, target: u64, blocks: &Blocks) -> Result<CsvPlan, ExtractError> {
    let mut splitter = CsvSplitter::new(layout.csv.clone(), target);
    let (mut rest, mut turn) = (object, 0);
    while !rest.is_empty() {
        let (block, behind) = rest.split_at(blocks.of(turn, rest.len()));
        splitter.push(block);
        (rest, turn) = (behind, turn + 1);
    }
    splitter.finish()
}

/// Reads one chunk. Each block is a read of its own that breaks off before the wanted range ends; rows are taken after
/// every second block only.
pub(crate) fn read(object: &[u8], layout: &Layout, chunk: &Chunk, blocks: &Blocks) -> Vec<Seen> {
    let mut decoder = Decoder::new(layout, chunk, object.len() as u64);
    let (mut seen, mut turn) = (Vec::new(), 0);
    while let Some(range) = decoder.wants() {
        let wanted = &object[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
        assert!(!wanted.is_empty(), "wants nothing, again and again");
        decoder.push(&wanted[..blocks.of(turn, wanted.len())]);
        turn += 1;
        if turn % 2 == 0 {
            take(&mut decoder, &mut seen);
        }
    }
    take(&mut decoder, &mut seen);
    assert_eq!(
        decoder.next_row().map(|row| row.is_ok()),
        None,
        "a row behind the last one"
    );
    seen
}

pub(crate) fn read_all(object: &[u8], layout: &Layout, chunks: &[Chunk], blocks: &Blocks) -> Vec<Seen> {
    chunks
        .iter()
        .flat_map(|chunk| read(object, layout, chunk, blocks))
        .collect()
}

fn take(decoder: &mut Decoder, seen: &mut Vec<Seen>) {
    while let Some(row) = decoder.next_row() {
        seen.push(match row {
            Ok(row) => Seen {
                number: row.number,
                offset: row.offset,
                length: row.length,
                row: Ok(checked(&row.record).to_owned()),
            },
            Err(bad) => Seen {
                number: bad.number,
                offset: bad.offset,
                length: bad.length,
                row: Err(bad),
            },
        });
    }
}

/// Returns the record's text, having compared its spans with those that a parse of the text finds, and what it knows
/// of its keys with the keys.
fn checked<'r>(record: &mapping::Record<'r>) -> &'r str {
    let mut index = mapping::Index::default();
    assert_eq!(
        index.of(record.text()).expect("a record is valid JSON").fields(),
        record.fields()
    );
    let keys: BTreeSet<_> = record.fields().iter().map(|span| record.key(span)).collect();
    let are_distinct = keys.len() == record.fields().len() && !keys.iter().any(|key| key.contains('\\'));
    assert!(are_distinct || !record.has_plain_keys(), "{}", record.text());
    record.text()
}
