"""ministack, an AWS emulator that runs `provided.al2023` functions as processes, on a free port of the loopback interface."""

import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
from botocore.config import Config

REGION = "us-east-1"


def wakes_of(process):
    """Returns how often a process was waiting and went on: while a function has nothing to do, this stays as it is."""
    wakes = 0
    try:
        for thread in pathlib.Path(f"/proc/{process}/task").iterdir():
            wakes += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (thread / "status").read_text(), re.MULTILINE)[1])
    except OSError:
        # It is gone.
        pass
    return wakes


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Emulator:
    """A running emulator. What it says goes to `log` in its folder."""

    def __init__(self, folder, **settings):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.url = f"http://127.0.0.1:{self.port}"
        # Functions inherit the environment, so there is nothing else in it. Its listeners for IoT and SFTP would not stay on loopback.
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self.log = open(self.folder / "log", "wb")
        program = pathlib.Path(sys.executable).parent / "ministack"
        self.process = subprocess.Popen(
            [program], env=environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.clients = {}
        self.wait()

    def wait(self):
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"FAILED: the emulator did not start: see {self.folder / 'log'}")

    def client(self, service, **credentials):
        """Returns a client for a service, as the administrator or as whose credentials are given."""
        if credentials or service not in self.clients:
            config = Config(retries={"max_attempts": 1}, read_timeout=120, s3={"addressing_style": "path"})
            keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            client = boto3.client(service, endpoint_url=self.url, region_name=REGION, config=config, **keys)
            if credentials:
                return client
            self.clients[service] = client
        return self.clients[service]

    def processes_of(self, function):
        """Returns the ids of the processes that run a function, all of them this emulator's own."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            named = any(v.startswith(b"AWS_LAMBDA_FUNCTION_NAME=") and v.endswith(f"-{function}".encode()) for v in variables)
            if named and f"AWS_ENDPOINT_URL={self.url}".encode() in variables:
                found.append(int(folder.name))
        return found

    def struck(self, function):
        """Returns how many invocations of a function ended because their process did; one that died between invocations is not told."""
        said = (self.folder / "log").read_text(errors="replace")
        return len(re.findall(rf"Lambda \S*-{function}: Runtime exited before returning a response", said))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
