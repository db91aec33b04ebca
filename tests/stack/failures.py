"""What goes wrong, and what becomes of it."""

import os
import signal

from stack import until
from sync import Sync


def killed_function_loses_nothing(stack):
    people = Sync(stack, "killed", OnDrop="false")
    stack.set_visibility("IdentifyQueueUrl", 5)
    people.drop("a.jsonl", 3000)
    stack.gate.shut()
    stack.invoke("scheduler", {"sync": "killed"})
    until("a request under way", lambda: stack.gate.held)
    killed = stack.emulator.processes_of("send-identify")
    for process in killed:
        os.kill(process, signal.SIGKILL)
    stack.gate.open()
    report = people.report()
    assert killed, "no process was found"
    assert (report["status"], report["rows"]) == ("succeeded", 3000), report
    assert set(people.sent()) == set(range(3000))
    assert len(set(people.sent_ids())) == 3000, "a row was sent again under another message id"


def rotated_key_is_picked_up(stack):
    people = Sync(stack, "rotated")
    people.drop("a.jsonl", 10)
    people.report()
    assert stack.gate.keys[-1] == "key-of-rotated"
    people.put_key("rotated-key")
    people.drop("b.jsonl", 10, first=10)
    people.report(2)
    assert stack.gate.keys[-1] == "rotated-key", stack.gate.keys[-1]


def poisoned_job_is_dead_and_its_run_partial(stack):
    people = Sync(stack, "poisoned", OnDrop="false")
    stack.set_visibility("IdentifyQueueUrl", 1)
    for file in range(3):
        people.drop(f"{file}.jsonl", 100, first=100 * file)
    stack.listen("identify", False)
    stack.invoke("scheduler", {"sync": "poisoned"})
    jobs = stack.keys("jobs/identify/poisoned/")
    stack.put(jobs[1], b"{")
    stack.listen("identify", True)
    report = people.report()
    assert report["status"] == "partial", report
    assert (report["jobs"]["done"], report["jobs"]["failed"]) == (2, 1), report
    assert len(people.sent()) == 200


def rows_that_a_run_left_are_sent_by_a_retry_that_names_it(stack):
    people = Sync(stack, "retried", OnDrop="false")
    stack.set_visibility("IdentifyQueueUrl", 1)
    # No row has this column, so that every one is rejected; and one job dies.
    right = stack.read_text("syncs/retried.yaml")
    stack.put("syncs/retried.yaml", right.replace("$.properties.id", "$.properties.person").encode())
    for file in range(3):
        people.drop(f"{file}.jsonl", 100, first=100 * file)
    stack.listen("identify", False)
    stack.invoke("scheduler", {"sync": "retried"})
    stack.put(stack.keys("jobs/identify/retried/")[1], b"{")
    stack.listen("identify", True)
    first = people.report()
    (mapping,) = first["mappings"]
    assert (first["status"], first["jobs"]["failed"], mapping["rejected"], mapping["sent"]) == ("partial", 1, 200, 0), first
    stack.put("syncs/retried.yaml", right.encode())
    answer = stack.command("retry", "latest", "retried")
    assert (answer["retry_of"], answer["jobs"]) == (first["run"], 3), answer
    second = people.report(2)
    assert (second["run"], second["retry_of"], second["status"]) == (answer["run"], first["run"], "succeeded"), second
    assert sorted(people.sent()) == list(range(300))
    # Nothing is left of it then.
    assert stack.command("report", "latest", "retried") == second


def batch_that_nobody_can_send_is_buried_and_its_run_closed(stack):
    people = Sync(stack, "unkeyed", OnDrop="false")
    people.put_key(" ")
    people.drop("a.jsonl", 100)
    answer = stack.execute({"sync": "unkeyed"})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold"), answer
    report = people.report()
    assert (report["status"], report["jobs"]["failed"]) == ("failed", 1), report
    assert not people.sent()


def job_that_takes_longer_than_a_function_may_is_continued(stack):
    # Two seconds' worth of calls for each second that the function has.
    seconds, rate = 8, 1000
    stack.functions.update_function_configuration(FunctionName=f"{stack.name}-send-identify", Timeout=seconds)
    share = rate // int(stack.parameter("SendersPerAction"))
    try:
        queued, stepped = (Sync(stack, name, rate=rate, OnDrop="false") for name in ("long-queued", "long-stepped"))
        for people in (queued, stepped):
            people.drop("a.jsonl", 2 * seconds * share)
        stack.invoke("scheduler", {"sync": queued.name})
        answer = stack.execute({"sync": stepped.name})
        assert answer["status"] == "SUCCEEDED", answer
        for people in (queued, stepped):
            report = people.report()
            assert (report["status"], report["rows"]) == ("succeeded", 2 * seconds * share), report
            assert sorted(people.sent()) == list(range(2 * seconds * share))
            assert len(stack.keys(f"outcomes/{people.name}/")) > 1, "the job was done in one part"
    finally:
        timeout = int(stack.parameter("SenderTimeout"))
        stack.functions.update_function_configuration(FunctionName=f"{stack.name}-send-identify", Timeout=timeout)


CHECKS = [
    killed_function_loses_nothing,
    rotated_key_is_picked_up,
    poisoned_job_is_dead_and_its_run_partial,
    rows_that_a_run_left_are_sent_by_a_retry_that_names_it,
    batch_that_nobody_can_send_is_buried_and_its_run_closed,
    job_that_takes_longer_than_a_function_may_is_continued,
]
