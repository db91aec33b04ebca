"""The `backhaul` program as the end-to-end tests run it. Standard library only."""

import json
import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
DATA = ROOT / "tests" / "data"
EXAMPLES = ROOT / "infra" / "examples" / "tpch"
PACKAGES = ["duckdb==1.5.5", "duckdb-extensions", "duckdb-extension-tpch==1.5.5"]


def build(release):
    """Builds the program and returns its path."""
    profile = ["--release"] if release else []
    subprocess.run(["cargo", "build", "--locked", "--quiet", "-p", "backhaul", *profile], cwd=ROOT, check=True)
    return TARGET / ("release" if release else "debug") / "backhaul"


def python():
    """Returns a Python that has DuckDB, in a virtual environment that is made once."""
    home = TARGET / "venv"
    interpreter = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != " ".join(PACKAGES):
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        ready.write_text(" ".join(PACKAGES))
    return interpreter


def tpch(scale):
    """Returns the folder with the extracts of a scale, generated once."""
    folder = TARGET / "tpch" / scale
    done = folder / "done"
    if not done.exists():
        command = [python(), DATA / "tpch.py", folder, "--scale", scale, "--formats", "csv,jsonl"]
        subprocess.run(command, check=True)
        done.touch()
    return folder


class Run:
    """One finished `backhaul sync`: its exit status, report, what it said, and its peak memory in bytes."""

    def __init__(self, status, report, said, peak):
        self.status, self.report, self.said, self.peak = status, report, said, peak


def command(binary, sync, extract, sink, chunk_bytes=None):
    """Returns the words of a `backhaul sync` into a sink whose state is beside it."""
    words = [binary, "--json", "sync", EXAMPLES / f"{sync}.yaml", "--extract", extract, "--sink", sink]
    words += ["--state", sink / "state"]
    return words + (["--chunk-bytes", str(chunk_bytes)] if chunk_bytes else [])


def run(words):
    """Runs to the end."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        out, said = process.communicate()
        status = process.returncode
    report = json.loads(out.splitlines()[-1]) if out.strip() else None
    return Run(status, report, said, 0)


def run_measured(words, errors):
    """Runs to the end and notes the peak memory of this process alone."""
    with open(errors, "w+b") as said, open(f"{errors}.out", "w+b") as out:
        pid = os.posix_spawn(
            words[0],
            [os.fspath(word) for word in words],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)],
        )
        _, status, usage = os.wait4(pid, 0)
        out.seek(0)
        said.seek(0)
        lines, said = out.read().decode().splitlines(), said.read().decode()
    report = json.loads(lines[-1]) if lines else None
    finished = Run(os.waitstatus_to_exitcode(status), report, said, usage.ru_maxrss * 1024)
    finished.cpu = usage.ru_utime + usage.ru_stime
    return finished


def check(condition, message):
    """Ends the test with a message unless the condition holds."""
    if not condition:
        sys.exit(f"FAILED: {message}")
