#!/usr/bin/env python3
"""`kill -9` in the middle of a run, then the same command again: every row arrives, and what arrives twice has the same id.

    python3 tests/e2e/kill.py SCALE [--release] [--kills N] [--seed N]
"""

import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import program

CHUNK_BYTES = 256 << 10


def run_and_kill(words, seconds):
    """Starts a run and kills it after a while. Returns whether it was killed rather than finished."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description="Kill runs and resume them.")
    parser.add_argument("scale")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binary, data = program.build(arguments.release), program.tpch(arguments.scale)
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
        folder = pathlib.Path(folder)
        extract = data / "orders.jsonl"
        whole = program.command(binary, "orders", extract, folder / "whole", CHUNK_BYTES)
        started = time.monotonic()
        program.check(program.run(whole).status == 0, "the run that nobody disturbs")
        seconds = time.monotonic() - started

        sink = folder / "killed"
        words, killed = program.command(binary, "orders", extract, sink, CHUNK_BYTES), 0
        for _ in range(arguments.kills):
            killed += run_and_kill(words, chance.uniform(0.05, 0.9) * seconds)
        run = program.run(words)
        program.check(run.status == 0, f"the run that resumes: exit status {run.status}\n{run.said}")
        for mapping in run.report["mappings"]:
            accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
            program.check(mapping["rows"] == run.report["rows"] == accounted, f"{mapping} does not add up")

        oracle = [sys.executable, program.DATA / "oracle.py", "orders", "--extract", extract, "--repeats"]
        compared = subprocess.run([*oracle, "--events", sink / "events.jsonl"])
        program.check(compared.returncode == 0, "other events than expected after the kills")
        ids = [count_lines(folder / name / "events.jsonl") for name in ("whole", "killed")]
        program.check(killed > 0, "no run was killed: take a larger scale")
        print(f"{killed} of {arguments.kills} runs killed, resumed to the end; {ids[1] - ids[0]} of {ids[0]} events arrived again")


def count_lines(path):
    with open(path, "rb") as lines:
        return sum(1 for _ in lines)


if __name__ == "__main__":
    main()
