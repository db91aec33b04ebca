"""Deploys the stack and runs the checks on it, one after the other."""

import argparse
import shutil
import sys
import time
import traceback

import chaos
import failures
import functions
import logs
import program
import rights
import static
import tpch
import variants
import ways_in
from api import Api
from emulator import Emulator
from gate import Gate
from stack import Stack

FOLDER = program.TARGET / "stack" / "run"
OPEN = [*ways_in.CHECKS, *failures.CHECKS, *tpch.CHECKS, *logs.CHECKS]
# With the emulator enforcing what the roles allow: also what functions do where others were killed.
ENFORCED = [*rights.CHECKS, *chaos.CHECKS, logs.log_has_no_rows_and_no_write_keys]


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


def pass_over(checks, folder, prepare=lambda emulator: {}, **settings):
    """Deploys the stack with the parameters that `prepare` returns and runs the checks. Returns those that did not hold."""
    if not checks:
        return []
    start = time.monotonic()
    api = Api(folder / "api")
    gate, emulator = Gate(api.port), Emulator(folder / "emulator", **settings)
    try:
        # Nobody waits here for a key that was rotated, or for tries to come again.
        stack = Stack(emulator, api, gate, SecretSeconds=0, RetrySeconds=1, **prepare(emulator))
        if settings:
            stack.allow_plain_http()
        print(f"deployed in {time.monotonic() - start:.1f} s", flush=True)
        return [check for check in checks if not run(check, stack)]
    finally:
        emulator.stop()
        gate.stop()
        api.stop()


def main():
    parser = argparse.ArgumentParser(description="Check the deployed stack.")
    parser.add_argument("--only", metavar="TEXT", default="", help="checks with TEXT in their name")
    parser.add_argument("--static", action="store_true", help="only the checks that need no stack")
    arguments = parser.parse_args()
    stages = [static.CHECKS] if arguments.static else [static.CHECKS, OPEN, variants.CHECKS, ENFORCED]
    chosen = [[c for c in checks if arguments.only in c.__name__.replace("_", " ")] for checks in stages]
    functions.build()
    shutil.rmtree(FOLDER, ignore_errors=True)
    start = time.monotonic()
    failed = [check for check in chosen[0] if not run(check, None)]
    if not arguments.static:
        failed += pass_over(chosen[1], FOLDER / "open")
        failed += pass_over(chosen[2], FOLDER / "variants", variants.prepare)
        # All that the functions would ever log, to be searched for rows and keys.
        failed += pass_over(chosen[3], FOLDER / "enforced", lambda _: {"LogLevel": "trace"}, AUTH="true")
    count = sum(map(len, chosen))
    if failed:
        sys.exit(f"FAILED: {len(failed)} of {count} checks; logs are in {FOLDER}")
    print(f"{count} checks hold ({time.monotonic() - start:.0f} s)")


if __name__ == "__main__":
    main()
