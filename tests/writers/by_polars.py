"""Polars as writer."""

import bz2
import gzip

import polars as pl
import zstandard

import rules
import table
from cases import TYPES, Case, csv_source, typed

CSV_COLUMNS = [name for name in table.FLAT if name != "bytes"]
# Polars's JSON has no bytes; it writes decimals as text, and reads the keys of maps as fields that every row has.
JSON_COLUMNS = [name for name, _, _ in table.column_types() if name not in ("bytes", "d10", "d2", "d4", "map", "deep")]
PRESS = {"gzip": (".gz", gzip.compress), "bz2": (".bz2", bz2.compress), "zstd": (".zst", zstandard.compress)}


def frame(columns=None, nul=False):
    return pl.from_arrow(table.table(columns, nul))


def write_csv(press=None, **options):
    def to(path):
        frame(CSV_COLUMNS, nul=True).write_csv(path, check_extension=False, **options)
        if press:
            path.write_bytes(press(path.read_bytes()))

    return to


def read_csv(types=TYPES, **options):
    def of(path):
        read = pl.read_csv(unpressed(path), infer_schema=False, **options)
        return rules.rows_of_text(read.to_dicts(), types)

    return of


def unpressed(path):
    data = path.read_bytes()
    return {".gz": gzip.decompress, ".bz2": bz2.decompress, ".zst": zstandard.decompress}.get(path.suffix, bytes)(data)


def write_json(press=None):
    def to(path):
        frame(JSON_COLUMNS, nul=True).write_ndjson(path, check_extension=False)
        if press:
            path.write_bytes(press(path.read_bytes()))

    return to


def read_json(path):
    """Types as Polars infers them; it would take the largest whole numbers for floats."""
    types = {"u64": pl.UInt64, "f32": pl.Float32}
    return rules.rows_of_arrow(pl.read_ndjson(unpressed(path), infer_schema_length=None, schema_overrides=types).to_arrow())


def write_parquet(**options):
    return lambda path: frame(nul=True).write_parquet(path, **options)


def read_parquet(path):
    return rules.rows_of_arrow(pl.read_parquet(path).to_arrow())


def cases():
    plain = csv_source(null=[""])
    for style in ("necessary", "non_numeric"):
        yield Case("polars", "csv", f"quote {style}", ".csv", write_csv(quote_style=style), read_csv(), plain)
    written, note = write_csv(quote_style="always"), "Polars quotes nulls too, so they are empty texts"
    yield Case("polars", "csv", "quote always", ".csv", written, read_csv(types={}), {"format": "csv"}, note)
    for name, separator in (("|", "|"), ("tab", "\t"), ("^A", "\x01")):
        written, read = write_csv(separator=separator), read_csv(separator=separator)
        yield Case("polars", "csv", name, ".csv", written, read, csv_source(null=[""], delimiter=separator))
    yield Case("polars", "csv", "CRLF", ".csv", write_csv(line_terminator="\r\n"), read_csv(eol_char="\n"), plain)
    yield Case("polars", "csv", "BOM", ".csv", write_csv(include_bom=True), read_csv(), plain)
    for codec, (suffix, press) in PRESS.items():
        yield Case("polars", "csv", codec, f".csv{suffix}", write_csv(press), read_csv(), plain)
    yield typed(Case("polars", "csv", "default", ".csv", write_csv(), read_csv(), plain), CSV_COLUMNS)
    yield typed(Case("polars", "jsonl", "default", ".jsonl", write_json(), read_json), JSON_COLUMNS)
    yield Case("polars", "jsonl", "default", ".jsonl", write_json(), read_json)
    yield Case("polars", "jsonl", "gzip", ".jsonl.gz", write_json(gzip.compress), read_json)
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"):
        yield Case("polars", "parquet", codec, ".parquet", write_parquet(compression=codec), read_parquet)
    yield Case("polars", "parquet", "small groups, pages", ".parquet", write_parquet(row_group_size=5, data_page_size=64), read_parquet)
