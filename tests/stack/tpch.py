"""The TPC-H example, by each way in: the very events that plain Python makes of the same files."""

import datetime
import subprocess
import sys

import program
import yaml
from stack import SYNC_TEMPLATE, packaged, until

SCALE = "0.01"


def carry(stack, example, form, start, **parameters):
    """Puts an extract into the bucket, starts its run, and compares what arrives."""
    name = f"{example}-{form}"
    document = yaml.safe_load((program.EXAMPLES / f"{example}.yaml").read_text())
    document["sync"] = name
    document["source"]["extract"] = f"s3://{stack.bucket}/extracts/{name}/"
    document["destination"] |= {"write_key": {"secret": f"backhaul/{name}"}, "max_events_per_second": 100000}
    stack.put(f"syncs/{name}.yaml", yaml.dump(document, sort_keys=False).encode())
    stack.deploy(f"{stack.name}-{name}", packaged(SYNC_TEMPLATE), SyncName=name, BackhaulStack=stack.name, **parameters)
    secrets = stack.emulator.client("secretsmanager")
    secrets.put_secret_value(SecretId=f"backhaul/{name}", SecretString=f"key-of-{name}")
    extract, before = program.tpch(SCALE) / f"{example}.{form}", stack.api.events_file.stat().st_size
    stack.put(f"extracts/{name}/{example}.{form}", extract.read_bytes())
    start(name)
    report = until(f"report of {name}", lambda: stack.reports(name))[0]
    assert report["status"] == "succeeded", report
    events = stack.api.events_file.parent / f"{name}.jsonl"
    with open(stack.api.events_file, "rb") as arrived:
        arrived.seek(before)
        events.write_bytes(arrived.read())
    words = [sys.executable, program.DATA / "oracle.py", example, "--extract", extract, "--events", events]
    compared = subprocess.run(words, capture_output=True, text=True)
    assert compared.returncode == 0, compared.stdout + compared.stderr


def tpch_customers_arrive_by_a_drop(stack):
    carry(stack, "customers", "csv", lambda name: None)


def tpch_customers_arrive_by_a_schedule(stack):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    schedule = f"at({soon:%Y-%m-%dT%H:%M:%S})"
    carry(stack, "customers", "jsonl", lambda name: None, ScheduleExpression=schedule, OnDrop="false")


def tpch_orders_arrive_by_the_state_machine(stack):
    def start(name):
        answer = stack.execute({"sync": name}, 120)
        assert answer["status"] == "SUCCEEDED", answer

    carry(stack, "orders", "jsonl", start, OnDrop="false")


CHECKS = [tpch_customers_arrive_by_a_drop, tpch_customers_arrive_by_a_schedule, tpch_orders_arrive_by_the_state_machine]
