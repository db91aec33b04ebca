"""Runs the checks."""

import shutil
import sys
import time

import functions
import program
from api import Api
from emulator import Emulator
from stack import Stack, until

FOLDER = program.TARGET / "stack" / "run"
SYNC = """
sync: people
source:
  extract: s3://%s/extracts/people/
  id: id
destination:
  write_key: {secret: backhaul/people}
mappings:
  - name: identify
    action: identify
    fields:
      user_id: {"@path": "$.properties.id"}
      traits: {"@path": "$.properties"}
"""


def main():
    functions.build()
    shutil.rmtree(FOLDER, ignore_errors=True)
    start = time.monotonic()
    api, emulator = Api(FOLDER / "api"), Emulator(FOLDER / "emulator")
    try:
        stack = Stack(emulator, api)
        print(time.monotonic() - start, stack.outputs)
        emulator.client("secretsmanager").create_secret(Name="backhaul/people", SecretString="k3y")
        stack.put("syncs/people.yaml", (SYNC % stack.bucket).encode())
        stack.put("extracts/people/a.jsonl", b"".join(b'{"id":"%d","n":%d}\n' % (i, i) for i in range(1000)))
        print(stack.invoke("scheduler", {"sync": "people"}))
        print(until("report", lambda: stack.reports("people")))
        print(len(api.events()), time.monotonic() - start)
    finally:
        emulator.stop()
        api.stop()


if __name__ == "__main__":
    main()
