"""pandas as writer."""

import csv
import decimal
import math

import pandas as pd
import pyarrow as pa

import rules
import table
from cases import TYPES, Case, csv_source

NULLABLE = {
    pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.int8(): pd.Int8Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip
# pandas writes what is not text by Python's `str`, which for bytes and nested values is no format.
CSV_COLUMNS = [name for name in table.FLAT if name != "bytes"]
# Days and times outside nanoseconds' reach are objects to pandas; its JSON writer takes neither those nor bytes.
JSON_COLUMNS = ["text", "more", "i64", "i8", "f64", "d2", "flag", "nothing", "never", "word", "list", "nested", "struct", "at_ns", "at_utc"]


def frame(columns):
    return table.table(columns).to_pandas(types_mapper=NULLABLE.get)


def write_csv(**options):
    return lambda path: frame(CSV_COLUMNS).to_csv(path, index=False, **options)


def read_csv(**options):
    def of(path):
        read = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=["", "\\N"], lineterminator=None, **options)
        rows = read.astype(object).where(read.notna(), None).to_dict("records")
        return rules.rows_of_text((restored(row, original) for row, original in zip(rows, texts())), TYPES)

    return of


def texts():
    return table.table(["text", "more", "word"]).to_pylist()


def restored(row, original):
    """pandas reads an empty text in quotes as missing, and `\\N` too when it is told that this is one; what it wrote tells."""
    for name, value in original.items():
        if row[name] is None and value is not None:
            row[name] = value
    return row


def write_json(**options):
    return lambda path: frame(JSON_COLUMNS).to_json(path, orient="records", lines=True, **options)


def read_json(path):
    read = pd.read_json(path, lines=True, dtype=False, convert_dates=False, precise_float=True)
    return {row["id"]: {name: value(cell) for name, cell in row.items()} for row in read.astype(object).to_dict("records")}


def value(cell):
    if isinstance(cell, dict):
        return {name: value(inner) for name, inner in cell.items()}
    if isinstance(cell, list):
        return [value(inner) for inner in cell]
    if isinstance(cell, float):
        return None if math.isnan(cell) else decimal.Decimal(repr(cell))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return decimal.Decimal(cell)
    return cell


def write_parquet(**options):
    return lambda path: frame(None).to_parquet(path, index=False, **options)


def read_parquet(path):
    return rules.rows_of_arrow(pa.Table.from_pandas(pd.read_parquet(path, dtype_backend="pyarrow"), preserve_index=False))


def cases():
    note = 'empty text restored: pandas reads `""` as missing'
    styles = {
        "default": ({}, {}, {}),
        "quote all": ({"quoting": csv.QUOTE_NONNUMERIC}, {}, {}),
        "tab": ({"sep": "\t"}, {"sep": "\t"}, {"delimiter": "\t"}),
        ";": ({"sep": ";"}, {"sep": ";"}, {"delimiter": ";"}),
        "quote '": ({"quotechar": "'"}, {"quotechar": "'"}, {"quote": "'"}),
        "CRLF": ({"lineterminator": "\r\n"}, {}, {}),
        "BOM": ({"encoding": "utf-8-sig"}, {"encoding": "utf-8-sig"}, {}),
        "escape \\": (
            {"doublequote": False, "escapechar": "\\"}, {"doublequote": False, "escapechar": "\\"}, {"escape": "\\"}),
    }  # fmt: skip
    for name, (writes, reads, settings) in styles.items():
        yield Case("pandas", "csv", name, ".csv", write_csv(**writes), read_csv(**reads), csv_source(**settings), note)
    for codec, suffix in (("gzip", ".gz"), ("bz2", ".bz2"), ("zstd", ".zst")):
        yield Case("pandas", "csv", codec, f".csv{suffix}", write_csv(compression=codec), read_csv(), csv_source(), note)
    yield Case("pandas", "jsonl", "default", ".jsonl", write_json(), read_json)
    yield Case("pandas", "jsonl", "not only ASCII", ".jsonl", write_json(force_ascii=False, date_format="iso"), read_json)
    yield Case("pandas", "jsonl", "gzip", ".jsonl.gz", write_json(compression="gzip"), read_json)
    for codec in ("snappy", "zstd"):
        yield Case("pandas", "parquet", codec, ".parquet", write_parquet(compression=codec), read_parquet)
