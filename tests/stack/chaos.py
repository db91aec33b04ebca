"""Everything goes wrong at once: functions are killed, notifications come again, the Tracking API fails. Nothing is lost, and every run closes."""

import os
import random
import signal
import threading

import yaml
from api import Api
from stack import until
from sync import CANARY, RATE, Sync, document

SEED = 20261124
FILES, ROWS = 5, 600
# Of each function. A message is handed out five times, so that what is killed four times is not given up.
KILLS = 4
# A fifth of the requests: refused, broken off, or taken and then broken off.
FAULTS = f"503:10%,reset:5%,reset-after:5%,seed:{SEED}"
STORM = "429:100%,retry-after:1"
STORM_SECONDS = 3


class Chaos:
    """Kills functions and repeats notifications, at moments that the seed says, until it has nothing left to do or is stopped."""

    def __init__(self, stack, sync, storm):
        self.stack, self.sync, self.storm = stack, sync, storm
        self.chance, self.over, self.killed, self.repeated = random.Random(SEED), threading.Event(), 0, 0
        actions = ["identify", "track"]
        kills = [lambda name=name: self.kill(name) for name in (*(f"send-{action}" for action in actions), "reporter", "scheduler")]
        self.deeds = kills * KILLS + [self.repeat_job, self.repeat_outcome, self.repeat_extract] * KILLS + [self.start_storm]
        self.chance.shuffle(self.deeds)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        for deed in self.deeds:
            if self.over.wait(self.chance.uniform(0.1, 1.2)):
                return
            deed()

    def kill(self, function):
        # A function that has nothing to do is waited for a little.
        for _ in range(20):
            processes = self.stack.emulator.processes_of(function)
            if processes or self.over.wait(0.1):
                break
        for process in processes:
            try:
                os.kill(process, signal.SIGKILL)
                self.killed += 1
            except ProcessLookupError:
                pass

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
        notify(self.stack, self.sync, self.chance.randrange(FILES))
        self.repeated += 1

    def start_storm(self):
        port, self.stack.gate.port = self.stack.gate.port, self.storm.port
        self.over.wait(STORM_SECONDS)
        self.stack.gate.port = port

    def stop(self):
        self.over.set()
        self.thread.join()


def notify(stack, sync, file):
    """Tells the scheduler of an extract once more, and returns whether it failed."""
    key = f"extracts/{sync}/{file}.jsonl"
    event = {"source": "aws.s3", "detail": {"bucket": {"name": stack.bucket}, "object": {"key": key}}}
    return stack.ask("scheduler", event)[0]


def adults(name, bucket):
    """Returns a document with a call for every person and one for every second, of which each tenth has no id."""
    sync = document(name, bucket, f"backhaul/{name}", ("identify", "track"), RATE)
    sync["mappings"][1]["trigger"] = 'event = "new" and properties.half = 0'
    return yaml.dump(sync).encode()


def chaos_loses_nothing_and_every_run_closes(stack):
    folder, usual = stack.emulator.folder.parent, stack.api
    stack.api, storm = Api(folder / "failing", "--fail", FAULTS), Api(folder / "storm", "--fail", STORM)
    stack.gate.port = stack.api.port
    people = Sync(stack, "chaos", actions=("identify", "track"))
    stack.put("syncs/chaos.yaml", adults("chaos", stack.bucket))
    for queue in ("IdentifyQueueUrl", "TrackQueueUrl", "OutcomeQueueUrl"):
        stack.set_visibility(queue, 5)
    chaos = Chaos(stack, "chaos", storm)
    try:
        for file in range(FILES):
            people.drop_records(f"{file}.jsonl", map(person, range(file * ROWS, (file + 1) * ROWS)))
        chaos.thread.join(60)
        # The schedule's next pass, where a scheduler was killed and nobody told another.
        for file in range(FILES):
            until(f"the plan of file {file}", lambda file=file: not notify(stack, "chaos", file))
        people.report(FILES, 120)
        stack.wait_until_idle()
    finally:
        chaos.stop()
        events = stack.api.events()
        for api in (stack.api, storm):
            api.stop()
        stack.api, stack.gate.port = usual, usual.port
    print(f"seed {SEED}: {chaos.killed} processes killed, {chaos.repeated} notifications repeated", flush=True)
    assert chaos.killed >= KILLS and chaos.repeated >= KILLS, (chaos.killed, chaos.repeated)
    check_reports(stack.reports("chaos"))
    check_events(events)


def person(n):
    return {"id": f"chaos-{n}" if n % 10 else None, "n": n, "half": n % 2, "note": CANARY}


def check_reports(reports):
    """Every run is closed, and of every row its fate is known."""
    assert len(reports) == FILES, reports
    for report in reports:
        assert (report["status"], report["rows"], report["jobs"]["failed"]) == ("partial", ROWS, 0), report
        expected = {"identify": (ROWS * 9 // 10, 0, ROWS // 10), "track": (ROWS * 4 // 10, ROWS // 2, ROWS // 10)}
        for mapping in report["mappings"]:
            counts = (mapping["sent"], mapping["filtered"], mapping["rejected"])
            assert mapping["rows"] == ROWS and counts == expected[mapping["action"]], mapping
        assert report["api_calls"] == sum(mapping["sent"] for mapping in report["mappings"]), report


def check_events(events):
    """Every call arrived, and none under two message ids: the simulator leaves out an id that it has seen."""
    arrived = sorted((event["type"], int(event["userId"].removeprefix("chaos-"))) for event in events)
    people = [n for n in range(FILES * ROWS) if n % 10]
    expected = sorted([("identify", n) for n in people] + [("track", n) for n in people if n % 2 == 0])
    assert arrived == expected, f"{len(arrived)} calls arrived, {len(expected)} were expected"
    assert len({event["messageId"] for event in events}) == len(events)


CHECKS = [chaos_loses_nothing_and_every_run_closes]
