"""What each function may do, with the emulator enforcing its role: its work, and no more."""

from emulator import REGION
from sync import ACTIONS, Sync

ACCOUNT = "000000000000"
SCHEDULER, REPORTER, TESTER = "scheduler", "reporter", "test-mapping"


def every_function_does_its_work_with_its_own_role(stack):
    people = Sync(stack, "permitted", actions=ACTIONS)
    people.drop("a.jsonl", 50)
    report = people.report()
    assert (report["status"], report["api_calls"]) == ("succeeded", 250), report
    assert stack.invoke(TESTER, {"sync": "permitted", "n": 1})["answers"]
    people.drop("b.jsonl", 50, first=50)
    people.report(2)
    stepped = Sync(stack, "permitted-steps", actions=ACTIONS, OnDrop="false")
    stepped.drop("a.jsonl", 50)
    answer = stack.execute({"sync": "permitted-steps"})
    assert answer["status"] == "SUCCEEDED", answer
    assert len(stepped.events()) == 250


def no_function_may_touch_what_is_anothers(stack):
    bucket = f"arn:aws:s3:::{stack.bucket}"
    secret, other = (f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}" for name in ("backhaul/a-AbCdEf", "prod/db-AbCdEf"))
    queue = lambda name: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{stack.name}-{name}"  # noqa: E731
    job, plan, report = "s/r/000000-000000", "runs/s/r/plan.json", "runs/s/r/report.json"
    get, put, read_secret, receive = "s3:GetObject", "s3:PutObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage"

    def check(role, allowed, refused):
        may = {(action, target): True for action, target in allowed} | {(action, target): False for action, target in refused}
        wrong = [(role, *asked) for asked, expected in may.items() if stack.may(role, *asked) != expected]
        assert not wrong, f"allowed or refused by mistake: {wrong}"

    for action in ACTIONS:
        foreign = "identify" if action != "identify" else "track"
        check(
            f"{action.title()}Role",
            [
                (get, f"{bucket}/jobs/{action}/{job}-{action}.json"),
                (put, f"{bucket}/jobs/{action}/{job}-{action}.1.json"),
                (put, f"{bucket}/outcomes/{job}-{action}.json"),
                (put, f"{bucket}/rejected/{job}-{action}.jsonl.gz"),
                (get, f"{bucket}/{plan}"),
                (get, f"{bucket}/extracts/s/a.csv"),
                ("s3:GetObjectVersion", f"{bucket}/extracts/s/a.csv"),
                (read_secret, secret),
                (receive, queue(action)),
            ],
            [
                (get, f"{bucket}/jobs/{foreign}/{job}-{foreign}.json"),
                (put, f"{bucket}/jobs/{foreign}/{job}-{foreign}.json"),
                (put, f"{bucket}/outcomes/{job}-{foreign}.json"),
                (put, f"{bucket}/rejected/{job}-{foreign}.jsonl.gz"),
                # A sync may be called after an action.
                (put, f"{bucket}/outcomes/of-{action}s/r/000000-000000-{foreign}.json"),
                (put, f"{bucket}/{plan}"),
                (put, f"{bucket}/{report}"),
                (put, f"{bucket}/extracts/s/a.csv"),
                (put, f"{bucket}/syncs/s.yaml"),
                (put, f"{bucket}/claims/s/x"),
                ("s3:DeleteObject", f"{bucket}/outcomes/{job}-{action}.json"),
                (get, "arn:aws:s3:::another-bucket/extracts/s/a.csv"),
                (read_secret, other),
                (receive, queue(foreign)),
                (receive, queue(f"{action}-dead")),
            ],
        )
    check(
        "SchedulerRole",
        [(get, f"{bucket}/syncs/s.yaml"), (put, f"{bucket}/{plan}"), (put, f"{bucket}/claims/s/x"), (put, f"{bucket}/jobs/track/{job}-track.json"), (get, f"{bucket}/outcomes/{job}-track.json"), (put, f"{bucket}/outcomes/{job}-track.json")],
        [(read_secret, secret), (get, f"{bucket}/rejected/{job}-track.jsonl.gz"), (put, f"{bucket}/rejected/{job}-track.jsonl.gz"), (put, f"{bucket}/{report}"), (put, f"{bucket}/syncs/s.yaml"), (receive, queue("track"))],
    )
    check(
        "ReporterRole",
        [(get, f"{bucket}/{plan}"), (get, f"{bucket}/outcomes/{job}-track.json"), (put, f"{bucket}/{report}"), (receive, queue("track-dead"))],
        [(read_secret, secret), (get, f"{bucket}/extracts/s/a.csv"), (get, f"{bucket}/rejected/{job}-track.jsonl.gz"), (put, f"{bucket}/{plan}"), (receive, queue("track"))],
    )
    check(
        "TestMappingRole",
        [(get, f"{bucket}/syncs/s.yaml"), (get, f"{bucket}/extracts/s/a.csv")],
        [(read_secret, secret), (put, f"{bucket}/syncs/s.yaml"), (put, f"{bucket}/{plan}"), (get, f"{bucket}/{plan}")],
    )
    check(
        "SyncRole",
        [(get, f"{bucket}/runs/s/r/batches.json")],
        [(get, f"{bucket}/extracts/s/a.csv"), (put, f"{bucket}/runs/s/r/batches.json"), (read_secret, secret)],
    )


def handed_out(people):
    """Returns the event that sends what the sync's first run has to send."""
    people.drop("a.jsonl", 10)
    batches = people.stack.invoke("scheduler", {"sync": people.name, "fan_out": "caller"})["runs"][0]["batches"]
    return {"jobs": people.stack.read(batches)[0]["jobs"]}


def secret_of_another_name_may_be_read_where_the_syncs_stack_makes_it(stack):
    people = Sync(stack, "foreign", secret="prod/foreign", OnDrop="false")
    assert stack.invoke("send-identify", handed_out(people))["jobs"][0]["end"] == "done"
    assert len(people.sent()) == 10


def secret_that_was_there_is_refused_until_a_syncs_stack_allows_it(stack):
    people = Sync(stack, "older", OnDrop="false")
    people.use_secret("prod/older")
    jobs = handed_out(people)
    refused = stack.error_of("send-identify", jobs)
    assert refused["errorType"] == "BadWriteKey" and "prod/older" in refused["errorMessage"], refused
    assert not people.sent()
    people.allow_secret()
    assert stack.invoke("send-identify", jobs)["jobs"][0]["end"] == "done"
    assert len(people.sent()) == 10


CHECKS = [
    every_function_does_its_work_with_its_own_role,
    no_function_may_touch_what_is_anothers,
    secret_of_another_name_may_be_read_where_the_syncs_stack_makes_it,
    secret_that_was_there_is_refused_until_a_syncs_stack_allows_it,
]
