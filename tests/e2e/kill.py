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


def run_and_kill(words, events, size):
    """Starts a run and kills it once the sink's file has this many bytes. Returns whether it was killed, not finished."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if events.exists() and events.stat().st_size >= size:
                process.send_signal(signal.SIGKILL)
                return process.wait() == -signal.SIGKILL
            time.sleep(0.001)
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
        program.check(program.run(whole).status == 0, "the run that nobody disturbs")
        size = (folder / "whole" / "events.jsonl").stat().st_size

        sink = folder / "killed"
        words = program.command(binary, "orders", extract, sink, CHUNK_BYTES)
        points = sorted(chance.uniform(0.02, 0.9) * size for _ in range(arguments.kills))
        killed = sum(run_and_kill(words, sink / "events.jsonl", point) for point in points)
        run = program.run(words)
        program.check(run.status == 0, f"the run that resumes: exit status {run.status}\n{run.said}")
        for mapping in run.report["mappings"]:
            accounted = mapping["sent"] + mapping["filtered"] + mapping["rejected"]
            program.check(mapping["rows"] == run.report["rows"] == accounted, f"{mapping} does not add up")

        oracle = [sys.executable, program.DATA / "oracle.py", "orders", "--extract", extract, "--repeats"]
        compared = subprocess.run([*oracle, "--events", sink / "events.jsonl"])
        program.check(compared.returncode == 0, "other events than expected after the kills")
        program.check(killed > 0, "no run was killed: take a larger scale")
        once, repeated = (count_lines(folder / name / "events.jsonl") for name in ("whole", "killed"))
        print(f"{killed} runs killed, resumed to the end; {repeated - once} of {once} events arrived again")


def count_lines(path):
    with open(path, "rb") as lines:
        return sum(1 for _ in lines)


if __name__ == "__main__":
    main()
