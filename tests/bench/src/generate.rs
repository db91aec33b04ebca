//! The table in every format.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::table::{COLUMNS, User};

const ROWS_AT_ONCE: u64 = 16_384;

/// Writes `users.jsonl`, `users.csv` and `users.parquet` with so many rows into a folder.
pub(crate) fn generate(folder: &Path, rows: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut jsonl = BufWriter::new(File::create(folder.join("users.jsonl"))?);
    let mut csv = BufWriter::new(File::create(folder.join("users.csv"))?);
    writeln!(csv, "{}", COLUMNS.join(","))?;
    let mut parquet = parquet(&folder.join("users.parquet"))?;
    let (mut user, mut text) = (User::default(), String::new());
    for start in (0..rows).step_by(usize::try_from(ROWS_AT_ONCE)?) {
        let mut batch = Batch::default();
        for number in start..rows.min(start + ROWS_AT_ONCE) {
            user.become_row(number);
            text.clear();
            user.write_json(&mut text);
            jsonl.write_all(text.as_bytes())?;
            text.clear();
            user.write_csv(&mut text);
            csv.write_all(text.as_bytes())?;
            batch.add(&user);
        }
        parquet.write(&batch.finish()?)?;
    }
    jsonl.flush()?;
    csv.flush()?;
    parquet.close()?;
    Ok(())
}

fn parquet(path: &Path) -> Result<ArrowWriter<File>> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let schema = Batch::default().finish()?.schema();
    Ok(ArrowWriter::try_new(
        File::create(path)?,
        schema,
        Some(properties.build()),
    )?)
}

/// Rows column by column.
#[derive(Default)]
struct Batch {
    texts: [Vec<String>; 12],
    mrr: Vec<f64>,
    is_active: Vec<bool>,
    ltv: Vec<f64>,
    theme: Vec<&'static str>,
    beta: Vec<bool>,
    seats: Vec<i64>,
}

/// Which columns are texts, by their place in the table.
const TEXTS: [usize; 12] = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 14];

impl Batch {
    fn add(&mut self, user: &User) {
        let texts = [
            &user.user_id,
            &user.anonymous_id,
            &user.email,
            user.first_name,
            user.last_name,
            user.plan,
            &user.created_at,
            &user.updated_at,
            user.city,
            user.country,
            &user.postal_code,
            user.event_name,
        ];
        self.texts
            .iter_mut()
            .zip(texts)
            .for_each(|(column, text)| column.push(text.to_owned()));
        self.mrr.push(user.mrr);
        self.is_active.push(user.is_active);
        self.ltv.push(user.ltv);
        self.theme.push(user.theme);
        self.beta.push(user.beta);
        self.seats.push(i64::try_from(user.seats).unwrap_or_default());
    }

    fn finish(self) -> Result<RecordBatch> {
        let mut texts = self
            .texts
            .into_iter()
            .map(|texts| Arc::new(StringArray::from(texts)) as ArrayRef);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(COLUMNS.len());
        for place in 0..COLUMNS.len() - 1 {
            columns.push(match place {
                6 => Arc::new(Float64Array::from(self.mrr.clone())),
                7 => Arc::new(BooleanArray::from(self.is_active.clone())),
                13 => Arc::new(Float64Array::from(self.ltv.clone())),
                _ if TEXTS.contains(&place) => texts.next().unwrap_or_else(|| Arc::new(StringArray::new_null(0))),
                _ => continue,
            });
        }
        let member = |name: &str, kind| Arc::new(Field::new(name, kind, false));
        let attributes: [(Arc<Field>, ArrayRef); 3] = [
            (member("theme", DataType::Utf8), Arc::new(StringArray::from(self.theme))),
            (
                member("beta", DataType::Boolean),
                Arc::new(BooleanArray::from(self.beta)),
            ),
            (member("seats", DataType::Int64), Arc::new(Int64Array::from(self.seats))),
        ];
        columns.push(Arc::new(StructArray::from(attributes.to_vec())));
        Ok(RecordBatch::try_from_iter(COLUMNS.into_iter().zip(columns))?)
    }
}
