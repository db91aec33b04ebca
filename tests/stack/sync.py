"""Small syncs of the tests' own: people with a number each, sent as identify calls."""

import json

from stack import SYNC_TEMPLATE, packaged, until

DOCUMENT = """
sync: {name}
source:
  extract: s3://{bucket}/extracts/{name}/
  id: id
destination:
  write_key: {{secret: {secret}}}
mappings:
  - name: identify
    action: identify
    fields:
      user_id: {{"@path": "$.properties.id"}}
      traits: {{"@path": "$.properties"}}
"""


class Sync:
    """A sync with its stack, its secret and its document, in a deployed stack."""

    def __init__(self, stack, name, **parameters):
        self.stack, self.name = stack, name
        self.secret = f"backhaul/{name}"
        stack.deploy(f"{stack.name}-{name}", packaged(SYNC_TEMPLATE), SyncName=name, BackhaulStack=stack.name, **parameters)
        self.put_key(f"key-of-{name}")
        document = DOCUMENT.format(name=name, bucket=stack.bucket, secret=self.secret)
        stack.put(f"syncs/{name}.yaml", document.encode())

    def put_key(self, key):
        self.stack.emulator.client("secretsmanager").put_secret_value(SecretId=self.secret, SecretString=key)

    def drop(self, file, rows, first=0):
        """Puts an extract where the sync's land, as a warehouse would."""
        lines = (json.dumps({"id": f"{self.name}-{n}", "n": n}) for n in range(first, first + rows))
        self.stack.put(f"extracts/{self.name}/{file}", "".join(line + "\n" for line in lines).encode())

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
