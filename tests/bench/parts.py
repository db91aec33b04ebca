"""What the benchmark's programs share: parts of it on cores of their own, and what they say they used."""

import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HERE = pathlib.Path(__file__).resolve().parent
BENCH = TARGET / "release" / "bench"
DATA = TARGET / "bench"
MEBIBYTE = 1 << 20


def pinned(core, words):
    return ["taskset", "-c", str(core), *map(str, words)]


class Server:
    """One of the benchmark's servers on the second core, for as long as it is used."""

    def __init__(self, *words):
        self.process = subprocess.Popen(pinned(1, [BENCH, *words]), stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def allocator():
    """Returns what infra/template.yaml tells the allocator of functions."""
    return dict(re.findall(r'^ +(MALLOC_\w+): "(\d+)"', (ROOT / "infra" / "template.yaml").read_text(), re.MULTILINE))


def measured(words, **environment):
    """Runs a part on the first core and returns what it says it used."""
    environment = os.environ | allocator() | environment
    done = subprocess.run(pinned(0, words), stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def best(words, repeat, **environment):
    return min((measured(words, **environment) for _ in range(repeat)), key=lambda figures: figures["cpu"])


def per_million(figures):
    return figures["cpu"] / figures["rows"] * 1e6


def table(rows):
    folder = DATA / str(rows)
    if not (folder / "done").exists():
        subprocess.run([BENCH, "generate", folder, str(rows)], check=True)
        (folder / "done").touch()
    return folder


def sender(name, extract, sink, *more):
    return [BENCH, "sender", HERE / "syncs" / f"{name}.yaml", extract, sink.port, *more]


def send(name, extract, sink, gzip, repeat=1):
    return best(sender(name, extract, sink, *(["--gzip"] if gzip else [])), repeat)


def build():
    """Builds the program as what is shipped is built."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "-p", "bench"], cwd=ROOT, check=True)
