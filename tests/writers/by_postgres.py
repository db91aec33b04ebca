"""PostgreSQL's COPY as writer, by a server that lives as long as the test."""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import needs
import rules
import table
from cases import Case, csv_source, typed

COLUMNS = {
    "id": "text", "text": "text", "more": "text", "i64": "bigint", "u64": "numeric", "f64": "float8", "f32": "real", "d10": "numeric(38,10)",
    "day": "date", "at_us": "timestamp", "at_utc": "timestamptz", "time_us": "time", "uuid": "uuid", "bytes": "bytea", "flag": "boolean",
    "json": "json", "never": "text", "weird": "float8", "list": "text[]", "nested": "text", "jsonb": "jsonb",
}  # fmt: skip
TYPES = {"i64": "number", "u64": "number", "f64": "number", "d10": "number", "flag": "boolean", "json": "json", "jsonb": "json", "weird": "number"}
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Server:
    """A server in a folder of its own, on a socket there."""

    def __init__(self, folder):
        self.folder, self.programs = folder, needs.postgres()
        # PostgreSQL refuses to run as root; its package brings a user for it.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None

    def run(self, *words):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        done = subprocess.run([self.programs / words[0], *words[1:]], cwd=self.folder, capture_output=True, text=True, **identity)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stderr or done.stdout}")

    def start(self):
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off -c timezone=UTC"
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", settings, "start")

    def stop(self):
        # By the process id in data/postmaster.pid.
        self.run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def psql(self, command, given=None, out=subprocess.PIPE):
        words = [self.programs / "psql", "-h", self.folder, "-U", "postgres", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", command]
        done = subprocess.run(words, input=given, stdout=out, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout


@contextlib.contextmanager
def server():
    # A socket's path has to be short, and the server's user has to get there: not under target/.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="backhaul-pg-"))
    started = Server(folder)
    try:
        started.start()
        fill(started)
        yield started
    finally:
        with contextlib.suppress(RuntimeError):
            started.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fill(server):
    """Makes the table, from text in COPY's own format written here."""
    types = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    server.psql(f"CREATE TABLE nasty ({types})")
    source = [name for name in COLUMNS if name not in ("id", "jsonb")]
    lines = []
    for row in table.table(source).to_pylist():
        row["jsonb"] = row["json"]
        lines.append("\t".join(copied(row[name], name) for name in COLUMNS))
    server.psql("COPY nasty FROM STDIN", given="".join(f"{line}\n" for line in lines).encode())


def copied(value, name):
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        text = "\\x" + value.hex()
    elif name == "list":
        text = "{" + ",".join("NULL" if item is None else json.dumps(item, ensure_ascii=False).replace("\\n", "\n") for item in value) + "}"
    elif hasattr(value, "isoformat"):
        text = value.isoformat()
    else:
        text = json.dumps(value) if isinstance(value, list) else str(value)
    return "".join(ESCAPES.get(letter, letter) for letter in text)


# As the recipe in the README has it: arrays as JSON.
RECIPE = f"(SELECT {', '.join(f'to_jsonb({name}) AS {name}' if name == 'list' else name for name in COLUMNS)} FROM nasty)"
RECIPE_TYPES = {**TYPES, "list": "json"}


def write(server, options, what="nasty"):
    def to(path):
        with open(path, "wb") as out:
            server.psql(f"COPY {what} TO STDOUT WITH ({options})", out=out)

    return to


def read(server, options, types=TYPES):
    """Reads the file back into a table of text; its rows come out as hex, which no client can misread."""

    def of(path):
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        server.psql(f"DROP TABLE IF EXISTS again; CREATE TABLE again ({columns})")
        server.psql(f"COPY again FROM STDIN WITH ({options})", given=path.read_bytes())
        lines = server.psql("SELECT encode(convert_to(row_to_json(again)::text, 'UTF8'), 'hex') FROM again").split()
        return rules.rows_of_text((json.loads(bytes.fromhex(line.decode())) for line in lines), types)

    return of


def cases(server):
    def case(name, options, **settings):
        source = {**csv_source(**settings), "types": TYPES}
        return Case("postgres", "csv", name, ".csv", write(server, options), read(server, options.partition(", FORCE_QUOTE")[0]), source)

    yield case("default", "FORMAT csv, HEADER", null=[""])
    yield case("no header", "FORMAT csv", null=[""], header=False, columns=list(COLUMNS))
    yield case("force quote", "FORMAT csv, HEADER, FORCE_QUOTE *", null=[""])
    yield case("|", "FORMAT csv, HEADER, DELIMITER '|'", null=[""], delimiter="|")
    yield case("^A", "FORMAT csv, HEADER, DELIMITER E'\\x01'", null=[""], delimiter="\x01")
    yield case("null \\N", "FORMAT csv, HEADER, NULL '\\N'", null=["\\N"])
    yield case("quote '", "FORMAT csv, HEADER, QUOTE ''''", null=[""], quote="'")
    yield case("escape \\", "FORMAT csv, HEADER, ESCAPE '\\'", null=[""], escape="\\", escape_style="quoted")

    def preset(name, options, **source):
        written, again = write(server, options, RECIPE), read(server, options, RECIPE_TYPES)
        return typed(Case("postgres", "csv", name, ".csv", written, again, {"types": RECIPE_TYPES, **source}), list(COLUMNS))

    yield preset("preset postgres", "FORMAT csv, HEADER", preset="postgres")
    yield preset("preset redshift", "FORMAT csv, HEADER, NULL '\\N'", preset="redshift")
    text = {"delimiter": "\t", "quote": None, "escape": "\\", "escape_style": "letters", "null": ["\\N"], "header": False, "columns": list(COLUMNS)}
    text_format = {"preset": "postgres", "format": "csv"}
    yield preset("text format", "FORMAT text", csv=text, **text_format)
    yield preset("text format, header", "FORMAT text, HEADER", csv={**text, "header": True, "columns": []}, **text_format)
    yield preset("text format, | and NULL", "FORMAT text, DELIMITER '|', NULL 'NULL'", csv={**text, "delimiter": "|", "null": ["NULL"]}, **text_format)
