"""Installs what the writers need, once, and prints the Python that has it. Standard library only.

Python's packages go to a virtual environment under target/. PostgreSQL's server is taken where it is installed; as root, Debian's
package is installed where it is not.
"""

import glob
import os
import pathlib
import shutil
import subprocess
import sys
import venv

import program

HOME = program.TARGET / "writers"
LIST = pathlib.Path(__file__).with_name("needs.txt")


def python():
    """Returns a Python that has the packages of needs.txt."""
    home = HOME / "venv"
    interpreter = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != LIST.read_text():
        venv.create(home, with_pip=True, clear=True)
        install = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", LIST]
        subprocess.run(install, check=True, stdout=sys.stderr)
        ready.write_text(LIST.read_text())
    return interpreter


def postgres():
    """Returns the folder of PostgreSQL's programs, or None."""
    # Debian keeps the server's programs of each version in a folder of their own, off the path.
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    found = folders[-1] if folders else shutil.which("initdb")
    return found and pathlib.Path(found).resolve().parent


def main():
    if not postgres():
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.exit("PostgreSQL's server is missing: install the package `postgresql`")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", *words], check=True, stdout=sys.stderr, env=quiet)
    print(python())


if __name__ == "__main__":
    main()
