#!/usr/bin/env python3
"""TPC-H extracts through `backhaul sync --sink`, every accepted event against what plain Python makes of the same files.

    tests/tpch SCALE [--release] [--steady SMALLER]      SCALE 1: 150,000 customers and 1,500,000 orders

For customers and orders, as CSV and as JSON lines, cut into chunks of three sizes: the counts add up, the events are the
expected ones, and every chunk size gives the same events with the same message ids. Memory stays below 200 MB, and with
`--steady` within 20% of what a smaller scale takes.
"""

import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

import program

CHUNKS = {"64 KiB": 64 << 10, "1 MiB": 1 << 20, "64 MiB": 64 << 20}


def rows_in(extract):
    """Counts an extract's records without Backhaul."""
    script = "import csv,sys;print(sum(1 for _ in csv.reader(open(sys.argv[1],newline='')))-1)"
    if extract.suffix == ".jsonl":
        script = "import sys;print(sum(1 for line in open(sys.argv[1],'rb') if line.strip()))"
    return int(subprocess.run([sys.executable, "-c", script, extract], capture_output=True, check=True).stdout)


def fingerprint(events):
    """Returns a hash of the lines of a file as a multiset: their order depends on which request was faster."""
    total = 0
    with open(events, "rb") as lines:
        for line in lines:
            total = (total + int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")) % (1 << 128)
    return total


def check_counts(run, rows, what):
    """Checks that every row is accounted for, in every mapping."""
    program.check(run.status == 0, f"{what}: exit status {run.status}\n{run.said}")
    program.check(run.report["rows"] == rows, f"{what}: {run.report['rows']} rows read, the extract has {rows}")
    for mapping in run.report["mappings"]:
        accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
        program.check(mapping["rows"] == rows == accounted, f"{what}: {mapping} does not account for {rows} rows")


MEMORY_LIMIT = 200e6
MEMORY_GROWTH = 1.2


def carry(binary, sync, extract, label, chunk_bytes, folder):
    """Carries one extract and returns the run and its events."""
    sink = folder / f"{sync}-{extract.suffix[1:]}-{chunk_bytes}"
    words = program.command(binary, sync, extract, sink, chunk_bytes)
    run = program.run_measured(words, folder / "said")
    what = f"{sync} {extract.suffix[1:]} in chunks of {label}"
    megabytes = run.peak / 1e6
    print(f"{what:<36} {run.cpu:7.2f} s cpu  peak {megabytes:6.1f} MB  {run.report and run.report['api_calls']} calls")
    return run, sink / "events.jsonl", what


def check_extract(binary, sync, extract, folder):
    """Carries one extract with every chunk size."""
    rows, first = rows_in(extract), None
    for label, chunk_bytes in CHUNKS.items():
        run, events, what = carry(binary, sync, extract, label, chunk_bytes, folder)
        check_counts(run, rows, what)
        program.check(run.peak <= MEMORY_LIMIT, f"{what}: {run.peak / 1e6:.0f} MB of memory at the peak")
        seen = fingerprint(events)
        if first is None:
            oracle = [sys.executable, program.DATA / "oracle.py", sync, "--extract", extract, "--events", events]
            program.check(subprocess.run(oracle).returncode == 0, f"{what}: other events than expected")
            first = seen
        program.check(seen == first, f"{what}: other events or ids than with the first chunk size")
        shutil.rmtree(events.parent)


def check_steady(binary, smaller, larger, folder):
    """Checks that memory does not grow with the extract: ten times the rows, the same peak."""
    for sync in ("customers", "orders"):
        for form in ("csv", "jsonl"):
            peaks = []
            for scale in (smaller, larger):
                extract = program.tpch(scale) / f"{sync}.{form}"
                run, events, what = carry(binary, sync, extract, f"16 MiB at scale {scale}", 16 << 20, folder)
                program.check(run.status == 0, f"{what}: {run.said}")
                peaks.append(run.peak)
                shutil.rmtree(events.parent)
            program.check(max(peaks) <= MEMORY_GROWTH * min(peaks), f"{sync}.{form}: memory grows, {peaks} bytes")


def main():
    parser = argparse.ArgumentParser(description="Check TPC-H of a scale.")
    parser.add_argument("scale")
    parser.add_argument("--release", action="store_true", help="build and run with optimisations")
    parser.add_argument("--steady", metavar="SMALLER", help="also compare the peak memory with that of a smaller scale")
    arguments = parser.parse_args()
    binary = program.build(arguments.release)
    data = program.tpch(arguments.scale)
    with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
        for sync in ("customers", "orders"):
            for form in ("csv", "jsonl"):
                check_extract(binary, sync, data / f"{sync}.{form}", pathlib.Path(folder))
        if arguments.steady:
            check_steady(binary, arguments.steady, arguments.scale, pathlib.Path(folder))
    print(f"TPC-H scale {arguments.scale}: all events as expected, all rows accounted for")


if __name__ == "__main__":
    main()
