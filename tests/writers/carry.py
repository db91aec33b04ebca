"""One file through `backhaul sync --sink`."""

import gzip
import json
import pathlib
import re
import shutil

import program
import rules

# So small that every file but the compressed ones is cut many times.
CHUNK_BYTES = 4_000
ID = re.compile(r"r\d{4}")


def document(path, source):
    """Writes a sync document beside the file: each row as it is, in the properties of a track call."""
    whole = {
        "sync": "writers",
        "source": {"extract": path.name, "id": "id", **source},
        "destination": {"region": "us", "write_key": {"env": "SEGMENT_WRITE_KEY"}},
        "mappings": [{
            "name": "row",
            "action": "track",
            "fields": {
                "user_id": {"@path": "$.properties.id"},
                "event_name": "Row",
                "properties": {"@path": "$.properties"},
            },
        }],
    }  # fmt: skip
    place = path.with_name("sync.yaml")
    # JSON is YAML; what is beyond ASCII is escaped.
    place.write_text(json.dumps(whole, indent=1))
    return place


def carry(binary, path, source, chunk_bytes=CHUNK_BYTES):
    """Returns the rows that came of a file (id → row or Refused), how many it had, and what was said about it."""
    sink = path.parent / "sink"
    shutil.rmtree(sink, ignore_errors=True)
    words = [binary, "--json", "sync", document(path, source), "--sink", sink, "--state", sink / "state"]
    run = program.run([*words, "--chunk-bytes", str(chunk_bytes)])
    if run.report is None:
        return {}, 0, run.said.strip()
    rows, twice = {}, []
    for key, row in [*events(sink), *rejected(sink)]:
        if key in rows:
            twice.append(f"row {key} came twice")
        rows[key] = row
    failed = [str(failure) for failure in run.report.get("failures", [])]
    if "rows" not in run.report:
        return rows, 0, f"{run.report} {run.said.strip()}"
    return rows, run.report["rows"], "\n".join([*failed, *twice])


def events(sink: pathlib.Path):
    path = sink / "events.jsonl"
    if path.exists():
        # Not by `splitlines`: text has line ends of its own that JSON does not escape.
        for line in path.read_bytes().split(b"\n")[:-1]:
            properties = rules.parse(line)["properties"]
            yield properties["id"], properties


def rejected(sink):
    for path in sink.glob("state/rejected/**/*.jsonl.gz"):
        for line in gzip.decompress(path.read_bytes()).split(b"\n"):
            if line:
                row = json.loads(line)
                found = ID.search(row["record"])
                key = found[0] if found else f"row {row['row']}"
                yield key, rules.Refused(row["field"] if row["code"] == "bad_value" else f"{row['code']}: {row['message']}")
