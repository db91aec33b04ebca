"""Small syncs of the tests' own: people with a number each, sent as identify calls."""

import json

import yaml
from stack import SYNC_TEMPLATE, packaged, until

# What each action needs besides the user.
ACTIONS = {
    "track": {"event_name": "Seen", "properties": {"@path": "$.properties"}},
    "identify": {"traits": {"@path": "$.properties"}},
    "group": {"group_id": "people", "traits": {"@path": "$.properties"}},
    "page": {"name": "Seen", "properties": {"@path": "$.properties"}},
    "screen": {"name": "Seen", "properties": {"@path": "$.properties"}},
}


# In every row, and so in no log.
CANARY = "canary-of-rows"

# Calls a second: high, since Segment's limit would only keep the checks waiting.
RATE = 100000


def document(name, bucket, secret, actions, rate):
    mappings = [
        {"name": action, "action": action, "fields": {"user_id": {"@path": "$.properties.id"}, **ACTIONS[action]}}
        for action in actions
    ]
    return {
        "sync": name,
        "source": {"extract": f"s3://{bucket}/extracts/{name}/", "id": "id"},
        "destination": {"write_key": {"secret": secret}, "max_events_per_second": rate},
        "mappings": mappings,
    }


class Sync:
    """A sync with its stack, its secret and its document, in a deployed stack."""

    def __init__(self, stack, name, actions=("identify",), secret=None, rate=RATE, **parameters):
        self.stack, self.name = stack, name
        self.secret = secret or f"backhaul/{name}"
        parameters |= {"SecretName": secret} if secret else {}
        stack.deploy(f"{stack.name}-{name}", packaged(SYNC_TEMPLATE), SyncName=name, BackhaulStack=stack.name, **parameters)
        self.put_key(f"key-of-{name}")
        self.put_document(actions, rate)

    def put_document(self, actions=("identify",), rate=RATE):
        text = yaml.dump(document(self.name, self.stack.bucket, self.secret, actions, rate))
        self.stack.put(f"syncs/{self.name}.yaml", text.encode())

    def use_secret(self, name):
        """Makes a secret as a user has it already, and names it in the document."""
        self.secret = name
        self.stack.emulator.client("secretsmanager").create_secret(Name=name, SecretString=f"key-of-{self.name}")
        self.put_document()

    def allow_secret(self):
        """Deploys a stack that lets the senders read this secret, as for one that was there before."""
        arn = self.stack.emulator.client("secretsmanager").describe_secret(SecretId=self.secret)["ARN"]
        parameters = {"SyncName": f"{self.name}-again", "BackhaulStack": self.stack.name, "SecretArn": arn, "OnDrop": "false"}
        self.stack.deploy(f"{self.stack.name}-{self.name}-again", packaged(SYNC_TEMPLATE), **parameters)

    def put_key(self, key):
        self.stack.emulator.client("secretsmanager").put_secret_value(SecretId=self.secret, SecretString=key)

    def drop(self, file, rows, first=0):
        """Puts an extract where the sync's land, as a warehouse would."""
        self.drop_records(file, ({"id": f"{self.name}-{n}", "n": n, "note": CANARY} for n in range(first, first + rows)))

    def drop_records(self, file, records):
        lines = "".join(json.dumps(record) + "\n" for record in records)
        self.stack.put(f"extracts/{self.name}/{file}", lines.encode())

    def report(self, number=1, seconds=60):
        """Waits for the report of the run with this number, from 1."""
        return until(f"report {number} of {self.name}", lambda: self.reports()[number - 1 :], seconds)[0]

    def reports(self):
        return self.stack.reports(self.name)

    def sent(self):
        """Returns the numbers of the people that the Tracking API accepted, in the order of arrival."""
        return [event["traits"]["n"] for event in self.events()]

    def sent_ids(self):
        return [event["messageId"] for event in self.events()]

    def events(self):
        return [event for event in self.stack.api.events() if event["userId"].startswith(f"{self.name}-")]
