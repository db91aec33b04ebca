#!/usr/bin/env python3
"""Rows through `backhaul sync` to an API that limits their rate, while the rate set is higher: how much of the limit is used, and at which
price in refused requests.

    tests/e2e/load.py [--rows 1000000] [--limit 20000] [--rate 50000] [--binary PATH]

The API is `backhaul sink` in a process of its own. The throughput counts from the first request on, a second of it saved up by the limiter
left out. Ends with status 1 where less than 95% of the limit were used, more than 1% of the requests were refused, or a row is missing.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import program

LEAST_USED = 0.95
MOST_REFUSED = 0.01
EVERY = 0.05


def write(path, rows):
    """Writes JSON lines of some 150 bytes."""
    with open(path, "w") as out:
        for number in range(rows):
            mixed = number * 2654435761 % 4294967296
            row = {"id": f"u{number}", "email": f"{mixed:x}@example.com", "plan": ("free", "pro", "team")[mixed % 3], "total": mixed / 100}
            out.write(json.dumps(row) + "\n")


def document(folder, extract, rate):
    sync = {
        "sync": "load",
        "source": {"extract": extract.name, "id": "id"},
        "destination": {"region": "us", "write_key": {"env": "SEGMENT_WRITE_KEY"}, "max_events_per_second": rate},
        "mappings": [
            {
                "name": "customer",
                "action": "identify",
                "fields": {"user_id": {"@path": "$.properties.id"}, "traits": {"@path": "$.properties"}},
            }
        ],
    }
    place = folder / "sync.yaml"
    place.write_text(json.dumps(sync))
    return place


class Watch(threading.Thread):
    """Asks the API for its counts until it is stopped; notes when the first and the last event were taken."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.stopped, self.first, self.last, self.counts = address, threading.Event(), None, None, {}

    def run(self):
        while not self.stopped.wait(EVERY):
            self.look()

    def look(self):
        with urllib.request.urlopen(f"{self.address}/__counts", timeout=10) as answer:
            counts = json.load(answer)
        now = time.monotonic()
        if counts["requests"] and self.first is None:
            self.first = now
        if counts["accepted"] != self.counts.get("accepted"):
            self.last = now
        self.counts = counts


def carry(arguments, folder):
    """Carries the rows and returns what the API counted and how long it took."""
    extract = folder / "extract.jsonl"
    write(extract, arguments.rows)
    words = [arguments.binary, "sink", "--port", "0", "--max-events-per-second", str(arguments.limit)]
    sink = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = next(word for line in sink.stdout for word in line.split() if word.startswith("http://")).rstrip(".,;")
        os.environ["SEGMENT_WRITE_KEY"] = "trial"
        watch = Watch(address)
        watch.start()
        sync = document(folder, extract, arguments.rate)
        run = program.run([arguments.binary, "--json", "sync", sync, "--endpoint", address, "--state", folder / "state"])
        watch.stopped.set()
        watch.join()
        watch.look()
    finally:
        sink.terminate()
        sink.wait()
    program.check(run.status == 0, f"exit status {run.status}\n{run.said}")
    (mapping,) = run.report["mappings"]
    program.check(mapping["sent"] == watch.counts["accepted"] == arguments.rows, f"{mapping}, {watch.counts}: rows are missing")
    return watch.counts, watch.last - watch.first


def main():
    parser = argparse.ArgumentParser(description="Measure how much of an API's limit is used.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=20_000, help="events a second that the API takes (default: 20000)")
    parser.add_argument("--rate", type=int, default=50_000, help="max_events_per_second of the sync (default: 50000)")
    parser.add_argument("--binary", type=pathlib.Path, help="the program (default: an optimised build)")
    arguments = parser.parse_args()
    arguments.binary = (arguments.binary or program.build(True)).resolve()
    with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
        counts, took = carry(arguments, pathlib.Path(folder))
    refused, requests = counts["answered"].get("429", 0), counts["requests"]
    used = (arguments.rows - arguments.limit) / took / arguments.limit
    print(f"{arguments.rows:,} rows in {took:.1f} s: {arguments.rows / took:,.0f} events/s, {used:.1%} of the limit of {arguments.limit:,} "
          f"(set: {arguments.rate:,}); {refused} of {requests} requests refused with 429, {refused / requests:.2%}; "
          f"{counts['sent_again']} events sent again")  # fmt: skip
    program.check(used >= LEAST_USED, f"less than {LEAST_USED:.0%} of the limit used")
    program.check(refused <= MOST_REFUSED * requests, f"more than {MOST_REFUSED:.0%} of the requests refused")


if __name__ == "__main__":
    sys.exit(main())
