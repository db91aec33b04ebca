//! What only a file's own annotations tell.

use arrow_array::{FixedSizeBinaryArray, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::*;

/// The batch as it comes back from a file that does not hold Arrow's schema.
fn through_a_file(batch: &RecordBatch) -> RecordBatch {
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes::Bytes::from(file), options);
    builder.unwrap().build().unwrap().next().unwrap().unwrap()
}

#[test]
fn knows_uuids_and_json_by_their_logical_types() {
    let uuids = Arc::new(FixedSizeBinaryArray::try_from_iter([[0x11_u8; 16]].iter()).unwrap());
    let batch = through_a_file(&extended(uuids, "arrow.uuid"));
    assert_eq!(values(&batch, &[]), ["\"11111111-1111-1111-1111-111111111111\""]);
    let texts = Arc::new(StringArray::from(vec!["{\"a\": 1}"]));
    let batch = through_a_file(&extended(texts, "arrow.json"));
    assert_eq!(values(&batch, &[]), ["{\"a\": 1}"]);
}
