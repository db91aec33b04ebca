"""The stack as users deploy it, and what they do with it."""

import json
import subprocess
import time
import urllib.parse

import yaml

import functions
import program
from emulator import REGION

TEMPLATE = program.ROOT / "infra" / "template.yaml"
SYNC_TEMPLATE = program.ROOT / "infra" / "sync.yaml"
STATE_MACHINE = program.ROOT / "infra" / "sync.asl.json"
CODE_BUCKET = "code"

# The emulator refuses alarms on more than one metric.
UNKNOWN_TO_THE_EMULATOR = {"RejectedAlarm"}


class Tagged(yaml.SafeLoader):
    """Reads a template with its short functions: `!Sub x` as the tag and its value."""


class Dumper(yaml.SafeDumper):
    """Writes them again."""


class Short:
    def __init__(self, tag, value):
        self.tag, self.value = tag, value


def short(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return Short(node.tag, loader.construct_scalar(node))
    if isinstance(node, yaml.SequenceNode):
        return Short(node.tag, loader.construct_sequence(node, deep=True))
    return Short(node.tag, loader.construct_mapping(node, deep=True))


def write_short(dumper, value):
    if isinstance(value.value, str):
        return dumper.represent_scalar(value.tag, value.value)
    if isinstance(value.value, list):
        return dumper.represent_sequence(value.tag, value.value)
    return dumper.represent_mapping(value.tag, value.value)


Tagged.add_multi_constructor("!", short)
Dumper.add_representer(Short, write_short)
Dumper.ignore_aliases = lambda self, value: True


def read_template(path):
    return yaml.load(path.read_text(), Loader=Tagged)


def packaged(path):
    """Returns a template as `sam package` would: code and definition in a bucket, all else as it is."""
    template = read_template(path)
    for name in UNKNOWN_TO_THE_EMULATOR & template["Resources"].keys():
        del template["Resources"][name]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource["Metadata"]["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = {"Bucket": CODE_BUCKET, "Key": f"{binary}.zip"}
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = {"Bucket": CODE_BUCKET, "Key": STATE_MACHINE.name}
    return yaml.dump(template, Dumper=Dumper, sort_keys=False, width=1000)


def until(what, ask, seconds=60, step=0.1):
    """Waits until `ask` returns something true, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(step)
    raise AssertionError(f"{what}: not within {seconds} s")


class Stack:
    """A deployed stack."""

    def __init__(self, emulator, api, gate, name="backhaul", **parameters):
        self.emulator, self.api, self.gate, self.name = emulator, api, gate, name
        self.s3, self.sqs, self.functions = (emulator.client(service) for service in ("s3", "sqs", "lambda"))
        self.upload_code()
        self.outputs = self.deploy(name, packaged(TEMPLATE), Endpoint=gate.url, **parameters)
        self.bucket = self.outputs["Bucket"]
        self.mend_numbers()

    def mend_numbers(self):
        """Makes numbers of what the emulator took from a parameter as text."""
        for mapping in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            limit = {"MaximumConcurrency": int(mapping["ScalingConfig"]["MaximumConcurrency"])}
            self.functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=limit)

    def upload_code(self):
        self.s3.create_bucket(Bucket=CODE_BUCKET)
        for name in functions.NAMES:
            self.s3.put_object(Bucket=CODE_BUCKET, Key=f"{name}.zip", Body=functions.zipped(name))
        if STATE_MACHINE.exists():
            self.s3.put_object(Bucket=CODE_BUCKET, Key=STATE_MACHINE.name, Body=STATE_MACHINE.read_bytes())

    def deploy(self, name, template, **parameters):
        """Creates a stack and returns its outputs."""
        cloudformation = self.emulator.client("cloudformation")
        # By way of a bucket, as `sam deploy` does: the template is larger than what a request may hold.
        self.s3.put_object(Bucket=CODE_BUCKET, Key=f"{name}.template", Body=template.encode())
        cloudformation.create_stack(
            StackName=name,
            TemplateURL=f"{self.emulator.url}/{CODE_BUCKET}/{name}.template",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()],
        )

        def finished():
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = until(f"stack {name}", finished)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
            reasons = [e.get("ResourceStatusReason") for e in events if "FAILED" in e["ResourceStatus"]]
            raise AssertionError(f"stack {name}: {stack['StackStatus']}: {reasons} {stack.get('StackStatusReason')}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def read_text(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def read(self, key):
        return json.loads(self.read_text(key))

    def ledger(self, sync):
        """Returns the key and content tag of everything that the functions wrote for a sync."""
        areas = [f"{area}/{sync}/" for area in ("claims", "runs", "outcomes", "rejected")]
        areas += [f"jobs/{action}/{sync}/" for action in ("track", "identify", "group", "page", "screen")]
        pages = self.s3.get_paginator("list_objects_v2")
        found = [page for area in areas for page in pages.paginate(Bucket=self.bucket, Prefix=area)]
        return {item["Key"]: item["ETag"] for page in found for item in page.get("Contents", [])}

    def tell(self, queue, key):
        """Puts S3's notification of an object into a queue."""
        record = {"s3": {"bucket": {"name": self.bucket}, "object": {"key": urllib.parse.quote_plus(key, safe="/")}}}
        self.sqs.send_message(QueueUrl=self.outputs[queue], MessageBody=json.dumps({"Records": [record]}))

    def wait_until_idle(self):
        """Waits until no queue has a message, waiting or under way."""
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def idle():
            urls = [url for name, url in self.outputs.items() if name.endswith("QueueUrl")]
            found = [self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"] for url in urls]
            return not any(int(number) for attributes in found for number in attributes.values())

        until("idle queues", idle)

    def set_visibility(self, queue, seconds):
        """Makes messages that failed come again soon: by the template they wait six times their function's timeout."""
        self.sqs.set_queue_attributes(QueueUrl=self.outputs[queue], Attributes={"VisibilityTimeout": str(seconds)})

    def listen(self, action, on):
        """Connects a sender with its queue, or disconnects it."""
        mappings = self.functions.list_event_source_mappings(FunctionName=f"{self.name}-send-{action}")
        for mapping in mappings["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)

    def parameter(self, name):
        """Returns a parameter of the stack, given or by default."""
        given = self.emulator.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]["Parameters"]
        return next(parameter["ParameterValue"] for parameter in given if parameter["ParameterKey"] == name)

    def may(self, role, action, target):
        """Returns whether the stack's role allows an action on a resource."""
        iam = self.emulator.client("iam")
        name = self.emulator.client("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=role)
        name = name["StackResourceDetail"]["PhysicalResourceId"]
        arn = iam.get_role(RoleName=name)["Role"]["Arn"]
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[target])
        return answer["EvaluationResults"][0]["EvalDecision"] == "allowed"

    def allow_plain_http(self):
        """Takes away the bucket's policy: the emulator speaks plain HTTP, which it denies."""
        self.s3.delete_bucket_policy(Bucket=self.bucket)

    def log_lines(self):
        """Returns every line that the functions have logged."""
        logs = self.emulator.client("logs")
        lines = []
        for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{self.name}-")["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for page in pages for event in page["events"]]
        return lines

    def execute(self, event, seconds=60):
        """Runs the state machine to its end and returns its description."""
        steps = self.emulator.client("stepfunctions")
        machine = self.outputs["StateMachineArn"]
        execution = steps.start_execution(stateMachineArn=machine, input=json.dumps(event))["executionArn"]

        def ended():
            described = steps.describe_execution(executionArn=execution)
            return None if described["status"] == "RUNNING" else described

        return until("the state machine's end", ended, seconds)

    def invoke(self, function, event):
        """Invokes a function and returns its answer, which must be no error."""
        failed, answer = self.ask(function, event)
        assert not failed, f"{function}: {answer}"
        return answer

    def error_of(self, function, event):
        """Invokes a function and returns its error, which it must have."""
        failed, answer = self.ask(function, event)
        assert failed, f"{function}: {answer}"
        return answer

    def ask(self, function, event):
        answer = self.functions.invoke(FunctionName=f"{self.name}-{function}", Payload=json.dumps(event).encode())
        return "FunctionError" in answer, json.loads(answer["Payload"].read())

    def command(self, *words):
        """Runs the program as an operator does, with the stack's bucket, and returns its answer."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.emulator.folder),
            "AWS_ENDPOINT_URL": self.emulator.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "BACKHAUL_BUCKET": self.bucket,
        }
        binary = program.TARGET / "debug" / "backhaul"
        done = subprocess.run([binary, "--json", *words], env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1) and done.stdout.strip(), done.stderr
        return json.loads(done.stdout)

    def reports(self, sync):
        """Returns the reports of a sync's closed runs, oldest first."""
        found = [key for key in self.keys(f"runs/{sync}/") if key.endswith("/report.json")]
        return [self.read(key) for key in sorted(found)]
