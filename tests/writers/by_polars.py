"""Polars as writer."""

import bz2
import gzip

import polars as pl
import zstandard

import rules
import table
from cases import TYPES, Case, csv_source

CSV_COLUMNS = [name for name in table.FLAT if name != "bytes"]
# Polars's JSON has no bytes, and no maps but as lists of structs.
JSON_COLUMNS = [name for name, _, _ in table.column_types() if name not in ("bytes", "d10", "d2", "d4")]
PRESS = {"gzip": (".gz", gzip.compress), "bz2": (".bz2", bz2.compress), "zstd": (".zst", zstandard.compress)}


def frame(columns=None, nul=False):
    return pl.from_arrow(table.table(columns, nul))


def write_csv(press=None, **options):
    def to(path):
        frame(CSV_COLUMNS).write_csv(path, **options)
        if press:
            path.write_bytes(press(path.read_bytes()))

    return to


def read_csv(**options):
    def of(path):
        # `missing_utf8_is_empty_string` is off: an empty cell is null, one in quotes empty text.
        read = pl.read_csv(path, infer_schema=False, null_values=["\\N"], **options)
        return rules.rows_of_text(map(restored, read.to_dicts(), table.table(["text", "more"]).to_pylist()), TYPES)

    return of


def restored(row, original):
    """Polars takes a quoted null word for null; what it wrote tells."""
    for name, value in original.items():
        if row[name] is None and value == "\\N":
            row[name] = value
    return row


def write_json(press=None):
    def to(path):
        frame(JSON_COLUMNS).write_ndjson(path)
        if press:
            path.write_bytes(press(path.read_bytes()))

    return to


def read_json(path):
    """Numbers of every column by its type; dates and times as the text that they are."""
    schema = {
        name: pl.String if kind.is_temporal() or kind == pl.Categorical else kind
        for name, kind in frame(JSON_COLUMNS).schema.items()
    }
    schema = {name: pl.String if kind == pl.Null else kind for name, kind in schema.items()}
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return rules.rows_of_arrow(pl.read_ndjson(data, schema=schema).to_arrow())


def write_parquet(**options):
    return lambda path: frame(nul=True).write_parquet(path, **options)


def read_parquet(path):
    return rules.rows_of_arrow(pl.read_parquet(path).to_arrow())


def cases():
    for style in ("necessary", "always", "non_numeric"):
        yield Case("polars", "csv", f"quote {style}", ".csv", write_csv(quote_style=style), read_csv(), csv_source())
    for name, separator in (("|", "|"), ("tab", "\t"), ("^A", "\x01")):
        written, read = write_csv(separator=separator), read_csv(separator=separator)
        yield Case("polars", "csv", name, ".csv", written, read, csv_source(delimiter=separator))
    yield Case("polars", "csv", "CRLF", ".csv", write_csv(line_terminator="\r\n"), read_csv(eol_char="\n"), csv_source())
    yield Case("polars", "csv", "BOM", ".csv", write_csv(include_bom=True), read_csv(), csv_source())
    for codec, (suffix, press) in PRESS.items():
        yield Case("polars", "csv", codec, f".csv{suffix}", write_csv(press), read_csv(), csv_source())
    yield Case("polars", "jsonl", "default", ".jsonl", write_json(), read_json)
    yield Case("polars", "jsonl", "gzip", ".jsonl.gz", write_json(gzip.compress), read_json)
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"):
        yield Case("polars", "parquet", codec, ".parquet", write_parquet(compression=codec), read_parquet)
    yield Case("polars", "parquet", "small groups, pages", ".parquet", write_parquet(row_group_size=5, data_page_size=64), read_parquet)
