"""Everything goes wrong at once: functions are killed, notifications come again, the Tracking API fails. Nothing is lost, and every run closes."""

import os
import random
import signal
import threading
import time

import yaml
from api import Api
from emulator import wakes_of
from stack import until
from sync import CANARY, Sync, document

SEED = 20261124
FILES, ROWS = 20, 150
# Calls a second: with five senders for an action, a job takes some seconds, and all of them longer than the deeds.
RATE = 100
FUNCTIONS = ["send-identify", "send-track", "reporter", "scheduler"]
# Of each function, while it is at work. A message is handed out five times, so that what is killed four times is not given up.
KILLS = 4
# After so many seconds a message comes again: longer than a job takes.
VISIBILITY = {"IdentifyQueueUrl": 15, "TrackQueueUrl": 15, "OutcomeQueueUrl": 5}
# A fifth of the requests: refused, broken off, or taken and then broken off.
FAULTS = f"503:10%,reset:5%,reset-after:5%,seed:{SEED}"
STORM = "429:100%,retry-after:1"
STORM_SECONDS = 3


class Chaos:
    """Kills functions at work and repeats notifications, at moments that the seed says, until it has nothing left to do or is stopped."""

    def __init__(self, stack, people, storm):
        self.stack, self.sync, self.people, self.storm = stack, people.name, people, storm
        self.chance, self.over, self.repeated = random.Random(SEED), threading.Event(), 0
        self.before = {function: stack.emulator.struck(function) for function in FUNCTIONS}
        # The last files land where a scheduler is to be killed.
        self.dropped = 0
        while self.dropped < FILES - KILLS:
            self.drop()
        kills = [lambda function=function: self.kill(function) for function in FUNCTIONS]
        self.deeds = kills * KILLS + [self.repeat_job, self.repeat_outcome, self.repeat_extract] * KILLS + [self.start_storm]
        self.chance.shuffle(self.deeds)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        for deed in self.deeds:
            if self.over.wait(self.chance.uniform(0.1, 1.2)):
                return
            deed()

    def drop(self):
        first = self.dropped * ROWS
        self.people.drop_records(f"{self.dropped}.jsonl", map(person, range(first, first + ROWS)))
        self.dropped += 1

    def killed(self):
        """Returns how many invocations of each function were cut off."""
        return {function: self.stack.emulator.struck(function) - before for function, before in self.before.items()}

    def kill(self, function):
        """Kills a process of a function until one had an invocation."""
        before = self.stack.emulator.struck(function)
        for _ in range(5):
            self.give_work(function)
            self.kill_at_work(function)
            # The emulator looks every 50 ms.
            for _ in range(10):
                if self.over.wait(0.05) or self.stack.emulator.struck(function) > before:
                    return

    def give_work(self, function):
        """Senders have work all the time; the others are told of something."""
        if function == "scheduler" and self.dropped < FILES:
            self.drop()
        elif function == "scheduler":
            threading.Thread(target=self.repeat_extract, daemon=True).start()
        elif function == "reporter":
            self.repeat_outcome()

    def kill_at_work(self, function):
        """Kills the first process of a function that does something, a moment later."""
        wakes, end = {}, time.monotonic() + 3
        while time.monotonic() < end and not self.over.is_set():
            for process in self.stack.emulator.processes_of(function):
                now = wakes_of(process)
                if now > wakes.setdefault(process, now):
                    time.sleep(self.chance.uniform(0, 0.02))
                    return kill(process)
            time.sleep(0.001)

    def repeat_job(self):
        action = self.chance.choice(["identify", "track"])
        self.tell(f"{action.title()}QueueUrl", f"jobs/{action}/{self.sync}/")

    def repeat_outcome(self):
        self.tell("OutcomeQueueUrl", f"outcomes/{self.sync}/")

    def tell(self, queue, prefix):
        if keys := self.stack.keys(prefix):
            self.stack.tell(queue, self.chance.choice(keys))
            self.repeated += 1

    def repeat_extract(self):
        notify(self.stack, self.sync, self.chance.randrange(self.dropped))
        self.repeated += 1

    def start_storm(self):
        port, self.stack.gate.port = self.stack.gate.port, self.storm.port
        self.over.wait(STORM_SECONDS)
        self.stack.gate.port = port

    def stop(self):
        self.over.set()
        self.thread.join()


def kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def notify(stack, sync, file):
    """Tells the scheduler of an extract once more."""
    key = f"extracts/{sync}/{file}.jsonl"
    event = {"source": "aws.s3", "detail": {"bucket": {"name": stack.bucket}, "object": {"key": key}}}
    stack.ask("scheduler", event)


def adults(name, bucket):
    """Returns a document with a call for every person and one for two thirds of them; each tenth has no id."""
    sync = document(name, bucket, f"backhaul/{name}", ("identify", "track"), RATE)
    sync["mappings"][1]["trigger"] = 'event = "new" and properties.third != 1'
    return yaml.dump(sync).encode()


def person(n):
    return {"id": f"chaos-{n}" if n % 10 else None, "n": n, "third": n % 3, "note": CANARY}


def chaos_loses_nothing_and_every_run_closes(stack):
    folder, usual = stack.emulator.folder.parent, stack.api
    stack.api, storm = Api(folder / "failing", "--fail", FAULTS), Api(folder / "storm", "--fail", STORM)
    stack.gate.port = stack.api.port
    people = Sync(stack, "chaos", actions=("identify", "track"))
    stack.put("syncs/chaos.yaml", adults("chaos", stack.bucket))
    for queue, seconds in VISIBILITY.items():
        stack.set_visibility(queue, seconds)
    quiet, began = storm.requests(), time.monotonic()
    chaos = Chaos(stack, people, storm)
    try:
        # As long as a slow machine needs for all deeds.
        chaos.thread.join(300)
        chaos.stop()
        killed, stormed, early, took = chaos.killed(), storm.requests() - quiet, len(stack.api.events()), time.monotonic() - began
        close_all(stack)
    finally:
        chaos.stop()
        events = stack.api.events()
        for api in (stack.api, storm):
            api.stop()
        stack.api, stack.gate.port = usual, usual.port
    told = f"invocations killed: {killed}; {chaos.repeated} notifications repeated; {stormed} requests in the storm"
    print(f"seed {SEED}: {told}; {early} of {len(events)} calls arrived before the last deed, after {took:.0f} s", flush=True)
    # Else nothing was tried.
    assert min(killed.values()) >= KILLS and chaos.repeated >= KILLS and stormed > 0, told
    check_reports(stack.reports("chaos"))
    check_events(events)


def close_all(stack):
    """Has the scheduler look over the whole sync, as its schedule does, until all rows are reported; then it finds nothing left to do."""
    # It plans what the killed ones did not, as one run.
    stack.invoke("scheduler", {"sync": "chaos"})
    until("reports of all rows", lambda: sum(report["rows"] for report in stack.reports("chaos")) >= FILES * ROWS, 120)
    stack.wait_until_idle()
    before = stack.ledger("chaos")
    runs = stack.invoke("scheduler", {"sync": "chaos"})["runs"]
    stack.wait_until_idle()
    assert runs and all(run["finished"] for run in runs), runs
    changed = before.items() ^ stack.ledger("chaos").items()
    assert not changed, f"the last pass had something left to do: {changed}"


def check_reports(reports):
    """Every run is closed, and of every row its fate is known."""
    people = [person(n) for n in range(FILES * ROWS)]
    called = {"identify": people, "track": [one for one in people if one["third"] != 1]}
    for report in reports:
        assert (report["status"], report["jobs"]["failed"]) == ("partial", 0), report
        assert report["api_calls"] == sum(mapping["sent"] for mapping in report["mappings"]), report
    for action, asked in called.items():
        mappings = [mapping for report in reports for mapping in report["mappings"] if mapping["action"] == action]
        counts = tuple(sum(mapping[fate] for mapping in mappings) for fate in ("rows", "sent", "filtered", "rejected"))
        # A row without an id is rejected before any trigger is looked at.
        named, sent = (sum(1 for one in some if one["id"]) for some in (people, asked))
        assert counts == (len(people), sent, named - sent, len(people) - named), (action, counts)


def check_events(events):
    """Every call arrived, and none under two message ids: the simulator leaves out an id that it has seen."""
    arrived = sorted((event["type"], int(event["userId"].removeprefix("chaos-"))) for event in events)
    people = [n for n in range(FILES * ROWS) if n % 10]
    expected = sorted([("identify", n) for n in people] + [("track", n) for n in people if n % 3 != 1])
    assert arrived == expected, f"{len(arrived)} calls arrived, {len(expected)} were expected"
    assert len({event["messageId"] for event in events}) == len(events)


CHECKS = [chaos_loses_nothing_and_every_run_closes]
