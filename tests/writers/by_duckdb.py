"""DuckDB as writer."""

import duckdb

import rules
import table
from cases import TYPES, Case, csv_source, typed

# DuckDB's own types in place of Arrow's, where it has them.
OWN = "REPLACE (uuid::UUID AS uuid, json::JSON AS json)"
# One row for each of these is in the files; DuckDB's JSON writer spells NaN and infinities as no JSON does.
WITHOUT_WEIRD = "WHERE weird IS NULL"


def connect(columns=None, nul=False):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    connection.register("nasty", table.table(columns, nul))
    return connection


# What has no spelling of its own in CSV, as the recipe in the README has it, and what it then is.
NESTED = ["list", "nested", "struct", "objects", "map", "deep"]
RECIPE = f"{OWN[:-1]}, hex(bytes) AS bytes, {', '.join(f'to_json({name}) AS {name}' for name in NESTED)})"
RECIPE_TYPES = {**TYPES, **dict.fromkeys(NESTED, "json")}


def write(options, columns=None, nul=False, where="", own=OWN):
    def to(path):
        connect(columns, nul).execute(f"COPY (SELECT * {own} FROM nasty {where}) TO '{path}' ({options})")

    return to


def read_parquet(path):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    found = connection.execute(f"SELECT * REPLACE (json::VARCHAR AS json) FROM read_parquet('{path}')")
    return rules.rows_of_arrow(found.to_arrow_table(), json_columns=["json"])


def read_csv(options, types=TYPES):
    def of(path):
        found = duckdb.connect().execute(f"SELECT * FROM read_csv('{path}', all_varchar = true, allow_quoted_nulls = false, {options})")
        names = [column[0] for column in found.description]
        return rules.rows_of_text((dict(zip(names, row)) for row in found.fetchall()), types)

    return of


def read_json(path):
    """Each line as one value of DuckDB's type JSON, which keeps its digits: columns of numbers would be doubles."""
    found = duckdb.connect().execute(f"SELECT json::VARCHAR FROM read_ndjson_objects('{path}')").fetchall()
    rows = [rules.parse(line) for line, in found]
    return {row["id"]: row for row in rows}


def cases():
    def csv(name, settings, writes, reads, suffix=".csv"):
        return Case("duckdb", "csv", name, suffix, write(f"FORMAT csv, {writes}", table.FLAT), read_csv(reads), csv_source(**{"null": [""], **settings}))

    yield csv("default", {}, "HEADER", "header = true, delim = ',', quote = '\"', escape = '\"'")
    yield csv("quote all", {}, "HEADER, FORCE_QUOTE *", "header = true, delim = ',', quote = '\"', escape = '\"'")
    for name, given in (("|", "|"), ("tab", "\t"), (";", ";"), ("^A", "\x01")):
        reads = f"header = true, delim = '{given}', quote = '\"', escape = '\"'"
        yield csv(f"delim {name}", {"delimiter": given}, f"HEADER, DELIM '{given}'", reads)
    yield csv("quote '", {"quote": "'"}, "HEADER, QUOTE '''', ESCAPE ''''", "header = true, delim = ',', quote = '''', escape = ''''")
    yield csv("escape \\", {"escape": "\\", "escape_style": "quoted"}, "HEADER, ESCAPE '\\'", "header = true, delim = ',', quote = '\"', escape = '\\'")
    words = {"null": ["NULL"]}
    yield csv("null NULL", words, "HEADER, NULL 'NULL'", "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = 'NULL'")
    for codec, suffix in (("gzip", ".csv.gz"), ("zstd", ".csv.zst")):
        yield csv(codec, {}, f"HEADER, COMPRESSION {codec}", "header = true, delim = ',', quote = '\"', escape = '\"'", suffix)

    doubled = "header = true, delim = ',', quote = '\"', escape = '\"'"
    columns = [name for name, _, _ in table.column_types()]
    for preset, options, reads in (
        ("duckdb", "HEADER", doubled),
        ("bigquery", "HEADER", doubled),
        ("snowflake", "HEADER, FORCE_QUOTE *", doubled),
        ("databricks", "HEADER, ESCAPE '\\'", "header = true, delim = ',', quote = '\"', escape = '\\'"),
    ):
        # A single file has no marker.
        source = {"preset": preset, "types": RECIPE_TYPES, **({"complete": "object"} if preset == "databricks" else {})}
        written = write(f"FORMAT csv, {options}", nul=True, own=RECIPE)
        yield typed(Case("duckdb", "csv", f"preset {preset}", ".csv", written, read_csv(reads, RECIPE_TYPES), source), columns)
    note = "NaN and infinities left out: DuckDB writes them as words that are no JSON"
    for codec, suffix in (("none", ".jsonl"), ("gzip", ".jsonl.gz"), ("zstd", ".jsonl.zst")):
        options = "FORMAT json" + ("" if codec == "none" else f", COMPRESSION {codec}")
        yield Case("duckdb", "jsonl", codec, suffix, write(options, nul=True, where=WITHOUT_WEIRD), read_json, note=note)
    written = write("FORMAT json", where=WITHOUT_WEIRD, own=f"{OWN[:-1]}, hex(bytes) AS bytes)")
    source = {"preset": "duckdb"}
    yield typed(Case("duckdb", "jsonl", "preset duckdb", ".jsonl", written, read_json, source, note), columns)

    parquet = [f"COMPRESSION {codec}" for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli")]
    parquet += ["PARQUET_VERSION v2", "PARQUET_VERSION v2, COMPRESSION zstd", "ROW_GROUP_SIZE 2048", "DICTIONARY_SIZE_LIMIT 1"]
    for options in parquet:
        written = write(f"FORMAT parquet, {options}", nul=True)
        yield Case("duckdb", "parquet", options.lower(), ".parquet", written, read_parquet)
    yield Case("duckdb", "parquet", "preset duckdb", ".parquet", write("FORMAT parquet"), read_parquet, {"preset": "duckdb"})
