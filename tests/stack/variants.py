"""The stack with other parameters than the defaults."""

from sync import Sync

BUCKET = "acme-own-ledger"


def prepare(emulator):
    """Makes a bucket and a key as a user has them already, and returns the parameters that name them."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    # The command of infra/README.md.
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    return {
        "LedgerBucket": BUCKET,
        "KmsKeyArn": key,
        "ExtractBucketArns": "arn:aws:s3:::acme-unload,arn:aws:s3:::acme-other",
        "NotificationEmail": "ops@example.com",
        "Tracing": "Active",
        "SenderTimeout": "120",
        "SendersPerAction": 2,
        "ExtractDays": 30,
    }


def bucket_of_the_users_serves_as_ledger(stack):
    assert stack.bucket == BUCKET
    people = Sync(stack, "owned", actions=("identify", "track"))
    people.drop("a b+c.jsonl", 100)
    report = people.report()
    assert (report["status"], report["api_calls"]) == ("succeeded", 200), report
    people.drop("b.jsonl", 0)
    assert people.report(2)["jobs"]["planned"] == 0


def extract_buckets_may_be_read_and_no_others(stack):
    for bucket, allowed in (("acme-unload", True), ("acme-other", True), ("acme-payroll", False)):
        for role in ("SchedulerRole", "TrackRole", "TestMappingRole"):
            assert stack.may(role, "s3:GetObject", f"arn:aws:s3:::{bucket}/a/b.csv") == allowed, (role, bucket)
            assert stack.may(role, "s3:ListBucket", f"arn:aws:s3:::{bucket}") == allowed, (role, bucket)
            assert not stack.may(role, "s3:PutObject", f"arn:aws:s3:::{bucket}/a/b.csv"), (role, bucket)


def message_comes_back_after_six_times_the_senders_timeout(stack):
    attributes = stack.sqs.get_queue_attributes(QueueUrl=stack.outputs["TrackQueueUrl"], AttributeNames=["VisibilityTimeout"])
    function = stack.functions.get_function_configuration(FunctionName=f"{stack.name}-send-track")
    assert int(attributes["Attributes"]["VisibilityTimeout"]) == 6 * int(function["Timeout"]) == 720
    assert function["Environment"]["Variables"]["BACKHAUL_SENDER_CONCURRENCY"] == "2"


CHECKS = [
    bucket_of_the_users_serves_as_ledger,
    extract_buckets_may_be_read_and_no_others,
    message_comes_back_after_six_times_the_senders_timeout,
]
