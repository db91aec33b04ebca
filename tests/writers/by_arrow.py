"""PyArrow as writer."""

import bz2
import gzip

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import zstandard

import rules
import table
from cases import TYPES, Case, csv_source, typed

CODECS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")
PRESS = {"gzip": (".gz", gzip.compress), "bz2": (".bz2", bz2.compress), "zstd": (".zst", zstandard.compress)}
# PyArrow's CSV writer takes neither bytes with any byte nor dictionaries of text in every version: these say what it does take.
CSV_COLUMNS = [name for name in table.FLAT if name not in ("bytes",)]


def write_csv(quoting, delimiter, press=None):
    def to(path):
        options = pyarrow.csv.WriteOptions(quoting_style=quoting, delimiter=delimiter)
        rows = table.table(CSV_COLUMNS, nul=True)
        rows = rows.set_column(rows.column_names.index("word"), "word", rows["word"].cast(pa.string()))
        pyarrow.csv.write_csv(rows, path, options)
        if press:
            path.write_bytes(press(path.read_bytes()))

    return to


def read_csv(delimiter):
    def of(path):
        names = ["id", *CSV_COLUMNS]
        parse = pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        convert = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, quoted_strings_can_be_null=False,
            null_values=["", "\\N"],
        )  # fmt: skip
        # PyArrow knows compressed files by their names, but not zstd's as `.zst` in every version.
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        elif path.suffix == ".bz2":
            data = bz2.decompress(data)
        elif path.suffix == ".zst":
            data = zstandard.decompress(data)
        read = pyarrow.csv.read_csv(pa.BufferReader(data), parse_options=parse, convert_options=convert)
        return rules.rows_of_text(read.to_pylist(), TYPES)

    return of


def write_parquet(**options):
    leave = options.pop("leave", [])

    def to(path):
        pq.write_table(table.table(nul=True).drop_columns(leave), path, **options)

    return to


def read_parquet(path):
    return rules.rows_of_arrow(pq.read_table(path))


def cases():
    for quoting in ("needed", "all_valid"):
        for name, delimiter in ((",", ","), ("|", "|"), ("tab", "\t"), ("^A", "\x01")):
            source = csv_source(delimiter=delimiter)
            yield Case("pyarrow", "csv", f"{quoting} {name}", ".csv", write_csv(quoting, delimiter), read_csv(delimiter), source)
    for codec, (suffix, press) in PRESS.items():
        yield Case("pyarrow", "csv", codec, f".csv{suffix}", write_csv("needed", ",", press), read_csv(","), csv_source())

    yield typed(Case("pyarrow", "csv", "needed", ".csv", write_csv("needed", ","), read_csv(","), csv_source()), CSV_COLUMNS)

    small = {"row_group_size": 7, "data_page_size": 64, "write_batch_size": 1}
    options = {codec: {"compression": codec} for codec in CODECS}
    options |= {f"v2 pages {codec}": {"compression": codec, "data_page_version": "2.0"} for codec in CODECS}
    options |= {
        "small groups, pages": small,
        "small, v2 pages": {**small, "data_page_version": "2.0"},
        "small, page index": {**small, "write_page_index": True},
        "page checksums": {"write_page_checksum": True},
        "no dictionary": {"use_dictionary": False},
        "dictionary overflows": {"dictionary_pagesize_limit": 100, "data_page_size": 100},
        "int96": {"use_deprecated_int96_timestamps": True},
        "format 1.0": {"version": "1.0"},
        "format 2.4": {"version": "2.4"},
        "decimals as integers": {"store_decimal_as_integer": True},
        "byte stream split": {"use_dictionary": False, "use_byte_stream_split": ["f64", "f32", "i64"]},
        "delta": {"use_dictionary": False, "column_encoding": {
            "i64": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "more": "DELTA_LENGTH_BYTE_ARRAY", "i8": "DELTA_BINARY_PACKED"}},
        "without Arrow's schema": {"store_schema": False},
    }  # fmt: skip
    far = ["at_ms", "at_us"]
    for name, given in options.items():
        given, note = dict(given), ""
        if name in ("int96",):
            given["leave"], note = far, "years 1 and 9999 left out: PyArrow's int96 are nanoseconds in 64 bits"
        yield Case("pyarrow", "parquet", name, ".parquet", write_parquet(**given), read_parquet, note=note)
