"""Deploys the stack once and runs the checks on it, one after the other."""

import argparse
import shutil
import sys
import time
import traceback

import failures
import functions
import program
import ways_in
from api import Api
from emulator import Emulator
from gate import Gate
from stack import Stack

FOLDER = program.TARGET / "stack" / "run"
CHECKS = [*ways_in.CHECKS, *failures.CHECKS]


def run(check, stack):
    """Runs a check, says how it went, and returns whether it held."""
    start = time.monotonic()
    try:
        check(stack)
        held = True
    except Exception:
        traceback.print_exc()
        held = False
    name = check.__name__.replace("_", " ")
    print(f"{'ok    ' if held else 'FAILED'} {name} ({time.monotonic() - start:.1f} s)", flush=True)
    return held


def main():
    parser = argparse.ArgumentParser(description="Check the deployed stack.")
    parser.add_argument("--only", metavar="TEXT", default="", help="checks with TEXT in their name")
    arguments = parser.parse_args()
    checks = [check for check in CHECKS if arguments.only in check.__name__.replace("_", " ")]
    functions.build()
    shutil.rmtree(FOLDER, ignore_errors=True)
    start = time.monotonic()
    api = Api(FOLDER / "api")
    gate, emulator = Gate(api.port), Emulator(FOLDER / "emulator")
    try:
        stack = Stack(emulator, api, gate, SecretSeconds=0, RetrySeconds=1)
        print(f"deployed in {time.monotonic() - start:.1f} s", flush=True)
        failed = [check for check in checks if not run(check, stack)]
    finally:
        emulator.stop()
        gate.stop()
        api.stop()
    if failed:
        sys.exit(f"FAILED: {len(failed)} of {len(checks)} checks; logs are in {FOLDER}")
    print(f"{len(checks)} checks of the deployed stack hold ({time.monotonic() - start:.0f} s)")


if __name__ == "__main__":
    main()
