#!/usr/bin/env python3
"""Peak memory with extracts of many gigabytes: makes one, carries it, prints the figures, deletes it, then the next.

    tests/e2e/large.py [--gb 0.2] [--formats csv,jsonl,gzip,parquet,duckdb] [--send all|few] [--binary PATH]

`--gb` is the size of the file: for gzip compressed. `--send few` filters 9,999 rows of 10,000; `all` sends every row, to a
simulator that keeps none. Parquet is PyArrow's with its row groups of 1,048,576 rows, and DuckDB's. Ends with status 1 where a row is
not accounted for or more than 200 MB were resident.
"""

import argparse
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zlib

import program

sys.path.append(str(pathlib.Path(__file__).parents[1] / "writers"))
import needs  # noqa: E402

MEMORY_LIMIT = 200e6
BLOCK = 20_000
COLUMNS = ("id", "every", "name", "email", "plan", "total", "placed_at", "note")
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa".split()


def row(number):
    """Returns a row's values; the numbers in it differ from row to row, as in a real table."""
    mixed = number * 2654435761 % 4294967296
    note = " ".join(WORDS[mixed >> shift & 15] for shift in range(0, 28, 2)) + f" {mixed:x}"
    second, day = mixed % 86400, 1 + mixed % 28
    placed = f"2024-0{1 + mixed % 9}-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    name = f"{WORDS[mixed % 16]} {WORDS[mixed // 16 % 16]}, \"{mixed % 1000}\""
    return (f"u{number}", number % 10_000, name, f"{mixed:x}@example.com", WORDS[mixed % 3], mixed / 100, placed, note)


def csv_block(start, rows):
    def line(values):
        return ",".join('"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value) for value in values)

    return "".join(f"{line(row(number))}\n" for number in range(start, start + rows))


def jsonl_block(start, rows):
    return "".join(f"{json.dumps(dict(zip(COLUMNS, row(number))))}\n" for number in range(start, start + rows))


def write_text(path, size, block, head=""):
    """Writes text of a size, the same block with other ids again and again. Returns the rows."""
    rows, text = 0, block(0, BLOCK)
    with open(path, "wb") as out:
        out.write(head.encode())
        while out.tell() < size:
            out.write(renumbered(text, rows))
            rows += BLOCK
    return rows


def renumbered(text, first):
    """Returns a block whose ids are those of later rows: `u0` becomes `u<first>`-`0`, which is quick and keeps them distinct."""
    return text.replace('"u', f'"u{first}-').encode()


def write_gzip(path, size):
    """CSV in gzip, its header a member of its own, until the compressed file has the size."""
    rows, text = 0, csv_block(0, BLOCK)
    with open(path, "wb") as out:
        out.write(gzip.compress((",".join(COLUMNS) + "\n").encode()))
        press = zlib.compressobj(1, wbits=31)
        while out.tell() < size:
            out.write(press.compress(renumbered(text, rows)))
            rows += BLOCK
        out.write(press.flush())
    return rows


QUERY = """
    SELECT 'u' || i AS id, i % 10000 AS every, 'name "' || hash(i) % 1000 || '", of' AS name, hash(i, 1)::VARCHAR || '@example.com' AS email,
           ['free', 'pro', 'team'][1 + i % 3] AS plan, (hash(i, 2) % 100000000 / 100)::DECIMAL(18, 2) AS total,
           TIMESTAMP '2024-01-01' + to_seconds((hash(i, 3) % 31536000)::BIGINT) AS placed_at,
           hash(i, 4) || ' ' || hash(i, 5) || ' ' || hash(i, 6) AS note
    FROM range({start}, {stop}) AS r(i)
"""
PYARROW = """
import sys, duckdb, pyarrow.parquet as pq
path, size, query = sys.argv[1], float(sys.argv[2]), sys.argv[3]
step, start, writer = 1 << 20, 0, None
connection = duckdb.connect()
while start == 0 or out.tell() < size:
    rows = connection.execute(query.format(start=start, stop=start + step)).to_arrow_table()
    if writer is None:
        out = open(path, "wb")
        writer = pq.ParquetWriter(out, rows.schema)
    writer.write_table(rows, row_group_size=step)
    start += step
writer.close()
out.close()
print(start)
"""
DUCKDB = """
import sys, duckdb, os
path, size, query = sys.argv[1], float(sys.argv[2]), sys.argv[3]
connection = duckdb.connect()
connection.execute("SET memory_limit = '2GB'; SET threads = 2")
sample = 500_000
connection.execute(f"COPY ({query.format(start=0, stop=sample)}) TO '{path}' (FORMAT parquet)")
rows = int(size / os.path.getsize(path) * sample)
connection.execute(f"COPY ({query.format(start=0, stop=rows)}) TO '{path}' (FORMAT parquet)")
print(rows)
"""


def write_parquet(script):
    def write(path, size):
        words = [needs.python(), "-c", script, path, str(size), QUERY]
        return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1])

    return write


FORMS = {
    "csv": (".csv", lambda path, size: write_text(path, size, csv_block, ",".join(COLUMNS) + "\n")),
    "jsonl": (".jsonl", lambda path, size: write_text(path, size, jsonl_block)),
    "gzip": (".csv.gz", write_gzip),
    "parquet": (".parquet", write_parquet(PYARROW)),
    "duckdb": (".parquet", write_parquet(DUCKDB)),
}


def document(folder, path, send, is_text):
    fields = {"user_id": {"@path": "$.properties.id"}, "event_name": "Order", "properties": {"@path": "$.properties"}}
    whole = {
        "sync": "large",
        "source": {"extract": path.name, "id": "id", **({"types": {"every": "number", "total": "number"}} if is_text else {})},
        "destination": {"region": "us", "write_key": {"env": "SEGMENT_WRITE_KEY"}, "max_events_per_second": 1_000_000},
        "mappings": [{"name": "order", "action": "track", "fields": fields}],
    }
    if send == "few":
        whole["mappings"][0]["trigger"] = "properties.every = 7"
    place = folder / "sync.yaml"
    place.write_text(json.dumps(whole))
    return place


def carry(binary, folder, path, send, rows, form):
    """Carries an extract to a simulator in a process of its own, so that only the sync's memory is measured."""
    sync = document(folder, path, send, ".csv" in path.suffixes)
    simulator = subprocess.Popen([binary, "sink", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = next(word for line in simulator.stdout for word in line.split() if word.startswith("http://"))
        os.environ["SEGMENT_WRITE_KEY"] = "trial"
        words = [binary, "--json", "sync", sync, "--endpoint", address.rstrip(".,;"), "--state", folder / "state"]
        started = time.monotonic()
        run = program.run_measured(words, folder / "said")
        took = time.monotonic() - started
    finally:
        simulator.terminate()
        simulator.wait()
    what = f"{form}, {send} sent"
    program.check(run.status == 0, f"{what}: exit status {run.status}\n{run.said}")
    (mapping,) = run.report["mappings"]
    accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
    size = path.stat().st_size / 1e9
    print(f"{what:<20} {size:6.2f} GB {rows:>12,} rows  {mapping['sent']:>12,} sent  {run.report['jobs']['done']:>5} jobs  "
          f"peak {run.peak / 1e6:6.1f} MB  {took:7.1f} s  {run.cpu:7.1f} s cpu", flush=True)  # fmt: skip
    program.check(run.report["rows"] == rows == accounted, f"{what}: {rows} rows written, {run.report['rows']} read: {mapping}")
    return run.peak <= MEMORY_LIMIT


def main():
    parser = argparse.ArgumentParser(description="Measure the memory that large extracts take.")
    parser.add_argument("--gb", type=float, default=0.2, help="size of each extract (default: 0.2)")
    parser.add_argument("--formats", default=",".join(FORMS), help="which of them (default: all)")
    parser.add_argument("--send", choices=("all", "few"), default="few", help="how many rows to send (default: few)")
    parser.add_argument("--binary", type=pathlib.Path, help="the program (default: an optimised build)")
    arguments = parser.parse_args()
    binary, is_bounded = arguments.binary or program.build(True), True
    for form in arguments.formats.split(","):
        suffix, write = FORMS[form]
        with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
            folder = pathlib.Path(folder)
            free, path = shutil.disk_usage(folder).free, folder / f"extract{suffix}"
            program.check(free > 2 * arguments.gb * 1e9 + 2e9, f"{free / 1e9:.1f} GB of disk are too few")
            rows = write(path, arguments.gb * 1e9)
            is_bounded &= carry(binary, folder, path, arguments.send, rows, form)
    program.check(is_bounded, "more than 200 MB of memory at a peak")


if __name__ == "__main__":
    sys.exit(main())
