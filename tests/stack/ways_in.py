"""The three ways in, each from an extract in the bucket to a closed run."""

import datetime
import gzip
import json

from stack import until
from sync import CANARY, Sync


def dropped_extract_is_sent_and_reported(stack):
    people = Sync(stack, "dropped", ScheduleExpression="")
    # S3's own notifications encode such a key, EventBridge's do not.
    people.drop("a b+c%.jsonl", 500)
    report = people.report()
    assert report["status"] == "succeeded", report
    assert (report["rows"], report["mappings"][0]["sent"], report["jobs"]["done"]) == (500, 500, 1), report
    assert sorted(people.sent()) == list(range(500))


def repeated_notification_sends_nothing_new(stack):
    people = Sync(stack, "repeated", OnDrop="false")
    people.drop("a.jsonl", 300)
    event = {"source": "aws.s3", "detail": {"bucket": {"name": stack.bucket}, "object": {"key": "extracts/repeated/a.jsonl"}}}
    first = stack.invoke("scheduler", event)
    people.report()
    before = stack.ledger("repeated")
    # Once more from each side: the object's, its jobs', and its outcomes'.
    assert stack.invoke("scheduler", event)["runs"][0]["run"] == first["runs"][0]["run"]
    for key in stack.keys("jobs/identify/repeated/"):
        stack.tell("IdentifyQueueUrl", key)
    for key in stack.keys("outcomes/repeated/"):
        stack.tell("OutcomeQueueUrl", key)
    stack.wait_until_idle()
    assert stack.ledger("repeated") == before
    assert sorted(people.sent()) == list(range(300))


def schedule_starts_a_run(stack):
    # Once, soon: the shortest rate is a minute.
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    people = Sync(stack, "scheduled", ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})", OnDrop="false")
    people.drop("a.jsonl", 100)
    report = people.report()
    assert report["rows"] == 100, report
    assert sorted(people.sent()) == list(range(100))


def state_machine_plans_sends_and_closes(stack):
    people = Sync(stack, "stepped", OnDrop="false")
    for file in range(5):
        people.drop(f"{file}.jsonl", 100, first=100 * file)
    answer = stack.execute({"sync": "stepped"})
    assert answer["status"] == "SUCCEEDED", answer
    runs = json.loads(answer["output"])["runs"]
    assert [(run["status"], run["rows"]) for run in runs] == [("succeeded", 500)], runs
    assert stack.read(runs[0]["report"])["jobs"]["done"] == 5
    assert not stack.keys("jobs/identify/stepped/"), "job objects were written, too"
    assert sorted(people.sent()) == list(range(500))
    # Started again there is nothing left to do.
    again = json.loads(stack.execute({"sync": "stepped"})["output"])["runs"]
    assert again == runs, again
    assert len(people.sent()) == 500


def run_without_jobs_is_closed(stack):
    people = Sync(stack, "empty")
    people.drop("a.jsonl", 0)
    report = people.report()
    assert (report["status"], report["rows"], report["jobs"]["planned"]) == ("succeeded", 0, 0), report


def report_accounts_for_every_row_and_rejected_rows_are_kept(stack):
    people = Sync(stack, "accounted")
    people.drop_records("a.jsonl", ({"id": f"accounted-{n}" if n % 10 else None, "n": n, "note": CANARY} for n in range(100)))
    report = people.report()
    (mapping,) = report["mappings"]
    counts = [mapping[name] for name in ("rows", "sent", "filtered", "rejected")]
    assert counts == [100, 90, 0, 10] and report["rows"] == 100, report
    assert sum(mapping["reasons"].values()) == 10, report
    (key,) = stack.keys("rejected/accounted/")
    lines = gzip.decompress(stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read()).splitlines()
    assert len(lines) == 10 and all(CANARY in line.decode() for line in lines), lines[:1]
    page = stack.s3.get_object(Bucket=stack.bucket, Key=f"runs/accounted/{report['run']}/report.html")["Body"].read().decode()
    assert "accounted" in page and CANARY not in page


def subscribers_are_told_of_finished_runs_in_words(stack):
    queue = stack.sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    stack.emulator.client("sns").subscribe(TopicArn=stack.outputs["TopicArn"], Protocol="sqs", Endpoint=arn)
    people = Sync(stack, "told")
    people.drop("a.jsonl", 12)
    report = people.report()
    ask = lambda: stack.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages")  # noqa: E731
    message = json.loads(until("the topic's message", ask)[0]["Body"])["Message"]
    run = report["run"]
    assert f"sync told succeeded, 12 rows (run {run}, report runs/told/{run}/report.json)" in message, message


CHECKS = [
    schedule_starts_a_run,
    dropped_extract_is_sent_and_reported,
    repeated_notification_sends_nothing_new,
    state_machine_plans_sends_and_closes,
    run_without_jobs_is_closed,
    report_accounts_for_every_row_and_rejected_rows_are_kept,
    subscribers_are_told_of_finished_runs_in_words,
]
