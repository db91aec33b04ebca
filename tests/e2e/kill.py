#!/usr/bin/env python3
"""`kill -9` at random moments of a run, then the same command again: every row arrives, what arrives twice has the same id, and a kill
costs no more than what was under way and what no checkpoint covered.

    python3 tests/e2e/kill.py SCALE [--release | --binary PATH] [--kills N] [--fail SHARE] [--seed N] [--checkpoint-calls N] [--batch-calls N]

Runs are carried out one after the other, with few large jobs and with many small ones in turn, until so many have been killed; each is resumed
to its end. Checkpoints and requests are small, so that a small extract has many of them; the program's own are `--checkpoint-calls 20000
--batch-calls 2500`, at scale 1. With `--fail` the simulator is a server of its own, which fails that share of the requests, with and without
having taken them.
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

THREADS = 2
# Requests of one job under way at once.
IN_FLIGHT = 2
# Kills strike in turn after so many events, in multiples of what a kill may cost. In the longer lives of large jobs there is so much more that a
# sender without checkpoints fails the test: no such job ends before.
LIVES = ((2.5, 4), (0, 1))
KILLS_OF_A_RUN = 3
# How often a run is resumed at most: where a simulator fails requests, some request may fail as often in a row as the program tries it, and
# then the program says to run it again.
RESUMES = 5


def limit_of(arguments):
    """Returns what a kill may cost: for each job that it strikes what was taken since its last checkpoint, the request with which the next one
    was due, and those that could land before it was written."""
    return THREADS * (arguments.checkpoint_calls + (1 + IN_FLIGHT) * arguments.batch_calls)


class Embedded:
    """The simulator inside of the program that is killed."""

    def __init__(self, binary, extract, folder, options):
        self.events = folder / "events.jsonl"
        self.words = [*program.command(binary, "orders", extract, folder), *options]

    def __enter__(self):
        return self.words

    def __exit__(self, *_):
        pass


class Server:
    """A simulator beside it, which forgets the ids that it saw when the program was killed, as the embedded one does."""

    def __init__(self, binary, extract, folder, options, share, seed):
        self.events = folder / "events.jsonl"
        self.binary, self.extract, self.folder, self.port, self.options = binary, extract, folder, 0, options
        # A quarter of the failures are of requests that were taken.
        percent = 100 * share
        self.faults = f"503:{percent / 2:g}%,reset:{percent / 4:g}%,reset-after:{percent / 4:g}%"
        self.chance = random.Random(seed)
        folder.mkdir(parents=True, exist_ok=True)
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
        return words + self.options

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()


def run_and_kill(words, events, life):
    """Starts a run and kills it once so many more events have arrived. Returns whether it was killed, not finished."""
    with open(events, "rb") as arriving, subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        arriving.seek(0, os.SEEK_END)
        while process.poll() is None:
            life -= arriving.read().count(b"\n")
            if life <= 0:
                process.send_signal(signal.SIGKILL)
                return process.wait() == -signal.SIGKILL
            time.sleep(0.001)
    return False


def end_of(events):
    """Returns where the last whole line ends: a simulator that is started cuts off what the one before it left behind that."""
    with open(events, "rb") as lines:
        start = max(0, lines.seek(0, os.SEEK_END) - (1 << 20))
        lines.seek(start)
        return start + lines.read().rfind(b"\n") + 1


def kill_and_resume(simulator, lives):
    """Carries one run out, killed after each of these lives. Returns where the sink's file ended with each life but the last, and how many
    of these ended by a kill."""
    ends = []
    simulator.events.parent.mkdir(parents=True, exist_ok=True)
    simulator.events.touch()
    for life in lives:
        with simulator as words:
            if not run_and_kill(words, simulator.events, life):
                break
        ends.append(end_of(simulator.events))
    killed = len(ends)
    for _ in range(RESUMES):
        with simulator as words:
            run = program.run(words)
        if "run the same command again" not in run.said:
            break
        ends.append(end_of(simulator.events))
    program.check(run.status == 0, f"the run that resumes: exit status {run.status}\n{run.said}")
    for mapping in run.report["mappings"]:
        accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
        program.check(mapping["rows"] == run.report["rows"] == accounted, f"{mapping} does not add up")
    return ends, killed


def costs(events, ends):
    """Returns, for each life but the last, how many events arrived in it, and how many of these arrived again later; and how many events are
    different."""
    last, arrived, again, place = {}, [0] * (len(ends) + 1), [0] * len(ends), 0
    with open(events, "rb") as lines:
        for line in lines:
            life = bisect.bisect_right(ends, place)
            place += len(line)
            arrived[life] += 1
            message = json.loads(line)["messageId"]
            if message in last:
                program.check(last[message] < life, f"{message} was accepted twice in one life")
                again[last[message]] += 1
            last[message] = life
    return list(zip(arrived, again)), len(last)


def jobs_of(extract, checkpoint_calls):
    """Returns the options for large jobs, as many as are carried out at once, and for small ones, which end before their first checkpoint."""
    size, rows = extract.stat().st_size, sum(1 for _ in open(extract, "rb"))
    chunks = {"large": size // THREADS + 1, "small": size * checkpoint_calls * 3 // 4 // rows}
    return {jobs: ["--chunk-bytes", str(chunk)] for jobs, chunk in chunks.items()}


def try_run(arguments, number, extract, options, lives):
    """Carries one run out that is killed after these lives, checks what arrived, and returns what `costs` says of the kills."""
    with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
        sink = pathlib.Path(folder) / "sink"
        if arguments.fail:
            simulator = Server(arguments.binary, extract, sink, options, arguments.fail, arguments.seed + number)
        else:
            simulator = Embedded(arguments.binary, extract, sink, options)
        ends, killed = kill_and_resume(simulator, lives)
        program.check(killed, "no run was killed: take a larger scale")
        found, events = costs(simulator.events, ends)
        found = found[:killed]
        told = ", ".join(f"{again} of {arrived}" for arrived, again in found)
        print(f"run {number}: {events} events, killed {killed} times; arrived again: {told}", flush=True)
        oracle = [sys.executable, program.DATA / "oracle.py", "orders", "--extract", extract, "--repeats"]
        compared = subprocess.run([*oracle, "--events", simulator.events])
        program.check(compared.returncode == 0, "other events than expected after the kills")
    return found


def main():
    parser = argparse.ArgumentParser(description="Kill runs and resume them.")
    parser.add_argument("scale")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--binary", type=pathlib.Path, help="the program, if it is built already")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--fail", type=float, default=0, help="the share of requests that fail, e.g. 0.2")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint-calls", type=int, default=500)
    parser.add_argument("--batch-calls", type=int, default=100)
    arguments = parser.parse_args()
    arguments.binary = arguments.binary or program.build(arguments.release)
    extract = program.tpch(arguments.scale) / "orders.jsonl"
    os.environ["BACKHAUL_TEST_KEY"] = "any-key-will-do"
    chance, limit = random.Random(arguments.seed), limit_of(arguments)
    options = ["--threads", str(THREADS)]
    options += ["--checkpoint-calls", str(arguments.checkpoint_calls), "--batch-calls", str(arguments.batch_calls)]

    # What is known of each kill, by the size of the jobs that it struck.
    kills, number = {"large": [], "small": []}, 0
    sizes = jobs_of(extract, arguments.checkpoint_calls)
    while (left := arguments.kills - sum(map(len, kills.values()))) > 0:
        jobs = ("large", "small")[number % 2]
        lives = [limit * chance.uniform(*LIVES[kill % 2]) for kill in range(min(KILLS_OF_A_RUN, left))]
        kills[jobs] += try_run(arguments, number, extract, options + sizes[jobs], lives)
        number += 1
    again = [cost for found in kills.values() for _, cost in found]
    long = [arrived for arrived, _ in kills["large"] if arrived >= LIVES[0][0] * limit]
    print(f"{len(again)} kills in {number} runs, {len(long)} of them long after a large job began; all rows accounted for; a kill costs at most "
          f"{max(again)} events that arrive again, {sum(again) / len(again):.0f} on average; {limit} is the limit")  # fmt: skip
    program.check(long, "no kill would have cost too much without checkpoints: take a larger scale")
    program.check(max(again) <= limit, "a kill cost more than what was under way and what no checkpoint covered")


if __name__ == "__main__":
    main()
