"""The Tracking API simulator, as a process of its own: `backhaul sink`."""

import json
import signal
import subprocess
import urllib.error
import urllib.request
import time

import program
from emulator import free_port


class Api:
    """A running simulator that keeps the events that it accepts in its folder."""

    def __init__(self, folder, *arguments):
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.events_file = free_port(), folder / "events.jsonl"
        self.url = f"http://127.0.0.1:{self.port}"
        binary = program.TARGET / "debug" / "backhaul"
        self.said = open(folder / "said", "wb")
        words = [binary, "sink", "--port", str(self.port), "--out", folder, *arguments]
        self.process = subprocess.Popen(words, stdout=self.said, stderr=self.said)
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url, timeout=1).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)

    def events(self):
        """Returns every event accepted so far, in the order of arrival."""
        if not self.events_file.exists():
            return []
        with open(self.events_file, "rb") as lines:
            return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def requests(self):
        """Returns how many requests have come in."""
        with urllib.request.urlopen(f"{self.url}/__counts", timeout=10) as answer:
            return json.load(answer)["requests"]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(15)
        self.said.close()
