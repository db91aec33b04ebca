"""The functions as Lambda gets them: built once, stripped, each a zip with its `bootstrap`."""

import io
import subprocess
import zipfile

import program

NAMES = ["scheduler", "reporter", "test-mapping", "send-track", "send-identify", "send-group", "send-page", "send-screen"]
FOLDER = program.TARGET / "stack" / "functions"


def build():
    """Builds the functions and the program as every other test does."""
    packages = [word for name in [*NAMES, "backhaul"] for word in ("-p", name)]
    subprocess.run(["cargo", "build", "--locked", "--quiet", *packages], cwd=program.ROOT, check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        built, stripped = program.TARGET / "debug" / name, FOLDER / name
        if not stripped.exists() or stripped.stat().st_mtime < built.stat().st_mtime:
            subprocess.run(["strip", "--strip-all", "-o", stripped, built], check=True)


def zipped(name):
    """Returns the zip of a function; stored, not compressed: it travels over loopback only."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, (FOLDER / name).read_bytes())
    return buffer.getvalue()
