#!/usr/bin/env python3
"""`kill -9` at random moments of a run, then the same command again: every row arrives, what arrives twice has the same id, and a kill
costs no more than what was under way and what no checkpoint covered.

    python3 tests/e2e/kill.py SCALE [--release | --binary PATH] [--kills N] [--fail SHARE] [--seed N]

Runs are carried out one after the other, in small and in large chunks in turn, until so many have been killed; each is resumed to its end.
With `--fail` the simulator is a server of its own, which fails that share of the requests, with and without having taken them.
"""

import argparse
import bisect
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

import program

# With the smaller ones a job ends before its first checkpoint.
CHUNK_BYTES = (256 << 10, 16 << 20)
THREADS = 2
# Of one job: two requests under way, of at most 2,500 calls each.
IN_FLIGHT = 2 * 2_500
# What it sends from one checkpoint to the next: 20,000 calls, and one request more that lands before it is written, and the one that fills.
CHECKPOINT = 20_000 + 2 * 2_500
# A kill strikes after up to so many events: some lives have no checkpoint, others several.
LIFE = 60_000


class Embedded:
    """The simulator inside of the program that is killed."""

    def __init__(self, binary, extract, folder, chunk_bytes):
        self.events = folder / "events.jsonl"
        self.words = [*program.command(binary, "orders", extract, folder, chunk_bytes), "--threads", str(THREADS)]

    def __enter__(self):
        return self.words

    def __exit__(self, *_):
        pass


class Server:
    """A simulator beside it, which forgets the ids that it saw when the program was killed, as the embedded one does."""

    def __init__(self, binary, extract, folder, chunk_bytes, share, seed):
        self.events = folder / "events.jsonl"
        self.binary, self.extract, self.folder, self.port, self.chunk_bytes = binary, extract, folder, 0, chunk_bytes
        # A quarter of the failures are of requests that were taken.
        percent = 100 * share
        self.faults = f"503:{percent / 2:g}%,reset:{percent / 4:g}%,reset-after:{percent / 4:g}%"
        self.chance = random.Random(seed)
        folder.mkdir(parents=True)
        document = (program.EXAMPLES / "orders.yaml").read_text()
        document = document.replace("{secret: backhaul/tpch}", "{env: BACKHAUL_TEST_KEY}\n  max_events_per_second: 1000000")
        (folder / "orders.yaml").write_text(document)

    def __enter__(self):
        words = [self.binary, "sink", "--port", str(self.port), "--out", self.folder]
        words += ["--fail", f"{self.faults},seed:{self.chance.randrange(1 << 31)}"]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        url = re.search(r"http://[0-9.]+:(\d+)", self.process.stderr.readline())
        # The same place next time: another one would be another destination.
        self.port = int(url[1])
        words = [self.binary, "--json", "sync", self.folder / "orders.yaml", "--endpoint", url[0]]
        words += ["--extract", self.extract, "--state", self.folder / "state"]
        return words + ["--threads", str(THREADS), "--chunk-bytes", str(self.chunk_bytes)]

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()


def run_and_kill(words, events, size):
    """Starts a run and kills it once the sink's file has this many bytes. Returns whether it was killed, not finished."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if size_of(events) >= size:
                process.send_signal(signal.SIGKILL)
                return process.wait() == -signal.SIGKILL
            time.sleep(0.001)
    return False


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def kill_and_resume(simulator, chance, kills, event_bytes):
    """Carries one run out, killed up to `kills` times. Returns where the sink's file ended at each kill."""
    ends = []
    while len(ends) < kills:
        size = size_of(simulator.events) + chance.uniform(0, LIFE) * event_bytes
        with simulator as words:
            if not run_and_kill(words, simulator.events, size):
                break
        ends.append(size_of(simulator.events))
    with simulator as words:
        run = program.run(words)
    program.check(run.status == 0, f"the run that resumes: exit status {run.status}\n{run.said}")
    for mapping in run.report["mappings"]:
        accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
        program.check(mapping["rows"] == run.report["rows"] == accounted, f"{mapping} does not add up")
    return ends


def costs(events, ends):
    """Returns, for each kill, how many events arrived again that had arrived last in the life that it ended, and how many events
    are different."""
    last, again, place = {}, [0] * len(ends), 0
    with open(events, "rb") as lines:
        for line in lines:
            life = bisect.bisect_right(ends, place)
            place += len(line)
            message = json.loads(line)["messageId"]
            if message in last:
                program.check(last[message] < life, f"{message} was accepted twice in one life")
                again[last[message]] += 1
            last[message] = life
    return again, len(last)


def main():
    parser = argparse.ArgumentParser(description="Kill runs and resume them.")
    parser.add_argument("scale")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--binary", type=pathlib.Path, help="the program, if it is built already")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--fail", type=float, default=0, help="the share of requests that fail, e.g. 0.2")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary or program.build(arguments.release)
    extract = program.tpch(arguments.scale) / "orders.jsonl"
    os.environ["BACKHAUL_TEST_KEY"] = "any-key-will-do"
    chance = random.Random(arguments.seed)
    event_bytes = 1.5 * extract.stat().st_size / sum(1 for _ in open(extract, "rb"))
    limit = THREADS * (IN_FLIGHT + CHECKPOINT)

    again, rounds = [], 0
    while len(again) < arguments.kills:
        with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
            sink, chunk_bytes = pathlib.Path(folder) / "sink", CHUNK_BYTES[rounds % len(CHUNK_BYTES)]
            if arguments.fail:
                simulator = Server(binary, extract, sink, chunk_bytes, arguments.fail, arguments.seed + rounds)
            else:
                simulator = Embedded(binary, extract, sink, chunk_bytes)
            ends = kill_and_resume(simulator, chance, arguments.kills - len(again), event_bytes)
            cost, events = costs(simulator.events, ends)
            print(f"run {rounds}, chunks of {chunk_bytes >> 10} KiB: {events} events, killed {len(ends)} times; arrived again: {cost}")
            program.check(ends or rounds, "no run was killed: take a larger scale")
            oracle = [sys.executable, program.DATA / "oracle.py", "orders", "--extract", extract, "--repeats"]
            compared = subprocess.run([*oracle, "--events", simulator.events])
            program.check(compared.returncode == 0, "other events than expected after the kills")
        again += cost
        rounds += 1
    print(f"{len(again)} kills in {rounds} runs, all rows accounted for; a kill costs at most {max(again)} events that arrive again, "
          f"{sum(again) / len(again):.0f} on average; {THREADS * IN_FLIGHT} may be under way, {limit} is the limit")
    program.check(max(again) <= limit, "a kill cost more than what was under way and what no checkpoint covered")


if __name__ == "__main__":
    main()
