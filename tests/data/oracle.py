#!/usr/bin/env python3
"""Compares delivered events with those that the TPC-H syncs should make of their extract.

    python3 oracle.py customers|orders --extract FILE.csv|FILE.jsonl --events events.jsonl [--repeats]

The expected events are written down here by hand, from what Segment's actions are known to emit; nothing of Backhaul
is used. Events are compared as a multiset of JSON values: order of lines and keys is of no matter, numbers are equal
when their doubles are. Message ids are left out of that and checked on their own: each event has one of 1 to 99
characters, and no two different events have the same. With `--repeats`, after a run that was interrupted, an event may
be there several times, always under the same id.

Exit status 0: all agree. 1: they do not; the first differences are printed. Memory: about 150 bytes for each event.
"""

import argparse
import array
import csv
import hashlib
import itertools
import json
import sys

SHOWN = 3
MAX_MESSAGE_ID = 99
URGENT_FROM = 200_000.0


# The mappings of infra/examples/tpch, and the shape of each call. `context.consent` is always there, and `context.traits`
# in track calls; a field without a value is left out, a null inside of traits and properties stays.


def customer_calls(row):
    traits = {
        "name": row["name"],
        "phone": row["phone"],
        "market_segment": row["market_segment"].lower(),
        "account_balance": row["account_balance"],
        "order_count": row["order_count"],
        "lifetime_value": row["lifetime_value"],
        "has_ordered": row["has_ordered"],
        "last_order_date": row["last_order_date"],
        "address": {"street": row["address"], "country": row["nation"]},
    }
    if row["first_order_date"] is not None:
        traits["first_ordered_at"] = row["first_order_date"] + "T00:00:00Z"
    yield {"type": "identify", "userId": row["customer_id"], "context": {"consent": {}}, "traits": traits}
    yield {
        "type": "group",
        "userId": row["customer_id"],
        "groupId": "nation-" + row["nation_id"],
        "context": {"consent": {}},
        "traits": {"name": row["nation"], "region": row["region"]},
    }


def order_calls(row):
    yield track(row, "Order Placed", {
        "order_id": row["order_id"],
        "total": row["total_price"],
        "currency": "USD",
        "item_count": row["item_count"],
        "priority": row["priority"].lower(),
        "fulfilment": "open" if row["shipped_date"] is None else "shipped",
        "shipped_on": row["shipped_date"],
        "clerk": row["clerk"],
        "nation": row["nation"],
        "note": row["comment"],
    })
    if row["priority"] == "1-URGENT" and row["total_price"] >= URGENT_FROM:
        items = int(row["item_count"])
        yield track(row, "Urgent Order Placed", {
            "order_id": row["order_id"],
            "total": row["total_price"],
            "currency": "USD",
            "summary": f"Order {row['order_id']} from {row['nation']}: {items} items",
        })


def track(row, event, properties):
    return {
        "type": "track",
        "event": event,
        "userId": row["customer_id"],
        "timestamp": row["order_date"] + "T00:00:00Z",
        "context": {"traits": {}, "consent": {}},
        "properties": properties,
    }


SYNCS = {
    "customers": (customer_calls, {"account_balance", "order_count", "lifetime_value"}, {"has_ordered"}),
    "orders": (order_calls, {"total_price", "item_count"}, set()),
}


# Rows


def number(text):
    """Every number is a double, and -0 is 0."""
    return float(text) or 0.0


def parse(line):
    return json.loads(line, parse_int=number, parse_float=number)


def rows(path, numbers, booleans):
    """Yields the extract's rows; empty CSV cells are nulls, as DuckDB writes them."""
    if not path.endswith(".csv"):
        with open(path, encoding="utf-8", newline="\n") as lines:
            yield from (parse(line) for line in lines if line.strip())
        return
    convert = {name: number for name in numbers} | {name: {"true": True, "false": False}.__getitem__ for name in booleans}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {
                name: None if cell == "" else convert.get(name, str)(cell)
                for name, cell in row.items()
            }


# Comparing: an event is a 64-bit hash of its canonical JSON, kept in sorted arrays. Two of two million different
# events share a hash once in ten million comparisons; differing runs are then looked at in full.


def fingerprint(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def canonical(event):
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def expected_events(sync, extract):
    calls, numbers, booleans = SYNCS[sync]
    for row in rows(extract, numbers, booleans):
        for call in calls(row):
            yield canonical(call)


def delivered_events(path):
    """Yields line number, canonical JSON without the message id, and the message id."""
    with open(path, encoding="utf-8", newline="\n") as lines:
        for place, line in enumerate(lines, 1):
            try:
                event = parse(line)
            except ValueError as error:
                raise SystemExit(f"{path}: line {place} is not JSON: {error}") from error
            identifier = event.pop("messageId", None)
            yield place, canonical(event), identifier


class Delivered:
    """What was delivered: sorted by event, the hash of each and of its message id."""

    def __init__(self, path):
        events, identifiers, self.bad_ids = array.array("Q"), array.array("Q"), []
        for place, event, identifier in delivered_events(path):
            if not isinstance(identifier, str) or not 1 <= len(identifier) <= MAX_MESSAGE_ID:
                self.bad_ids.append((place, identifier))
            events.append(fingerprint(event))
            identifiers.append(fingerprint(str(identifier)))
        order = sorted(range(len(events)), key=events.__getitem__)
        self.events = array.array("Q", (events[at] for at in order))
        self.identifiers = array.array("Q", (identifiers[at] for at in order))

    def runs(self):
        """Yields the hash of each different event, how often it is there, and the hashes of its message ids."""
        pairs = zip(self.events, self.identifiers)
        for event, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
            identifiers = [identifier for _, identifier in group]
            yield event, len(identifiers), set(identifiers)


def surplus(expected, runs):
    """Compares two sorted sequences of (hash, count): returns (hash, count too many), negative where some are missing."""
    difference = []
    left, right = next(expected, None), next(runs, None)
    while left or right:
        if right is None or (left and left[0] < right[0]):
            difference.append((left[0], -left[1]))
            left = next(expected, None)
        elif left is None or right[0] < left[0]:
            difference.append((right[0], right[1]))
            right = next(runs, None)
        else:
            if left[1] != right[1]:
                difference.append((left[0], right[1] - left[1]))
            left, right = next(expected, None), next(runs, None)
    return difference


def compare(sync, extract, events, repeats):
    """Returns what disagrees, as lines to print, and a line that sums up."""
    wanted = array.array("Q", sorted(fingerprint(event) for event in expected_events(sync, extract)))
    delivered = Delivered(events)
    problems = [] if wanted else ["the extract has no rows"]
    problems += [f"line {place}: messageId {identifier!r}" for place, identifier in delivered.bad_ids[:SHOWN]]

    # One id for each event, and one event for each id: then there are as many pairs as events, and as ids.
    pairs = sum(len(identifiers) for _, _, identifiers in delivered.runs())
    different = sum(1 for _ in delivered.runs())
    identifiers = sum(1 for _ in itertools.groupby(sorted(delivered.identifiers)))
    if pairs > different:
        problems.append(f"{pairs - different:,} message ids too many: an event has several")
    if pairs > identifiers:
        problems.append(f"{pairs - identifiers:,} message ids too few: different events share one")

    groups = ((event, len(list(group))) for event, group in itertools.groupby(wanted))
    counts = ((event, 1 if repeats else count) for event, count, _ in delivered.runs())
    difference = surplus(groups, counts)
    problems += describe(difference, sync, extract, events)
    summary = f"{len(wanted):,} events expected, {len(delivered.events):,} delivered, {identifiers:,} message ids"
    return problems, summary


def describe(difference, sync, extract, events):
    """Goes through both files again for the text of the first differences."""
    if not difference:
        return []
    lines = [f"{len(difference):,} events differ in number"]
    missing = {event for event, count in difference if count < 0}
    extra = {event for event, count in difference if count > 0}
    found = (event for event in expected_events(sync, extract) if fingerprint(event) in missing)
    lines += [f"missing: {event}" for event in itertools.islice(found, SHOWN)]
    found = ((place, event) for place, event, _ in delivered_events(events) if fingerprint(event) in extra)
    lines += [f"not expected, line {place}: {event}" for place, event in itertools.islice(found, SHOWN)]
    return lines


def main():
    parser = argparse.ArgumentParser(description="Compare delivered events with those expected of a TPC-H extract.")
    parser.add_argument("sync", choices=sorted(SYNCS))
    parser.add_argument("--extract", required=True, help="the extract, .csv or .jsonl")
    parser.add_argument("--events", required=True, help="the delivered events, one a line")
    parser.add_argument("--repeats", action="store_true", help="an event may be there several times, under one id")
    arguments = parser.parse_args()
    problems, summary = compare(arguments.sync, arguments.extract, arguments.events, arguments.repeats)
    print(f"{arguments.sync}: {summary}: {'DIFFERENT' if problems else 'all equal'}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
