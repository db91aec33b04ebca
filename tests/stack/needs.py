#!/usr/bin/env python3
"""Prints a Python that has the emulator, in a virtual environment that is made once."""

import pathlib
import subprocess
import venv

import program

NEEDS = pathlib.Path(__file__).parent / "needs.txt"


def python():
    home = program.TARGET / "stack" / "venv"
    interpreter, ready = home / "bin" / "python", home / "ready"
    if not ready.exists() or ready.read_text() != NEEDS.read_text():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", NEEDS], check=True)
        ready.write_text(NEEDS.read_text())
    return interpreter


if __name__ == "__main__":
    print(python())
