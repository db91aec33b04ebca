"""pandas as writer."""

import csv
import decimal
import math

import pandas as pd
import pyarrow as pa

import rules
import table
from cases import TYPES, Case, csv_source, typed

NULLABLE = {
    pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.int8(): pd.Int8Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip
# pandas writes what is not text by Python's `str`, which for bytes and nested values is no format.
CSV_COLUMNS = [name for name in table.FLAT if name != "bytes"]
# Days and times outside nanoseconds' reach are objects to pandas; its JSON writer takes neither those nor bytes.
JSON_COLUMNS = ["text", "more", "i64", "i8", "f64", "d2", "flag", "nothing", "never", "word", "list", "nested", "struct", "at_ns", "at_utc"]
# pandas has no maps: it makes lists of pairs of them, and cannot write these.
PARQUET_COLUMNS = [name for name, _, _ in table.column_types() if name not in ("map", "deep")]


def frame(columns):
    return table.table(columns).to_pandas(types_mapper=NULLABLE.get)


def write_csv(**options):
    def to(path):
        rows = frame(CSV_COLUMNS)
        if "lineterminator" not in options and "quoting" not in options:
            rows = rows[~rows[["text", "more"]].apply(lambda column: column.str.contains("\r", na=False)).any(axis=1)]
        rows.to_csv(path, index=False, **options)

    return to


def read_csv(missing=None, types=TYPES, **options):
    """`missing` is what stands for a missing value, which pandas also reads out of an empty text in quotes."""

    def of(path):
        read = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], **options)
        return rules.rows_of_text(read.astype(object).where(read.notna(), missing).to_dict("records"), types)

    return of


def write_json(**options):
    def to(path):
        rows = frame(JSON_COLUMNS)
        size = rows["f64"].abs()
        rows["f64"] = rows["f64"].where((size == 0) | ((size > 1e-300) & (size <= 1e308)))
        rows["i64"] = rows["i64"].fillna(0)
        rows["empty"] = [[{}, [], [{}], {"a": {}}][row % 4] for row in range(len(rows))]
        rows.to_json(path, orient="records", lines=True, **options)

    return to


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
    return lambda path: frame(PARQUET_COLUMNS).to_parquet(path, index=False, **options)


def read_parquet(path):
    return rules.rows_of_arrow(pa.Table.from_pandas(pd.read_parquet(path, dtype_backend="pyarrow"), preserve_index=False))


def cases():
    note = "without texts with CR: pandas does not quote them, and reads more rows than it wrote"
    quoted = 'pandas quotes missing values too, so they are empty texts'
    narrow = "without numbers near a double's ends, which pandas cannot read back, and NULLs among integers, which make them doubles"
    styles = {
        "default": ({}, {}, {}),
        "tab": ({"sep": "\t"}, {"sep": "\t"}, {"delimiter": "\t"}),
        ";": ({"sep": ";"}, {"sep": ";"}, {"delimiter": ";"}),
        "quote '": ({"quotechar": "'"}, {"quotechar": "'"}, {"quote": "'"}),
        "CRLF": ({"lineterminator": "\r\n"}, {}, {}),
        "BOM": ({"encoding": "utf-8-sig"}, {"encoding": "utf-8-sig"}, {}),
        "escape \\": (
            {"doublequote": False, "escapechar": "\\"}, {"doublequote": False, "escapechar": "\\"}, {"escape": "\\"}),
    }  # fmt: skip
    for name, (writes, reads, settings) in styles.items():
        source = csv_source(null=[""], **settings)
        said = "" if name == "CRLF" else note
        yield Case("pandas", "csv", name, ".csv", write_csv(**writes), read_csv(**reads), source, said)
    written, read = write_csv(quoting=csv.QUOTE_ALL), read_csv(missing="", types={})
    yield Case("pandas", "csv", "quote all", ".csv", written, read, {"format": "csv"}, quoted)
    for codec, suffix in (("gzip", ".gz"), ("bz2", ".bz2"), ("zstd", ".zst")):
        yield Case("pandas", "csv", codec, f".csv{suffix}", write_csv(compression=codec), read_csv(), csv_source(null=[""]), note)
    yield typed(Case("pandas", "csv", "default", ".csv", write_csv(), read_csv(), csv_source(null=[""]), note), CSV_COLUMNS)
    iso = Case("pandas", "jsonl", "ISO dates", ".jsonl", write_json(date_format="iso", date_unit="ns"), read_json, note=narrow)
    yield typed(iso, JSON_COLUMNS)
    yield Case("pandas", "jsonl", "default", ".jsonl", write_json(), read_json, note=narrow)
    yield Case("pandas", "jsonl", "not only ASCII", ".jsonl", write_json(force_ascii=False, date_format="iso"), read_json, note=narrow)
    yield Case("pandas", "jsonl", "gzip", ".jsonl.gz", write_json(compression="gzip"), read_json, note=narrow)
    for codec in ("snappy", "zstd"):
        yield Case("pandas", "parquet", codec, ".parquet", write_parquet(compression=codec), read_parquet)
