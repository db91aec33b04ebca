"""Runs the checks."""

import shutil
import sys
import time

import functions
import program
from api import Api
from emulator import Emulator
from stack import Stack
from sync import Sync

FOLDER = program.TARGET / "stack" / "run"


def main():
    functions.build()
    shutil.rmtree(FOLDER, ignore_errors=True)
    start = time.monotonic()
    api, emulator = Api(FOLDER / "api"), Emulator(FOLDER / "emulator")
    try:
        stack = Stack(emulator, api)
        print(time.monotonic() - start)
        people = Sync(stack, "people")
        people.drop("a b+c.jsonl", 1000)
        print(people.report())
        print(len(api.events()), time.monotonic() - start)
    finally:
        emulator.stop()
        api.stop()


if __name__ == "__main__":
    main()
